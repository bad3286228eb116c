//! Where media goes: the part of `c=`, `o=` and `a=rtcp` that names a host (RFC 8866 §5.7).

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// A host as a description names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Address {
    /// `IN IP4 192.0.2.1`
    V4(Ipv4Addr),
    /// `IN IP6 2001:db8::1`
    V6(Ipv6Addr),
    /// A host name, or a multicast group with its scope (`224.2.1.1/127`): kept, never sent to.
    Name(SmolStr),
}

impl Address {
    /// Reads `IN IP4 192.0.2.1`; the type that the text says is not believed, the address itself tells.
    pub(crate) fn parse(text: &str) -> Option<Address> {
        let mut words = text.split_ascii_whitespace();
        let (net, kind, host) = (words.next()?, words.next()?, words.next()?);
        let internet = net.eq_ignore_ascii_case("IN");
        let known = kind.eq_ignore_ascii_case("IP4") || kind.eq_ignore_ascii_case("IP6");
        (internet && known && words.next().is_none()).then(|| Address::host(host))
    }

    /// The address, when it is one.
    pub fn ip(&self) -> Option<IpAddr> {
        match self {
            Address::V4(ip) => Some(IpAddr::V4(*ip)),
            Address::V6(ip) => Some(IpAddr::V6(*ip).to_canonical()),
            Address::Name(_) => None,
        }
    }

    fn host(host: &str) -> Address {
        let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        match bare.unwrap_or(host).parse::<IpAddr>() {
            Ok(ip) => Address::from(ip),
            Err(_) => Address::Name(host.into()),
        }
    }
}

impl From<IpAddr> for Address {
    fn from(ip: IpAddr) -> Self {
        match ip {
            IpAddr::V4(ip) => Address::V4(ip),
            IpAddr::V6(ip) => Address::V6(ip),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::V4(ip) => write!(f, "IN IP4 {ip}"),
            Address::V6(ip) => write!(f, "IN IP6 {ip}"),
            Address::Name(name) => write!(f, "IN IP4 {name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_tells_its_type() {
        let printed = |text| Address::parse(text).map(|address| address.to_string());
        assert_eq!(printed("IN IP4 192.0.2.1").as_deref(), Some("IN IP4 192.0.2.1"));
        assert_eq!(printed("IN IP4 [2001:db8::1]").as_deref(), Some("IN IP6 2001:db8::1"));
        assert_eq!(printed("in ip6 phone.example").as_deref(), Some("IN IP4 phone.example"));
        assert_eq!(printed("IN IP4"), None);
        assert_eq!(printed("ATM NSAP 47.0091"), None);
    }
}
