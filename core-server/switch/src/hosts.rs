//! Which host names and addresses are ours.

use std::net::IpAddr;

use smol_str::SmolStr;
use wigwag_sip::wire::{Host, Scheme, SipUri};
use wigwag_sip_io::{Listen, Transport};

use crate::SwitchConfig;

/// The names and addresses of this exchange.
#[derive(Clone, Debug)]
pub(crate) struct Hosts {
    names: Vec<SmolStr>,
    listening: Vec<Listen>,
}

impl Hosts {
    pub(crate) fn new(config: &SwitchConfig) -> Self {
        let names = std::iter::once(&config.domain).chain(&config.hosts);
        Hosts {
            names: names.map(|name| name.to_ascii_lowercase().into()).collect(),
            listening: config.listening.clone(),
        }
    }

    /// Whether a URI's host is us.
    pub(crate) fn is_ours(&self, uri: &SipUri) -> bool {
        match uri.host() {
            Host::Name(name) => self.names.iter().any(|ours| ours == name.as_str()),
            Host::V4(_) | Host::V6(_) => {
                let ip = uri.host().ip();
                let ours = |listen: &Listen| Some(listen.address.ip()) == ip || listen.address.ip().is_unspecified();
                self.listening.iter().any(ours)
            }
        }
    }

    /// Whether a request to this URI would come back to us.
    pub(crate) fn is_our_socket(&self, uri: &SipUri) -> bool {
        // A datagram's port has nothing to do with a connection's of the same number.
        let is_connected = |transport: Transport| transport != Transport::Udp;
        let ours = |ip: IpAddr, port: u16| {
            self.listening.iter().any(|listen| {
                let at = listen.address;
                at.port() == port
                    && (at.ip() == ip || at.ip().is_unspecified())
                    && is_connected(listen.transport) == goes_over_a_connection(uri)
            })
        };
        match uri.host().ip() {
            Some(ip) => ip.is_unspecified() || ours(ip, uri.port().unwrap_or(Transport::Udp.default_port())),
            None => self.is_ours(uri),
        }
    }
}

/// Whether a request to this URI needs a connection (RFC 3263 §4.1).
fn goes_over_a_connection(uri: &SipUri) -> bool {
    let transport = uri.params().get("transport");
    uri.scheme() == Scheme::Sips || transport.is_some_and(|transport| !transport.eq_ignore_ascii_case("udp"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_may_have_a_port_whose_number_we_use_for_connections() {
        let listen = |transport, address: &str| Listen {
            transport,
            address: address.parse().expect("an address"),
        };
        let hosts = Hosts::new(&SwitchConfig {
            domain: "pbx.example".into(),
            hosts: Vec::new(),
            listening: vec![
                listen(Transport::Udp, "127.0.0.1:5060"),
                listen(Transport::Tls, "127.0.0.1:5071"),
            ],
        });
        let is_ours = |uri: &str| match wigwag_sip::wire::Uri::parse(uri) {
            Ok(wigwag_sip::wire::Uri::Sip(uri)) => hosts.is_our_socket(&uri),
            other => panic!("{uri}: {other:?}"),
        };
        assert!(is_ours("sip:phone@127.0.0.1"));
        assert!(!is_ours("sip:phone@127.0.0.1:5071"));
        assert!(is_ours("sip:phone@127.0.0.1:5071;transport=tls"));
        assert!(is_ours("sips:phone@127.0.0.1:5071"));
        assert!(!is_ours("sip:phone@127.0.0.1:5060;transport=tcp"));
        assert!(is_ours("sip:phone@pbx.example:7000"));
    }
}
