//! Via: the way a request has come, and its answer goes back (RFC 3261 §20.42, RFC 3581).

use std::{fmt, net::SocketAddr};

use serde::{Deserialize, Serialize};

use super::{Header, Multiplicity};
use crate::wire::{
    error::Malformed,
    host::Host,
    lex::{Cursor, is_lws, trim},
    name::HeaderName,
    params::Params,
    token::Token,
};

/// One hop that a request has made.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Via {
    transport: Transport,
    host: Host,
    port: Option<u16>,
    params: Params,
}

/// What carries messages.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Transport {
    /// UDP
    Udp,
    /// TCP
    Tcp,
    /// TLS over TCP
    Tls,
    /// WebSocket (RFC 7118)
    Ws,
    /// WebSocket over TLS
    Wss,
    /// Anything else
    Other(Token),
}

/// How every branch of RFC 3261 begins.
const COOKIE: &str = "z9hG4bK";

impl Via {
    /// The hop from here, with an empty `rport` for the next one to fill (RFC 3581 §3).
    ///
    /// `branch` has to begin with the magic cookie; its port is left out where it is the transport's own.
    pub fn new(transport: Transport, host: Host, port: Option<u16>, branch: &str) -> Self {
        let mut params = Params::default();
        params.set("branch", branch);
        params.set_flag("rport");
        Via {
            transport,
            host,
            port,
            params,
        }
    }

    /// What carried the request.
    pub fn transport(&self) -> &Transport {
        &self.transport
    }

    /// Where the hop says that it is.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The port that it names.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// The parameters.
    pub fn params(&self) -> &Params {
        &self.params
    }

    /// The branch, as sent.
    pub fn branch(&self) -> Option<&str> {
        self.params.get("branch").filter(|branch| !branch.is_empty())
    }

    /// The branch, if it identifies a transaction alone: the magic cookie and something behind it (RFC 3261 §8.1.1.7).
    pub fn unique_branch(&self) -> Option<&str> {
        self.branch().filter(|branch| {
            let cookie = branch.as_bytes().get(..COOKIE.len());
            branch.len() > COOKIE.len() && cookie.is_some_and(|start| start.eq_ignore_ascii_case(COOKIE.as_bytes()))
        })
    }

    /// Where a server saw the request come from.
    pub fn received(&self) -> Option<Host> {
        let text = self.params.get("received")?;
        // RFC 5118 §4.5: IPv6 addresses come with and without brackets here.
        text.parse().map(Host::V6).ok().or_else(|| Host::parse(text).ok())
    }

    /// The port that a server saw the request come from.
    pub fn rport(&self) -> Option<u16> {
        self.params.get("rport")?.parse().ok()
    }

    /// Where an answer over an unreliable transport goes (RFC 3261 §18.2.2, RFC 3581 §4).
    ///
    /// `maddr` is not followed: no multicast here, and a stranger must not choose where our answers go.
    pub fn answer_to(&self) -> (Host, Option<u16>) {
        let host = self.received().unwrap_or_else(|| self.host.clone());
        (host, self.rport().or(self.port))
    }

    /// The hop as seen by a server that got its request from `source`, when that differs from what it says.
    pub fn received_from(&self, source: SocketAddr) -> Option<Via> {
        let address = source.ip().to_canonical();
        let mut seen = self.clone();
        if seen.params.contains("rport") {
            seen.params.set("rport", source.port().to_string());
            seen.params.set("received", address.to_string());
        } else if seen.host.ip() != Some(address) {
            seen.params.set("received", address.to_string());
        } else {
            seen.params.remove("received");
        }
        (seen != *self).then_some(seen)
    }
}

impl Transport {
    /// The name on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Transport::Udp => "UDP",
            Transport::Tcp => "TCP",
            Transport::Tls => "TLS",
            Transport::Ws => "WS",
            Transport::Wss => "WSS",
            Transport::Other(token) => token,
        }
    }

    /// Whether nothing is lost on the way, so that nothing has to be sent again.
    pub fn is_reliable(&self) -> bool {
        match self {
            Transport::Udp => false,
            Transport::Tcp | Transport::Tls | Transport::Ws | Transport::Wss | Transport::Other(_) => true,
        }
    }

    fn of(name: &str) -> Result<Self, Malformed> {
        for known in [
            Transport::Udp,
            Transport::Tcp,
            Transport::Tls,
            Transport::Ws,
            Transport::Wss,
        ] {
            if known.as_str().eq_ignore_ascii_case(name) {
                return Ok(known);
            }
        }
        Token::new(name).map(Transport::Other).map_err(|_| Malformed::Syntax)
    }
}

impl Header for Via {
    const NAME: HeaderName = HeaderName::Via;
    const MULTIPLICITY: Multiplicity = Multiplicity::List;

    fn parse(value: &[u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(value);
        cursor.skip_lws();
        let protocol = cursor.token()?;
        cursor.expect(b'/')?;
        let version = cursor.token()?;
        cursor.expect(b'/')?;
        if !protocol.eq_ignore_ascii_case("SIP") || version != "2.0" {
            return Err(Malformed::Syntax);
        }
        let transport = Transport::of(cursor.token()?)?;
        let sent_by = cursor.take_while(|b| b != b';');
        if !sent_by.first().is_some_and(|b| is_lws(*b)) {
            return Err(Malformed::Syntax);
        }
        let (host, port) = Host::parse_with_port(trim(sent_by))?;
        Ok(Via {
            transport,
            host,
            port,
            params: Params::parse(&mut cursor)?,
        })
    }
}

impl fmt::Display for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SIP/2.0/{} {}", self.transport.as_str(), self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        self.params.fmt(f)
    }
}

impl fmt::Debug for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Via({:?} [personal])", self.transport)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn odd_white_space_and_addresses_are_read() {
        reads_as::<Via>(
            "SIP  / 2.0  / TCP     spindle.example.com   ;\r\n  branch  =   z9hG4bK9ikj8  ",
            "SIP/2.0/TCP spindle.example.com;branch=z9hG4bK9ikj8",
        );
        let via = reads_as::<Via>(
            "SIP/2.0/wss [2001:db8::1]:5061;received=2001:db8::9;rport=4",
            "SIP/2.0/WSS [2001:db8::1]:5061;received=2001:db8::9;rport=4",
        );
        assert_eq!(
            (via.answer_to().0.to_string(), via.answer_to().1),
            ("[2001:db8::9]".to_owned(), Some(4))
        );
        reads_as::<Via>(
            "SIP/2.0/UNKNOWN df7jal23ls0d.invalid : 5060",
            "SIP/2.0/UNKNOWN df7jal23ls0d.invalid:5060",
        );
    }

    #[test]
    fn what_is_no_hop_is_refused() {
        refuses::<Via>(&[
            "",
            "SIP/2.0/UDP",
            "SIP/2.0/UDP ",
            "SIP/2.0/UDP 192.0.2.15;;,;,,",
            "SIP/7.0/UDP h",
            "HTTP/2.0/UDP h",
            "SIP/2.0/UDPh:5060",
            "SIP/2.0/UDP h:99999",
            "SIP/2.0/UDP a b",
            "SIP/2.0/UDP 2001:db8::1",
        ]);
    }

    #[test]
    fn the_cookie_alone_identifies_nothing() {
        let branch = |text: &str| Via::parse(text.as_bytes()).unwrap().unique_branch().map(str::to_owned);
        assert_eq!(branch("SIP/2.0/UDP h;branch=z9hG4bK"), None);
        assert_eq!(branch("SIP/2.0/UDP h;branch=1"), None);
        assert_eq!(branch("SIP/2.0/UDP h;branch=Z9HG4BK1"), Some("Z9HG4BK1".to_owned()));
    }

    #[test]
    fn a_forged_source_is_overwritten() {
        let seen = |text: &str| {
            let via = Via::parse(text.as_bytes()).unwrap();
            via.received_from("[::ffff:192.0.2.7]:4242".parse().unwrap())
                .unwrap_or(via)
                .to_string()
        };
        assert_eq!(
            seen("SIP/2.0/UDP h;rport=1;received=6.6.6.6"),
            "SIP/2.0/UDP h;rport=4242;received=192.0.2.7"
        );
        assert_eq!(seen("SIP/2.0/UDP 192.0.2.7;received=6.6.6.6"), "SIP/2.0/UDP 192.0.2.7");
        assert_eq!(seen("SIP/2.0/UDP 192.0.2.7"), "SIP/2.0/UDP 192.0.2.7");
    }
}
