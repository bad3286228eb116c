//! What hostile input goes through: each target takes any bytes and panics only where the product is wrong.
//!
//! `cargo xtask fuzz` lets libFuzzer look for such bytes; `replay.rs` goes through the kept ones and their neighbours
//! with every test run. To add a target: a function here, a line in [`TARGETS`], and a seed in `corpus/NAME`.

mod call;
mod credentials;
mod description;
mod gruu;
mod headers;
mod journal;
mod messages;
mod sound;

/// Something that takes any bytes.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, and that of its folder in `corpus`.
    pub name: &'static str,
    /// Takes the bytes; panics where the product is wrong.
    pub run: fn(&[u8]),
}

/// All targets.
pub const TARGETS: [Target; 14] = [
    Target {
        name: "message",
        run: messages::datagram,
    },
    Target {
        name: "stream",
        run: messages::stream,
    },
    Target {
        name: "uri",
        run: messages::uri,
    },
    Target {
        name: "header",
        run: headers::value,
    },
    Target {
        name: "description",
        run: description::offer,
    },
    Target {
        name: "credentials",
        run: credentials::proof,
    },
    Target {
        name: "gruu",
        run: gruu::address,
    },
    Target {
        name: "journal",
        run: journal::lines,
    },
    Target {
        name: "rtp",
        run: sound::packet,
    },
    Target {
        name: "rtcp",
        run: sound::reports,
    },
    Target {
        name: "srtp",
        run: sound::sealed,
    },
    Target {
        name: "keys",
        run: sound::keys,
    },
    Target {
        name: "wav",
        run: sound::file,
    },
    Target {
        name: "call",
        run: call::life,
    },
];
