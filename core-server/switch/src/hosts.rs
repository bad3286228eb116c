//! Which host names and addresses are ours.

use std::net::{IpAddr, SocketAddr};

use smol_str::SmolStr;
use wigwag_sip::wire::{Host, SipUri};
use wigwag_sip_io::Transport;

use crate::SwitchConfig;

/// The names and addresses of this exchange.
#[derive(Clone, Debug)]
pub(crate) struct Hosts {
    names: Vec<SmolStr>,
    addresses: Vec<SocketAddr>,
}

impl Hosts {
    pub(crate) fn new(config: &SwitchConfig) -> Self {
        let names = std::iter::once(&config.domain).chain(&config.hosts);
        Hosts {
            names: names.map(|name| name.to_ascii_lowercase().into()).collect(),
            addresses: config.addresses.clone(),
        }
    }

    /// Whether a URI's host is us.
    pub(crate) fn is_ours(&self, uri: &SipUri) -> bool {
        match uri.host() {
            Host::Name(name) => self.names.iter().any(|ours| ours == name.as_str()),
            Host::V4(_) | Host::V6(_) => {
                let ip = uri.host().ip();
                self.addresses
                    .iter()
                    .any(|ours| Some(ours.ip()) == ip || ours.ip().is_unspecified())
            }
        }
    }

    /// Whether a request to this URI would come back to us.
    pub(crate) fn is_our_socket(&self, uri: &SipUri) -> bool {
        let ours = |ip: IpAddr, port: u16| {
            self.addresses
                .iter()
                .any(|ours| ours.port() == port && (ours.ip() == ip || ours.ip().is_unspecified()))
        };
        match uri.host().ip() {
            Some(ip) => ip.is_unspecified() || ours(ip, uri.port().unwrap_or(Transport::Udp.default_port())),
            None => self.is_ours(uri),
        }
    }
}
