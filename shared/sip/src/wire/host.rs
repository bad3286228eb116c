//! Hosts: IPv4, IPv6 in brackets, or a name (RFC 3261 §25.1, RFC 5118).

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::{self, FromStr},
};

use memchr::memchr;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{
    error::Malformed,
    lex::{concat, number, trim},
};

/// Where something is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Host {
    /// An IPv4 address.
    V4(Ipv4Addr),
    /// An IPv6 address.
    V6(Ipv6Addr),
    /// A name, in lower case.
    Name(HostName),
}

/// A host name in lower case: letters, digits, `-`, `_` and dots.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "SmolStr", into = "SmolStr")]
pub struct HostName(SmolStr);

impl Host {
    /// Reads a host without port.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        if let Some(inner) = text.strip_prefix('[') {
            let address = inner.strip_suffix(']').ok_or(Malformed::Syntax)?;
            return parse_v6(address).map(Host::V6);
        }
        if text.bytes().all(|b| b.is_ascii_digit() || b == b'.') && text.len() <= 15 {
            return text.parse().map(Host::V4).map_err(|_| Malformed::Syntax);
        }
        HostName::try_from(SmolStr::new(text)).map(Host::Name)
    }

    /// The address, unless the host is a name.
    pub fn ip(&self) -> Option<IpAddr> {
        match self {
            Host::V4(address) => Some(IpAddr::V4(*address)),
            Host::V6(address) => Some(IpAddr::V6(*address)),
            Host::Name(_) => None,
        }
    }

    /// The name, unless the host is an address.
    pub fn name(&self) -> Option<&str> {
        match self {
            Host::Name(name) => Some(name.as_str()),
            Host::V4(_) | Host::V6(_) => None,
        }
    }

    /// Reads `host[:port]`, with white space around the colon as Via allows it.
    pub(super) fn parse_with_port(text: &[u8]) -> Result<(Host, Option<u16>), Malformed> {
        let host_end = match memchr(b']', text) {
            Some(bracket) => bracket + 1,
            None => memchr(b':', text).unwrap_or(text.len()),
        };
        let (host, port) = text.split_at(host_end);
        let port = match trim(port) {
            [] => None,
            [b':', digits @ ..] => Some(number(trim(digits))?),
            _ => return Err(Malformed::Syntax),
        };
        let host = str::from_utf8(trim(host)).map_err(|_| Malformed::Syntax)?;
        Ok((Host::parse(host)?, port))
    }
}

/// The grammar of RFC 3261 puts three colons before an embedded IPv4 address, and RFC 5118 §4.10 has both read.
fn parse_v6(text: &str) -> Result<Ipv6Addr, Malformed> {
    let parsed = match text.split_once(":::") {
        Some((head, tail)) if tail.parse::<Ipv4Addr>().is_ok() => concat([head, "::", tail]).parse(),
        Some(_) | None => text.parse(),
    };
    parsed.map_err(|_| Malformed::Syntax)
}

impl HostName {
    /// The name, in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<SmolStr> for HostName {
    type Error = Malformed;

    fn try_from(name: SmolStr) -> Result<Self, Malformed> {
        let valid = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        if name.is_empty() || name.len() > 255 || !name.bytes().all(valid) {
            return Err(Malformed::Syntax);
        }
        if name.bytes().any(|b| b.is_ascii_uppercase()) {
            return Ok(HostName(name.chars().map(|c| c.to_ascii_lowercase()).collect()));
        }
        Ok(HostName(name))
    }
}

impl From<HostName> for SmolStr {
    fn from(name: HostName) -> SmolStr {
        name.0
    }
}

impl From<IpAddr> for Host {
    fn from(address: IpAddr) -> Host {
        match address.to_canonical() {
            IpAddr::V4(address) => Host::V4(address),
            IpAddr::V6(address) => Host::V6(address),
        }
    }
}

impl FromStr for Host {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        Host::parse(text)
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Host::V4(address) => address.fmt(f),
            Host::V6(address) => write!(f, "[{address}]"),
            Host::Name(name) => f.write_str(&name.0),
        }
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Host([personal])")
    }
}

impl fmt::Debug for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HostName([personal])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_names_are_told_apart() {
        for text in ["192.0.2.1", "[2001:db8::1]", "pbx.example.com", "a_b", "3com.com"] {
            assert_eq!(Host::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Host::parse("PBX.Example.com").unwrap().name(), Some("pbx.example.com"));
        assert_eq!(
            Host::parse("[2001:db8:::192.0.2.1]"),
            Host::parse("[2001:db8::192.0.2.1]")
        );
        for text in [
            "",
            "[2001:db8:::1]",
            "[2001:db8::1",
            "2001:db8::1",
            "256.1.1.1",
            "1.2.3",
            "a b",
            "a@b",
            "ü.de",
            "[1.2.3.4]",
        ] {
            assert_eq!(Host::parse(text), Err(Malformed::Syntax), "{text}");
        }
    }

    #[test]
    fn a_port_may_follow() {
        let read = |text: &str| Host::parse_with_port(text.as_bytes()).map(|(host, port)| (host.to_string(), port));
        assert_eq!(read("[::1]:5061"), Ok(("[::1]".into(), Some(5061))));
        assert_eq!(read("h : 5060"), Ok(("h".into(), Some(5060))));
        assert_eq!(read("h"), Ok(("h".into(), None)));
        assert_eq!(read("h:"), Err(Malformed::Syntax));
        assert_eq!(read("h:65536"), Err(Malformed::Number));
        assert_eq!(read("[::1]x"), Err(Malformed::Syntax));
    }
}
