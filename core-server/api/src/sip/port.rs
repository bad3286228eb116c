//! What takes over connections that speak SIP from their upgrade on; the server wraps the SIP endpoint in it.

use std::{fmt, io, net::SocketAddr, pin::Pin};

use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};

/// Whoever speaks SIP.
pub trait SipPort: Send + Sync {
    /// Takes over a connection; the upgrade is refused when this fails.
    fn attach(&self, line: SipLine) -> Result<(), NoRoom>;
}

/// There are too many connections, in all or from this address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("there are too many connections")]
pub struct NoRoom;

/// A connection that is about to become a WebSocket.
pub struct SipLine {
    /// Our end of it.
    pub local: SocketAddr,
    /// The client's end of it.
    pub remote: SocketAddr,
    /// Whether nobody on the path can read it.
    pub encrypted: bool,
    /// The bytes after the upgrade, as soon as that has happened.
    pub stream: Upgrade,
}

/// An upgrade that is about to happen.
pub type Upgrade = Pin<Box<dyn Future<Output = io::Result<Box<dyn SipStream>>> + Send>>;

/// Bytes in both directions.
pub trait SipStream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> SipStream for S {}

impl fmt::Debug for SipLine {
    /// Without addresses, which are personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SipLine")
            .field("encrypted", &self.encrypted)
            .finish_non_exhaustive()
    }
}
