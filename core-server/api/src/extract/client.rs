//! Who is at the other end: of the connection, or of the connection to a proxy of our own.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv6Addr, SocketAddr},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, request::Parts},
};

use crate::ApiState;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The network address that a request came from; unknown addresses count as one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Client(pub(crate) IpAddr);

impl FromRequestParts<ApiState> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, api: &ApiState) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |ConnectInfo(peer)| peer.ip());
        let address = behind_proxies(peer, &parts.headers, &api.settings().trusted_proxies);
        Ok(Client(address.to_canonical()))
    }
}

/// Whether nothing says that a proxy passed the request on for somebody else.
pub(crate) fn is_direct(headers: &HeaderMap) -> bool {
    let names = [FORWARDED_FOR, "forwarded", "x-real-ip", "via"];
    names.iter().all(|name| !headers.contains_key(*name))
}

/// What one customer has: an IPv4 address, or an IPv6 network of 64 bits.
pub(crate) fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// The nearest address that is no proxy of ours: each proxy adds its own client at the end of the list.
fn behind_proxies(peer: IpAddr, headers: &HeaderMap, proxies: &[IpAddr]) -> IpAddr {
    let is_proxy = |address: IpAddr| {
        proxies
            .iter()
            .any(|proxy| proxy.to_canonical() == address.to_canonical())
    };
    let values = headers.get_all(FORWARDED_FOR).iter();
    let said: Vec<&str> = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    let mut address = peer;
    for next in said.into_iter().rev() {
        if !is_proxy(address) {
            break;
        }
        match next.trim().parse() {
            Ok(next) => address = next,
            Err(_) => break,
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn neighbours_in_an_ipv6_network_count_as_one() {
        let network = |text| network_of(ip(text));
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::2"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }

    #[test]
    fn only_proxies_of_our_own_are_believed() {
        let client = |peer: &str, said: &'static [&'static str]| {
            let mut headers = HeaderMap::new();
            for value in said {
                headers.append(FORWARDED_FOR, HeaderValue::from_static(value));
            }
            behind_proxies(ip(peer), &headers, &[ip("127.0.0.1"), ip("192.0.2.2")]).to_string()
        };
        assert_eq!(client("203.0.113.9", &["10.0.0.1"]), "203.0.113.9");
        assert_eq!(client("127.0.0.1", &["203.0.113.9"]), "203.0.113.9");
        assert_eq!(client("127.0.0.1", &["10.0.0.1, 203.0.113.9"]), "203.0.113.9");
        assert_eq!(
            client("127.0.0.1", &["10.0.0.1, 203.0.113.9", "192.0.2.2"]),
            "203.0.113.9"
        );
        assert_eq!(client("127.0.0.1", &["forged, 192.0.2.2"]), "192.0.2.2");
        assert_eq!(client("127.0.0.1", &[]), "127.0.0.1");
    }
}
