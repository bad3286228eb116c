//! What the endpoint is told when it starts.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use ipnet::IpNet;
use wigwag_sip::transaction::Timers;

use crate::{Transport, tls::Tls};

/// Everything the endpoint has to know; [`Config::default`] listens nowhere.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The number of this node in its cluster, which stands in every flow.
    pub node: u16,
    /// The listening sockets. The order of the UDP ones stands in persisted flows, so that new ones come last.
    pub listen: Vec<Listen>,
    /// The certificate for TLS listeners, and whom to trust on TLS connections of ours.
    pub tls: Option<Tls>,
    /// What peers outside `local_networks` are told instead of our own addresses.
    pub external: External,
    /// Networks on our side of the NAT.
    pub local_networks: Vec<IpNet>,
    /// T1, T2 and T4.
    pub timers: Timers,
    /// How much is allowed.
    pub limits: Limits,
}

/// One listening socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listen {
    /// UDP, TCP or TLS.
    pub transport: Transport,
    /// Where; port 0 means any free port.
    pub address: SocketAddr,
}

/// Our addresses as the other side of a NAT sees them; ports are the same on both sides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct External {
    /// For IPv4 peers.
    pub v4: Option<Ipv4Addr>,
    /// For IPv6 peers.
    pub v6: Option<Ipv6Addr>,
}

impl External {
    pub(crate) fn of_family(&self, address: IpAddr) -> Option<IpAddr> {
        match address {
            IpAddr::V4(_) => self.v4.map(IpAddr::V4),
            IpAddr::V6(_) => self.v6.map(IpAddr::V6),
        }
    }
}

/// How much of anything is allowed before it is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Transactions in all, the lingering included.
    pub transactions: usize,
    /// Connections in all.
    pub connections: usize,
    /// Connections per source (IPv4 address or IPv6 /64) that nobody has signed in on yet.
    pub strangers_per_source: usize,
    /// From accepting a connection to its first whole message, and from the first byte of any message to its last.
    pub patience: Duration,
    /// How long a connection without sign-in may stay silent after a message.
    pub idle_stranger: Duration,
    /// How long a connection may stay silent after a sign-in; longer than any registration.
    pub idle: Duration,
    /// How often a WebSocket is pinged, which has to be heard of between two pings.
    pub keep_alive: Duration,
    /// How long opening a connection may take.
    pub connect: Duration,
    /// Bytes that may wait to be written to one connection before it is closed.
    pub unsent_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            transactions: 400_000,
            connections: 20_000,
            strangers_per_source: 100,
            patience: Duration::from_secs(10),
            idle_stranger: Duration::from_secs(60),
            idle: Duration::from_secs(7_800),
            keep_alive: Duration::from_secs(30),
            connect: Duration::from_secs(10),
            unsent_bytes: 1 << 20,
        }
    }
}
