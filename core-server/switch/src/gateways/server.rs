//! A carrier's servers: where its host leads to (RFC 3263 §4).

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use wigwag_model::{GatewaySettings, GatewayTransport};
use wigwag_sip::wire::Host;
use wigwag_sip_io::{Destination, Transport};

/// One server of a carrier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Server {
    pub(crate) transport: Transport,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// The server that needs no looking up: the host is an address, or this machine (RFC 6761 §6.3).
    pub(crate) fn literal(settings: &GatewaySettings) -> Option<Server> {
        let host = Host::parse(&settings.host).ok()?;
        let is_here = host.name().is_some_and(|name| name.eq_ignore_ascii_case("localhost"));
        let ip = host.ip().or(is_here.then_some(IpAddr::V4(Ipv4Addr::LOCALHOST)))?;
        let transport = settings.transport.map_or(Transport::Udp, transport);
        let port = settings.port.unwrap_or(transport.default_port());
        Some(Server {
            transport,
            address: SocketAddr::new(ip, port),
        })
    }

    pub(crate) fn destination(self) -> Destination {
        Destination::Address {
            transport: self.transport,
            address: self.address,
        }
    }

    /// Whether something that comes from `remote` comes from this server. Carriers send from any port, but where all
    /// the world has one address, the port tells them apart.
    pub(crate) fn sends_from(self, remote: SocketAddr) -> bool {
        let is_alone = !self.address.ip().is_loopback();
        self.address.ip().to_canonical() == remote.ip().to_canonical()
            && (is_alone || self.address.port() == remote.port())
    }
}

/// The endpoint's word for a gateway's transport.
pub(crate) fn transport(transport: GatewayTransport) -> Transport {
    match transport {
        GatewayTransport::Udp => Transport::Udp,
        GatewayTransport::Tcp => Transport::Tcp,
        GatewayTransport::Tls => Transport::Tls,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_and_this_machine_need_no_looking_up() {
        let literal = |host: &str, port| {
            let mut settings = GatewaySettings::new("Carrier", host);
            settings.port = port;
            Server::literal(&settings).map(|server| server.address.to_string())
        };
        assert_eq!(literal("192.0.2.1", None).as_deref(), Some("192.0.2.1:5060"));
        assert_eq!(
            literal("[2001:db8::1]", Some(5070)).as_deref(),
            Some("[2001:db8::1]:5070")
        );
        assert_eq!(literal("localhost", Some(5070)).as_deref(), Some("127.0.0.1:5070"));
        assert_eq!(literal("sip.carrier.example", None), None);
    }

    #[test]
    fn on_one_machine_the_port_tells_a_carrier_from_a_phone() {
        let server = |address: &str| Server {
            transport: Transport::Udp,
            address: address.parse().expect("an address"),
        };
        let from = |address: &str| address.parse().expect("an address");
        assert!(server("192.0.2.1:5060").sends_from(from("192.0.2.1:31000")));
        assert!(!server("192.0.2.1:5060").sends_from(from("192.0.2.2:5060")));
        assert!(server("127.0.0.1:5080").sends_from(from("127.0.0.1:5080")));
        assert!(!server("127.0.0.1:5080").sends_from(from("127.0.0.1:5081")));
    }
}
