//! The torture messages and what a server makes of a message before it looks at its meaning.

use std::{fs, path::PathBuf};

use bytes::Bytes;
use wigwag_sip::wire::{Message, Request, Response};

/// What becomes of a message before routing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It goes on.
    Accepted,
    /// It is answered with this status and goes no further.
    Answered(u16),
    /// It is dropped.
    Dropped,
}

/// Parses and checks one datagram.
pub(crate) fn judge(datagram: &[u8]) -> Outcome {
    match Message::parse(Bytes::copy_from_slice(datagram)) {
        Err(error) => match error.reply() {
            Some(reply) => Outcome::Answered(reply.build().status().as_u16()),
            None => Outcome::Dropped,
        },
        Ok(Message::Request(request)) => match request.validate() {
            Ok(()) => Outcome::Accepted,
            Err(violation) => Outcome::Answered(violation.status().as_u16()),
        },
        Ok(Message::Response(response)) => match response.validate() {
            Ok(()) => Outcome::Accepted,
            Err(_) => Outcome::Dropped,
        },
    }
}

/// The octets of one torture message.
pub(crate) fn octets(name: &str) -> Bytes {
    let path = folder().join(format!("{name}.dat"));
    Bytes::from(fs::read(path).expect("the torture messages lie beside the tests"))
}

/// The names of all torture messages, in order.
pub(crate) fn names() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder())
        .expect("the torture messages lie beside the tests")
        .filter_map(|entry| {
            entry
                .ok()?
                .file_name()
                .to_str()?
                .strip_suffix(".dat")
                .map(str::to_owned)
        })
        .collect();
    names.sort();
    names
}

pub(crate) fn request(octets: impl Into<Bytes>) -> Request {
    match Message::parse(octets.into()).expect("a message") {
        Message::Request(request) => request,
        Message::Response(_) => panic!("a response"),
    }
}

pub(crate) fn response(octets: impl Into<Bytes>) -> Response {
    match Message::parse(octets.into()).expect("a message") {
        Message::Response(response) => response,
        Message::Request(_) => panic!("a request"),
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("rfc4475")
}
