//! Who is connected: the table of connections, and how many of them are allowed.

use std::{
    collections::{BTreeMap, HashMap, hash_map::Entry},
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
};

use parking_lot::Mutex;
use wigwag_sansio::{Now, Tick};
use wigwag_sip::transaction::{FlowId, Link};

use crate::{Flow, Limits, Transport, outgoing::Outgoing};

/// All connections of an endpoint.
#[derive(Debug)]
pub(crate) struct Connections {
    node: u16,
    limits: Limits,
    next: AtomicU64,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    by_number: BTreeMap<u64, Arc<Connection>>,
    by_peer: HashMap<(Transport, SocketAddr), u64>,
    strangers: HashMap<IpAddr, usize>,
    is_closed: bool,
}

/// One connection, whatever carries it.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) flow: Flow,
    pub(crate) number: u64,
    pub(crate) outgoing: Outgoing,
    /// Counted in [`Table::strangers`].
    is_stranger: AtomicBool,
    /// In microseconds: when the connection ends unless something happens.
    ends_at: AtomicU64,
}

/// Why a connection may not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooMany {
    /// As many connections as are allowed in all, or the endpoint is shutting down.
    #[error("too many connections")]
    Connections,
    /// As many from this source as are allowed without sign-in.
    #[error("too many connections of strangers from one source")]
    Strangers,
}

/// Who began a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opened {
    ByPeer,
    ByUs,
}

impl Connections {
    /// Numbers start with the time, so that a successor process does not use them again.
    pub(crate) fn new(node: u16, limits: Limits, now: Now) -> Self {
        let first = u64::try_from(now.utc.as_millis()).unwrap_or(0) << 16;
        Connections {
            node,
            limits,
            next: AtomicU64::new(first),
            table: Mutex::default(),
        }
    }

    pub(crate) fn open(
        &self,
        transport: Transport,
        local: SocketAddr,
        remote: SocketAddr,
        opened: Opened,
        now: Now,
    ) -> Result<Arc<Connection>, TooMany> {
        let mut table = self.table.lock();
        let limit = match opened {
            Opened::ByPeer => self.limits.connections,
            Opened::ByUs => self.limits.connections + RESERVED,
        };
        if table.is_closed || table.by_number.len() >= limit {
            return Err(TooMany::Connections);
        }
        if opened == Opened::ByPeer {
            table.add_stranger(source(remote), self.limits.strangers_per_source)?;
        }
        let number = self.next.fetch_add(1, Relaxed);
        let id = FlowId {
            node: self.node,
            link: Link::Connection(number),
        };
        let patience = match opened {
            Opened::ByPeer => self.limits.patience,
            Opened::ByUs => self.limits.idle,
        };
        let connection = Arc::new(Connection {
            flow: Flow {
                id,
                transport,
                local,
                remote,
            },
            number,
            outgoing: Outgoing::new(self.limits.unsent_bytes),
            is_stranger: AtomicBool::new(opened == Opened::ByPeer),
            ends_at: AtomicU64::new((now.tick + patience).as_micros()),
        });
        table.by_number.insert(number, Arc::clone(&connection));
        table.by_peer.insert((transport, remote), number);
        Ok(connection)
    }

    pub(crate) fn close(&self, connection: &Connection) {
        let mut table = self.table.lock();
        table.by_number.remove(&connection.number);
        let peer = (connection.flow.transport, connection.flow.remote);
        if table.by_peer.get(&peer) == Some(&connection.number) {
            table.by_peer.remove(&peer);
        }
        if connection.is_stranger.swap(false, Relaxed) {
            table.remove_stranger(source(connection.flow.remote));
        }
    }

    pub(crate) fn find(&self, number: u64) -> Option<Arc<Connection>> {
        self.table.lock().by_number.get(&number).cloned()
    }

    pub(crate) fn find_peer(&self, transport: Transport, remote: SocketAddr) -> Option<Arc<Connection>> {
        let table = self.table.lock();
        let number = table.by_peer.get(&(transport, remote))?;
        table.by_number.get(number).cloned()
    }

    /// Somebody has signed in on it.
    pub(crate) fn authenticated(&self, number: u64, now: Now) {
        let mut table = self.table.lock();
        let Some(connection) = table.by_number.get(&number).cloned() else {
            return;
        };
        if connection.is_stranger.swap(false, Relaxed) {
            table.remove_stranger(source(connection.flow.remote));
        }
        drop(table);
        connection.extend(now.tick + self.limits.idle);
    }

    /// A whole message has been received on it.
    pub(crate) fn heard(&self, connection: &Connection, now: Now) {
        let is_stranger = connection.is_stranger.load(Relaxed);
        let pause = if is_stranger {
            self.limits.idle_stranger
        } else {
            self.limits.idle
        };
        connection.extend(now.tick + pause);
    }

    /// A keep-alive has been received on it, which is no reason to keep a stranger.
    pub(crate) fn pinged(&self, connection: &Connection, now: Now) {
        if !connection.is_stranger.load(Relaxed) {
            connection.extend(now.tick + self.limits.idle);
        }
    }

    /// Lets no more in and asks all to end when they have written what they have.
    pub(crate) fn finish(&self) {
        let mut table = self.table.lock();
        table.is_closed = true;
        for connection in table.by_number.values() {
            connection.outgoing.finish();
        }
    }
}

impl Connection {
    /// When it has to end unless something happens before.
    pub(crate) fn ends_at(&self) -> Tick {
        Tick::from_micros(self.ends_at.load(Relaxed))
    }

    fn extend(&self, until: Tick) {
        self.ends_at.fetch_max(until.as_micros(), Relaxed);
    }
}

impl Table {
    fn add_stranger(&mut self, source: IpAddr, limit: usize) -> Result<(), TooMany> {
        let count = self.strangers.entry(source).or_default();
        if *count >= limit {
            return Err(TooMany::Strangers);
        }
        *count += 1;
        Ok(())
    }

    fn remove_stranger(&mut self, source: IpAddr) {
        if let Entry::Occupied(mut count) = self.strangers.entry(source) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

/// Who is counted as one: an IPv4 address, or the /64 that one IPv6 customer has at least.
fn source(remote: SocketAddr) -> IpAddr {
    match remote.ip().to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
    }
}

/// Connections that we may still open, to carriers for example, when peers have opened as many as they may.
const RESERVED: usize = 1_000;
