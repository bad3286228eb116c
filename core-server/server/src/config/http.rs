//! `[http]`: the API and the portal.

use std::net::{Ipv4Addr, SocketAddr};

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct HttpSection {
    /// Where HTTP is served.
    pub(crate) listen: SocketAddr,
    /// Opens /metrics to others than this machine; nothing keeps it to this machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) metrics_token: Option<String>,
}

impl Default for HttpSection {
    fn default() -> Self {
        HttpSection {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            metrics_token: None,
        }
    }
}
