//! Transports, and flows with what is known of them at the moment (RFC 3261 §18, RFC 5626 §3).

use std::{fmt, net::SocketAddr};

use wigwag_sip::{transaction::FlowId, wire::header};

/// How bytes travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// Datagrams.
    Udp,
    /// A plain connection.
    Tcp,
    /// An encrypted connection.
    Tls,
    /// A WebSocket (RFC 7118).
    Ws,
    /// An encrypted WebSocket.
    Wss,
}

impl Transport {
    /// All of them.
    pub const ALL: [Transport; 5] = [
        Transport::Udp,
        Transport::Tcp,
        Transport::Tls,
        Transport::Ws,
        Transport::Wss,
    ];

    /// The name in a `transport` parameter of a URI.
    pub const fn as_param(self) -> &'static str {
        match self {
            Transport::Udp => "udp",
            Transport::Tcp => "tcp",
            Transport::Tls => "tls",
            Transport::Ws => "ws",
            Transport::Wss => "wss",
        }
    }

    /// The port where none is named.
    pub const fn default_port(self) -> u16 {
        match self {
            Transport::Udp | Transport::Tcp => 5060,
            Transport::Tls => 5061,
            Transport::Ws => 80,
            Transport::Wss => 443,
        }
    }

    /// Whether nobody on the path can read what is sent.
    pub const fn is_encrypted(self) -> bool {
        match self {
            Transport::Udp | Transport::Tcp | Transport::Ws => false,
            Transport::Tls | Transport::Wss => true,
        }
    }
}

impl From<Transport> for header::Transport {
    fn from(transport: Transport) -> header::Transport {
        match transport {
            Transport::Udp => header::Transport::Udp,
            Transport::Tcp => header::Transport::Tcp,
            Transport::Tls => header::Transport::Tls,
            Transport::Ws => header::Transport::Ws,
            Transport::Wss => header::Transport::Wss,
        }
    }
}

/// A path to one peer, as it is now.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Flow {
    /// What to keep in order to use the flow again.
    pub id: FlowId,
    /// How bytes travel.
    pub transport: Transport,
    /// Our address, where the peer can reach us on this transport unless a NAT of ours is between.
    pub local: SocketAddr,
    /// The peer's address as we see it, behind all NATs.
    pub remote: SocketAddr,
}

impl fmt::Debug for Flow {
    /// Without addresses, which are personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Flow({:?} {:?})", self.transport, self.id.link)
    }
}

/// Where a request is to go.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Destination {
    /// Back along a flow, for registered devices and within dialogs.
    Flow(FlowId),
    /// To an address, over a connection that is there already or will be opened.
    Address {
        /// UDP, TCP or TLS.
        transport: Transport,
        /// Where to.
        address: SocketAddr,
    },
}

impl fmt::Debug for Destination {
    /// Without addresses, which are personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Destination::Flow(id) => write!(f, "Flow({:?})", id.link),
            Destination::Address { transport, .. } => write!(f, "Address({transport:?})"),
        }
    }
}
