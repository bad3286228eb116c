//! Where something comes from, as far as that can be told: an IPv4 address, or the /64 that one IPv6 subscriber has.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// A place on the network that counts as one; so small because millions of them may be remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Source(u64);

impl From<IpAddr> for Source {
    fn from(address: IpAddr) -> Self {
        Source(match address.to_canonical() {
            // No IPv6 subscriber is in ::/32, which is reserved (RFC 4291 §2.4).
            IpAddr::V4(v4) => v4.to_bits().into(),
            IpAddr::V6(v6) => (v6.to_bits() >> 64) as u64,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(address: &str) -> Source {
        Source::from(address.parse::<IpAddr>().expect("an address"))
    }

    #[test]
    fn one_subscriber_is_one_source() {
        assert_eq!(source("2001:db8::1"), source("2001:db8::ffff:1:2:3"));
        assert_ne!(source("2001:db8::1"), source("2001:db8:0:1::1"));
        assert_ne!(source("192.0.2.1"), source("192.0.2.2"));
        assert_eq!(source("::ffff:192.0.2.1"), source("192.0.2.1"));
    }
}
