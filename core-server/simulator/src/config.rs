//! What a carrier is started with.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use wigwag_sansio::Secret;

/// What a carrier is started with; by default it listens on free ports of 127.0.0.1 and takes calls from anybody.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where it listens for UDP and TCP. With port 0 each takes a free one, not always the same.
    pub listen: SocketAddr,
    /// Its name: the realm of its challenges, and the host in the addresses of callers.
    pub domain: String,
    /// Who may call out over it without registering.
    pub admission: Admission,
    /// Gateways that can register, and prove who they are.
    pub accounts: Vec<Account>,
    /// How many calls there are at most; further ones are answered 503.
    pub calls: usize,
}

/// Who may call out over a carrier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Everybody who reaches it.
    Anybody,
    /// Whoever sends from one of these addresses; all others are answered 403.
    Sources(Vec<IpAddr>),
    /// Whoever proves to have an account.
    Proof(Demand),
}

/// How a proof is demanded of who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// 401 with WWW-Authenticate.
    Unauthorized,
    /// 407 with Proxy-Authenticate.
    ProxyAuthentication,
}

/// A gateway as the carrier knows it.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its name.
    pub username: String,
    /// Its password.
    pub password: Secret<String>,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            listen: SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0),
            domain: "carrier.example".to_owned(),
            admission: Admission::Anybody,
            accounts: Vec::new(),
            calls: 1000,
        }
    }
}

impl Account {
    /// An account with this name and password.
    #[must_use]
    pub fn new(username: &str, password: &str) -> Account {
        Account {
            username: username.to_owned(),
            password: Secret::new(password.to_owned()),
        }
    }
}
