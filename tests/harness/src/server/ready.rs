//! What the server says when it is ready.

use std::net::SocketAddr;

use serde::Deserialize;

/// What `wigwag serve --demo --json` prints when it is ready.
#[derive(Clone, Debug, Deserialize)]
pub struct Ready {
    /// Root of the web addresses.
    pub http: String,
    /// Where SIP is spoken.
    pub sip: SipAddresses,
    /// People who can sign in.
    pub users: Vec<User>,
    /// Extensions with the SIP account of one device each.
    pub extensions: Vec<Extension>,
}

/// Where SIP is spoken.
#[derive(Clone, Debug, Deserialize)]
pub struct SipAddresses {
    /// Address for datagrams.
    pub udp: SocketAddr,
    /// Address for connections.
    pub tcp: SocketAddr,
    /// Address for encrypted connections.
    pub tls: SocketAddr,
    /// Address of WebSockets, for phones in browsers.
    pub ws: String,
    /// The same encrypted, where HTTPS is served.
    pub wss: Option<String>,
    /// Domain of the SIP accounts.
    pub domain: String,
}

/// Somebody who can sign in.
#[derive(Clone, Debug, Deserialize)]
pub struct User {
    /// Name to sign in with.
    pub username: String,
    /// Password to sign in with.
    pub password: String,
    /// Access level.
    pub role: String,
}

/// An extension with the SIP account of one device.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Extension {
    /// Its 3-digit number.
    pub number: String,
    /// Name of the SIP account.
    pub sip_username: String,
    /// Password of the SIP account.
    pub sip_password: String,
}
