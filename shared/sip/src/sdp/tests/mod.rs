//! Offers and answers as they come from the field, and calls made of them.

mod bombs;
mod calls;
mod field;
mod holds;
mod printing;
mod security;

use std::net::SocketAddr;

use wigwag_sansio::Entropy;

use super::{Description, Direction, LocalAudio, Negotiation, Suite};

const BARESIP: &str = include_str!("fixtures/baresip.sdp");
const CHROME: &str = include_str!("fixtures/chrome.sdp");
const CISCO: &str = include_str!("fixtures/cisco.sdp");
const FAX: &str = include_str!("fixtures/fax.sdp");
const IPV6: &str = include_str!("fixtures/ipv6.sdp");
const LINPHONE: &str = include_str!("fixtures/linphone.sdp");
const PJSIP: &str = include_str!("fixtures/pjsip.sdp");
const SIPP: &str = include_str!("fixtures/sipp.sdp");
const YEALINK: &str = include_str!("fixtures/yealink.sdp");
const YEALINK_SRTP: &str = include_str!("fixtures/yealink_srtp.sdp");

/// A body as it comes from the wire, with the line ends of the wire.
fn read(text: &str) -> Description {
    Description::parse(text.replace('\n', "\r\n").as_bytes()).unwrap()
}

/// A body as people read it.
fn shown(description: &Description) -> String {
    let text = description.to_string();
    assert!(
        text.lines().count() == text.matches("\r\n").count(),
        "every line ends with CRLF"
    );
    text.replace("\r\n", "\n")
}

/// Our side towards the caller.
fn caller_side() -> LocalAudio {
    plain("198.51.100.1:20000")
}

/// Our side towards the callee.
fn callee_side() -> LocalAudio {
    plain("198.51.100.1:20002")
}

fn plain(rtp: &str) -> LocalAudio {
    LocalAudio {
        rtp: address(rtp),
        suites: Vec::new(),
        direction: Direction::SendRecv,
    }
}

fn secure(rtp: &str) -> LocalAudio {
    LocalAudio {
        suites: vec![Suite::AeadAes256Gcm, Suite::AesCm128HmacSha1_80],
        ..plain(rtp)
    }
}

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn leg(number: u64) -> Negotiation {
    Negotiation::new(Entropy::from_number(number))
}

/// The same leg after it has been moved to another process.
fn thawed(leg: &Negotiation) -> Negotiation {
    postcard::from_bytes(&postcard::to_allocvec(leg).unwrap()).unwrap()
}
