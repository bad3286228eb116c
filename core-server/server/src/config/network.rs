//! `[network]`: how this server is seen from outside.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::ConfigProblem;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct NetworkSection {
    /// The IPv4 address that phones outside the local networks see, when this server stands behind an address
    /// translator; unset, the address is found by route look-up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) external_v4: Option<Ipv4Addr>,
    /// The same for IPv6.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) external_v6: Option<Ipv6Addr>,
    /// Networks whose phones see the server's own address.
    pub(crate) local_networks: Vec<IpNet>,
}

impl NetworkSection {
    pub(super) fn check(&self, problems: &mut Vec<ConfigProblem>) {
        let addresses = [self.external_v4.map(IpAddr::V4), self.external_v6.map(IpAddr::V6)];
        for address in addresses.into_iter().flatten() {
            if address.is_unspecified() || address.is_multicast() {
                let problem = "must be an address that phones can reach".to_owned();
                problems.push(ConfigProblem {
                    key: "network.external",
                    problem,
                });
            }
        }
    }
}
