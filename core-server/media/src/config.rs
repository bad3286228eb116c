//! What a media plane is started with.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    time::Duration,
};

use crate::ports::PortRange;

/// Settings of the whole media plane; they do not change while it runs.
#[derive(Clone, Debug)]
pub struct MediaConfig {
    /// Where local ports come from.
    pub ports: Ports,
    /// The IPv4 address that sockets are bound to; `None` refuses IPv4 legs.
    pub bind_v4: Option<Ipv4Addr>,
    /// The IPv6 address that sockets are bound to; `None` refuses IPv6 legs.
    pub bind_v6: Option<Ipv6Addr>,
    /// Number of media threads, at least 1.
    pub threads: usize,
    /// DSCP of RTP and RTCP packets; 46 is EF (RFC 3246).
    pub dscp: u8,
    /// How long a port rests after use, so that late packets of one call never reach the next.
    pub quarantine: Duration,
    /// Silence after which [`NoMedia`](crate::MediaEvent::NoMedia) is reported, and again after each such time.
    pub no_media_after: Duration,
    /// How long after each offer/answer the first packet of an address other than the signalled one may latch.
    pub latch_window: Duration,
}

impl Default for MediaConfig {
    /// Ports 16384–32767 on all IPv4 addresses, one thread per processor, EF, the limits of defaults.md.
    fn default() -> Self {
        MediaConfig {
            ports: Ports::Range(PortRange::DEFAULT),
            bind_v4: Some(Ipv4Addr::UNSPECIFIED),
            bind_v6: None,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            dscp: 46,
            quarantine: Duration::from_secs(2),
            no_media_after: Duration::from_secs(10),
            latch_window: Duration::from_secs(10),
        }
    }
}

impl MediaConfig {
    /// Ports chosen by the operating system on loopback, for tests.
    pub fn loopback() -> Self {
        MediaConfig {
            ports: Ports::Any,
            bind_v4: Some(Ipv4Addr::LOCALHOST),
            bind_v6: Some(Ipv6Addr::LOCALHOST),
            ..MediaConfig::default()
        }
    }

    pub(crate) fn bind_address(&self, family: IpFamily) -> Option<IpAddr> {
        match family {
            IpFamily::V4 => self.bind_v4.map(IpAddr::V4),
            IpFamily::V6 => self.bind_v6.map(IpAddr::V6),
        }
    }
}

/// Where the local ports of legs come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ports {
    /// Even/odd pairs of this range (RFC 3550 §11).
    Range(PortRange),
    /// Whatever the operating system gives, without pairing or quarantine: for tests.
    Any,
}

/// The address family of a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IpFamily {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl From<IpAddr> for IpFamily {
    fn from(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => IpFamily::V4,
            IpAddr::V6(_) => IpFamily::V6,
        }
    }
}
