//! `[http]`: the API and the portal.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use serde::{Deserialize, Serialize};

use super::ConfigProblem;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct HttpSection {
    /// Where HTTP is served.
    pub(crate) listen: SocketAddr,
    /// Where HTTPS is served besides, and with it SIP over secure WebSockets; unset, nowhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tls: Option<SocketAddr>,
    /// The certificate chain for HTTPS (PEM); unset, the one of SIP over TLS serves for both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tls_certificate: Option<PathBuf>,
    /// Its private key (PEM).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Web pages of these origins, such as `https://phone.example.com`, may connect phones over WebSockets, besides
    /// those that this server shows itself.
    pub(crate) web_origins: Vec<String>,
    /// Opens /metrics to others than this machine; nothing keeps it to this machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) metrics_token: Option<String>,
}

impl HttpSection {
    pub(super) fn check(&self, problems: &mut Vec<ConfigProblem>) {
        if self.tls_certificate.is_some() != self.tls_key.is_some() {
            let problem = "certificate and key are needed together".to_owned();
            problems.push(ConfigProblem {
                key: "http.tls_key",
                problem,
            });
        }
        for origin in self.web_origins.iter().filter(|origin| !is_origin(origin)) {
            problems.push(ConfigProblem {
                key: "http.web_origins",
                problem: format!("`{origin}` must be like `https://phone.example.com`, without a path"),
            });
        }
    }
}

/// Whether a browser would name a page's origin so; files have the origin `null`.
fn is_origin(text: &str) -> bool {
    let is_authority = |host: &str| !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']);
    text == "null"
        || text
            .split_once("://")
            .is_some_and(|(scheme, host)| !scheme.is_empty() && is_authority(host))
}

impl Default for HttpSection {
    fn default() -> Self {
        HttpSection {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            tls: None,
            tls_certificate: None,
            tls_key: None,
            web_origins: Vec::new(),
            metrics_token: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_scheme_and_host() {
        for origin in ["https://phone.example.com", "http://127.0.0.1:8000", "null"] {
            assert!(is_origin(origin), "{origin}");
        }
        for text in ["", "*", "phone.example.com", "https://", "https://phone.example.com/"] {
            assert!(!is_origin(text), "{text}");
        }
    }
}
