//! The media plane, played: it has ports or not, and remembers what every leg was told.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
};

use wigwag_model::LegId;
use wigwag_pbx::call::{MediaCommand, NoPorts, Ports};
use wigwag_sip::sdp::{Agreement, Format};

use super::network::EXCHANGE;

/// A leg among all calls.
pub(crate) type LegKey = (u64, LegId);

/// The sound of all legs.
#[derive(Debug)]
pub(crate) struct Media {
    /// How many further legs find ports.
    pub(crate) ports_left: usize,
    next_port: u16,
    open: BTreeMap<LegKey, Option<Agreement>>,
    joined: BTreeMap<LegKey, LegKey>,
    closed: BTreeSet<LegKey>,
}

impl Media {
    pub(crate) fn new() -> Self {
        Media {
            ports_left: usize::MAX,
            next_port: 16_384,
            open: BTreeMap::new(),
            joined: BTreeMap::new(),
            closed: BTreeSet::new(),
        }
    }

    pub(crate) fn open(&mut self, key: LegKey) -> Result<Ports, NoPorts> {
        assert!(!self.closed.contains(&key), "a leg is opened again after its end");
        self.ports_left = self.ports_left.checked_sub(1).ok_or(NoPorts)?;
        assert!(self.open.insert(key, None).is_none(), "a leg is opened twice");
        let port = self.next_port;
        self.next_port += 2;
        Ok(Ports {
            rtp: SocketAddr::new(EXCHANGE.ip(), port),
            rtcp: SocketAddr::new(EXCHANGE.ip(), port + 1),
        })
    }

    /// Carries out what needs no reply.
    pub(crate) fn obey(&mut self, (call, sounds): (u64, &BTreeMap<LegId, LegKey>), command: &MediaCommand) {
        let key = |leg: &LegId| sounds.get(leg).copied().unwrap_or((call, *leg));
        match command {
            MediaCommand::Open { .. } => {}
            MediaCommand::Configure { leg, agreement } => {
                let known = self.open.get_mut(&key(leg));
                *known.expect("only an open leg is configured") = Some((**agreement).clone());
            }
            MediaCommand::Bridge { first, second } => {
                let (first, second) = (key(first), key(second));
                assert!(
                    self.open.contains_key(&first) && self.open.contains_key(&second),
                    "open legs are bridged"
                );
                self.joined.insert(first, second);
                self.joined.insert(second, first);
            }
            MediaCommand::Echo { leg } => {
                assert!(self.open.contains_key(&key(leg)), "an open leg is echoed");
                self.joined.insert(key(leg), key(leg));
            }
            MediaCommand::Part { first, second } => {
                self.joined.remove(&key(first));
                self.joined.remove(&key(second));
            }
            MediaCommand::Confer { legs } => {
                for leg in legs {
                    assert!(self.open.contains_key(&key(leg)), "open legs confer");
                    self.joined.remove(&key(leg));
                }
            }
            MediaCommand::Play { leg, .. } | MediaCommand::Listen { leg } | MediaCommand::Stop { leg } => {
                assert!(self.open.contains_key(&key(leg)), "an open leg is played to");
            }
            MediaCommand::Close { leg } => {
                let key = key(leg);
                assert!(self.open.remove(&key).is_some(), "an open leg is closed, once");
                self.joined.remove(&key);
                self.closed.insert(key);
                self.ports_left = self.ports_left.saturating_add(1);
            }
        }
    }

    /// Legs that have ports.
    pub(crate) fn open_legs(&self) -> usize {
        self.open.len()
    }

    /// Whether the first leg's phone hears the second's: they are joined, one may send and the other receive, and takes
    /// whatever the other may say.
    pub(crate) fn hears(&self, listener: LegKey, speaker: LegKey) -> bool {
        let agreement = |key| self.open.get(&key).and_then(Option::as_ref);
        let (Some(to), Some(from)) = (agreement(listener), agreement(speaker)) else {
            return false;
        };
        let joined = self.joined.get(&listener) == Some(&speaker);
        let flows = to.direction.sends() && to.remote_rtp.is_some() && from.direction.receives();
        let takes = |said: &Format| to.send.codecs.iter().any(|codec| codec.carries_the_same(said));
        joined && flows && from.receive.codecs.iter().all(takes)
    }
}
