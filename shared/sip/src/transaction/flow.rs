//! Where messages come from and go to, as plain data (RFC 3261 §18; "flow" as in RFC 5626 §3).

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::Reliability;

/// A path to one peer that a registration or dialog can hold on to.
///
/// A datagram flow is described completely by its value and outlives the process; a connection's ends with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FlowId {
    /// The node of the cluster that has the socket.
    pub node: u16,
    /// Which socket there, and who is at the other end.
    pub link: Link,
}

/// The two kinds of flow.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Link {
    /// A TCP, TLS or WebSocket connection; numbers are not used again.
    Connection(u64),
    /// A UDP socket of ours and the address of the peer.
    Datagram {
        /// The number of the socket, in the order of the configuration.
        socket: u16,
        /// Our address, as the peer sees it before any NAT of ours.
        local: IpAddr,
        /// The peer's address, as we see it.
        remote: SocketAddr,
    },
}

impl FlowId {
    /// Whether what is sent this way arrives or fails visibly.
    pub const fn reliability(&self) -> Reliability {
        match self.link {
            Link::Connection(_) => Reliability::Reliable,
            Link::Datagram { .. } => Reliability::Unreliable,
        }
    }
}

impl std::fmt::Debug for Link {
    /// Without addresses, which are personal.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Link::Connection(number) => write!(f, "Connection({number})"),
            Link::Datagram { socket, .. } => write!(f, "Datagram({socket})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flows_are_kept_in_a_form_that_does_not_change() {
        let datagram = FlowId {
            node: 3,
            link: Link::Datagram {
                socket: 1,
                local: IpAddr::from([192, 0, 2, 1]),
                remote: SocketAddr::from(([198, 51, 100, 7], 5060)),
            },
        };
        let connection = FlowId {
            node: 3,
            link: Link::Connection(9),
        };
        for (flow, kept) in [
            (datagram, &[3, 1, 1, 0, 192, 0, 2, 1, 0, 198, 51, 100, 7, 196, 39][..]),
            (connection, &[3, 0, 9]),
        ] {
            assert_eq!(postcard::to_allocvec(&flow).expect("plain data"), kept);
            assert_eq!(postcard::from_bytes(kept), Ok(flow));
        }
        assert_eq!(format!("{datagram:?}"), "FlowId { node: 3, link: Datagram(1) }");
    }
}
