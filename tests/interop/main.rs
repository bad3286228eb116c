//! Phones and tools by other makers: baresip, sipp and JsSIP in Chromium call through the real server, on loopback.

/// The path of a scenario for sipp, by its name.
macro_rules! scenario {
    ($name:literal) => {
        std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/sipp/", $name, ".xml"))
    };
}

mod office;

mod browsers;
mod carrier;
mod ending;
mod hold;
mod peers;
mod restarts;
mod ringing;
mod sound;
mod transferring;
mod transports;
mod written;
