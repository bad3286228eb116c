//! Which of our own addresses a peer sees: route look-up, and what is advertised outside a NAT of ours.

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    time::Duration,
};

use ipnet::IpNet;
use parking_lot::Mutex;
use wigwag_sansio::{Now, Tick};

use crate::{Flow, config::External};

/// Answers from the system's routing table, kept for a moment.
#[derive(Debug, Default)]
pub(crate) struct Routes {
    known: Mutex<HashMap<IpAddr, (IpAddr, Tick)>>,
}

impl Routes {
    /// The source address of packets to `remote`, as the system would choose it.
    pub(crate) fn source_for(&self, remote: IpAddr, now: Now) -> io::Result<IpAddr> {
        let mut known = self.known.lock();
        if let Some((source, until)) = known.get(&remote)
            && now.tick < *until
        {
            return Ok(*source);
        }
        let source = look_up(remote)?;
        if known.len() >= MAX_KNOWN {
            known.clear();
        }
        known.insert(remote, (source, now.tick + KEPT));
        Ok(source)
    }
}

/// What a peer is told instead of addresses that it cannot reach.
#[derive(Debug)]
pub(crate) struct Advertised {
    pub(crate) external: External,
    pub(crate) local_networks: Vec<IpNet>,
}

impl Advertised {
    pub(crate) fn to(&self, flow: &Flow) -> SocketAddr {
        let remote = flow.remote.ip().to_canonical();
        let is_near = remote.is_loopback() || self.local_networks.iter().any(|network| network.contains(&remote));
        match self.external.of_family(remote) {
            Some(external) if !is_near => SocketAddr::new(external, flow.local.port()),
            Some(_) | None => flow.local,
        }
    }
}

/// Connecting a datagram socket sends nothing and binds it to the address that the route prescribes.
fn look_up(remote: IpAddr) -> io::Result<IpAddr> {
    let any: IpAddr = match remote {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0))?;
    socket.connect((remote, DISCARD))?;
    Ok(socket.local_addr()?.ip())
}

const MAX_KNOWN: usize = 4_096;
const KEPT: Duration = Duration::from_secs(60);
const DISCARD: u16 = 9;

#[cfg(test)]
mod tests {
    use wigwag_sip::transaction::{FlowId, Link};

    use super::*;
    use crate::Transport;

    #[test]
    fn the_way_to_loopback_begins_at_loopback() {
        let routes = Routes::default();
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        assert_eq!(routes.source_for(loopback, Now::default()).unwrap(), loopback);
        assert_eq!(routes.source_for(loopback, Now::default()).unwrap(), loopback);
    }

    #[test]
    fn only_peers_outside_are_told_the_external_address() {
        let advertised = Advertised {
            external: External {
                v4: Some(Ipv4Addr::new(203, 0, 113, 9)),
                v6: None,
            },
            local_networks: vec!["10.0.0.0/8".parse().unwrap()],
        };
        let to = |remote: &str| {
            let remote: SocketAddr = remote.parse().unwrap();
            let local: SocketAddr = "10.1.1.1:5060".parse().unwrap();
            let id = FlowId {
                node: 0,
                link: Link::Connection(1),
            };
            advertised
                .to(&Flow {
                    id,
                    transport: Transport::Tcp,
                    local,
                    remote,
                })
                .to_string()
        };
        assert_eq!(to("198.51.100.7:5060"), "203.0.113.9:5060");
        assert_eq!(to("10.2.2.2:5060"), "10.1.1.1:5060");
        assert_eq!(to("127.0.0.1:5060"), "10.1.1.1:5060");
        assert_eq!(to("[2001:db8::7]:5060"), "10.1.1.1:5060");
    }
}
