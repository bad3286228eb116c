//! `[sip]`: where phones connect.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use serde::{Deserialize, Serialize};
use wigwag_sip_io::Limits;

use super::ConfigProblem;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SipSection {
    /// The domain of all SIP addresses, and the realm of their passwords.
    pub(crate) domain: String,
    /// Where SIP over UDP is served.
    pub(crate) udp: Vec<SocketAddr>,
    /// Where SIP over TCP is served.
    pub(crate) tcp: Vec<SocketAddr>,
    /// Where SIP over TLS is served.
    pub(crate) tls: Vec<SocketAddr>,
    /// The certificate chain for TLS (PEM); a self-made one is kept in the data folder when this is not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tls_certificate: Option<PathBuf>,
    /// Its private key (PEM).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tls_key: Option<PathBuf>,
    /// How many requests may be in hand at a time, those included that are kept for half a minute because they may be
    /// repeated; from 85 % of it on new calls and registrations are sent away. Each takes some kilobytes of memory.
    pub(crate) transactions: usize,
}

/// With fewer hardly a call would get through.
const LEAST_TRANSACTIONS: usize = 20;

impl SipSection {
    /// Serves UDP and TCP on each of `addresses` and TLS on the port after it, or on free ports where the port is 0.
    pub(crate) fn listen_on(&mut self, addresses: &[SocketAddr]) {
        let after = |port: u16| if port == 0 { 0 } else { port.saturating_add(1) };
        self.udp = addresses.to_vec();
        self.tcp = addresses.to_vec();
        self.tls = addresses
            .iter()
            .map(|address| SocketAddr::new(address.ip(), after(address.port())))
            .collect();
    }

    pub(super) fn check(&self, problems: &mut Vec<ConfigProblem>) {
        let domain_is_plain = self
            .domain
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
        if self.domain.is_empty() || !domain_is_plain {
            let problem = "must be a host name: letters, digits, dots and hyphens".to_owned();
            problems.push(ConfigProblem {
                key: "sip.domain",
                problem,
            });
        }
        if self.udp.is_empty() && self.tcp.is_empty() && self.tls.is_empty() {
            problems.push(ConfigProblem {
                key: "sip.udp",
                problem: "no phone could connect anywhere".to_owned(),
            });
        }
        if self.transactions < LEAST_TRANSACTIONS {
            problems.push(ConfigProblem {
                key: "sip.transactions",
                problem: format!("must be at least {LEAST_TRANSACTIONS}"),
            });
        }
        if self.tls_certificate.is_some() != self.tls_key.is_some() {
            let problem = "certificate and key are needed together".to_owned();
            problems.push(ConfigProblem {
                key: "sip.tls_key",
                problem,
            });
        }
    }
}

impl Default for SipSection {
    fn default() -> Self {
        let mut section = SipSection {
            domain: "wigwag.localhost".to_owned(),
            udp: Vec::new(),
            tcp: Vec::new(),
            tls: Vec::new(),
            tls_certificate: None,
            tls_key: None,
            transactions: Limits::default().transactions,
        };
        section.listen_on(&[SocketAddr::from((Ipv4Addr::UNSPECIFIED, 5060))]);
        section
    }
}
