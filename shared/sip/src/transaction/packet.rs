//! The bytes of one message, ready to be sent, perhaps more than once.

use std::{
    fmt,
    hash::{DefaultHasher, Hash, Hasher},
};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::wire::{Request, Response};

/// A message as it goes on the wire; `Debug` tells its length and a checksum, never its text.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Packet(Bytes);

impl Packet {
    /// The bytes themselves.
    pub fn bytes(&self) -> &Bytes {
        &self.0
    }

    /// Gives the bytes back.
    pub fn into_bytes(self) -> Bytes {
        self.0
    }
}

impl From<&Request> for Packet {
    fn from(request: &Request) -> Self {
        Packet(request.bytes().clone())
    }
}

impl From<&Response> for Packet {
    fn from(response: &Response) -> Self {
        Packet(response.bytes().clone())
    }
}

impl fmt::Debug for Packet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut checksum = DefaultHasher::new();
        self.0.hash(&mut checksum);
        write!(f, "Packet({} bytes, {:016x})", self.0.len(), checksum.finish())
    }
}
