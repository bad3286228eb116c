//! Which transaction a message belongs to (RFC 3261 §17.1.3, §17.2.3, RFC 2543 peers included).
//!
//! A request matches by the branch and sent-by of its top Via, its method and, beyond the RFC, its Call-ID: devices
//! behind different NATs have been seen to share private addresses and random seeds. A response matches by our own
//! branch, which carries the key and a secret.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::wire::{
    HeaderName, Method, Request,
    header::{CSeq, From, To, Via},
};

/// A server transaction, as its user names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ServerKey(u64);

/// A client transaction, as its owner names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ClientKey(u64);

impl ServerKey {
    /// The key with this sequence number; a layer hands out each once.
    pub fn new(shard: u8, sequence: u64) -> Self {
        ServerKey(key(shard, sequence))
    }

    /// The number of the [`Layer`](super::Layer) that has the transaction.
    pub const fn shard(self) -> u8 {
        (self.0 >> 56) as u8
    }
}

impl ClientKey {
    /// The key with this sequence number; a layer hands out each once.
    pub fn new(shard: u8, sequence: u64) -> Self {
        ClientKey(key(shard, sequence))
    }

    /// The number of the [`Layer`](super::Layer) that has the transaction.
    pub const fn shard(self) -> u8 {
        (self.0 >> 56) as u8
    }

    /// Not after any other.
    pub(super) const FIRST: ClientKey = ClientKey(0);

    /// The transaction of the CANCEL for the INVITE with this key.
    pub(super) const fn of_cancel(self) -> Self {
        ClientKey(self.0 | 1)
    }
}

/// Leaves the lowest bit to [`ClientKey::of_cancel`].
fn key(shard: u8, sequence: u64) -> u64 {
    (u64::from(shard) << 56) | ((sequence << 1) & (u64::MAX >> 8))
}

/// The branch of a client transaction: who it is, and a secret that only those on the path know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Branch {
    pub(super) key: ClientKey,
    pub(super) secret: u64,
}

impl Branch {
    pub(super) fn to_text(self) -> String {
        format!("{MAGIC_COOKIE}{:x}.{:016x}", self.key.0, self.secret)
    }

    /// Reads a branch of ours; an INVITE's and its CANCEL's read the same.
    pub(super) fn parse(text: &str) -> Option<Branch> {
        let (key, secret) = text.strip_prefix(MAGIC_COOKIE)?.split_once('.')?;
        Some(Branch {
            key: ClientKey(u64::from_str_radix(key, 16).ok()?),
            secret: u64::from_str_radix(secret, 16).ok()?,
        })
    }
}

/// What tells one server transaction from all others.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Identity(Arc<[u8]>);

impl Identity {
    /// The transaction that `request` belongs to or would make; an ACK and a CANCEL belong to their INVITE's.
    pub(super) fn of(request: &Request) -> Option<Identity> {
        let via = request.require::<Via>().ok()?;
        let call_id = request.header(HeaderName::CallId)?;
        let is_about_invite = matches!(request.method(), Method::Invite | Method::Ack | Method::Cancel);
        let class = if is_about_invite {
            &Method::Invite
        } else {
            request.method()
        };
        let mut parts = Parts::with_capacity(call_id.len() + 96);
        parts.add(class.as_str().as_bytes());
        parts.add(call_id);
        match via.unique_branch() {
            Some(branch) => {
                parts.add(branch.as_bytes());
                parts.add(via.host().to_string().as_bytes());
                parts.add(&via.port().unwrap_or_default().to_be_bytes());
            }
            None => parts.add_rfc_2543(request, is_about_invite)?,
        }
        Some(Identity(parts.0.into()))
    }
}

/// Octets that can be told apart part by part.
struct Parts(Vec<u8>);

impl Parts {
    fn with_capacity(octets: usize) -> Self {
        Parts(Vec::with_capacity(octets))
    }

    fn add(&mut self, part: &[u8]) {
        self.0.extend_from_slice(part);
        self.0.push(0);
    }

    /// Request-URI, tags, CSeq number and the whole top Via. The To tag of an ACK is the response's, not its INVITE's.
    fn add_rfc_2543(&mut self, request: &Request, is_invite: bool) -> Option<()> {
        self.add(request.uri_text().as_bytes());
        self.add(request.require::<From>().ok()?.tag().unwrap_or_default().as_bytes());
        if !is_invite {
            self.add(request.require::<To>().ok()?.tag().unwrap_or_default().as_bytes());
        }
        self.add(request.require::<CSeq>().ok()?.number().to_string().as_bytes());
        self.add(request.header(HeaderName::Via)?);
        Some(())
    }
}

const MAGIC_COOKIE: &str = "z9hG4bK";
