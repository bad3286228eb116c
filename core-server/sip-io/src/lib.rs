//! The shell around SIP: sockets, connections and timers on one side, a [`Sink`] for what arrives on the other.
//!
//! What a packet means is decided by [`wigwag_sip`]; here bytes come in and go out, clocks are read, and limits on
//! connections are held. Transactions are sharded by Call-ID, each shard behind a lock under which only pure steps
//! happen; what a step wants done is carried out by the task that took it, in order, without the lock.

mod alarm;
mod attached;
mod clock;
mod config;
mod connections;
mod endpoint;
mod flow;
mod metrics;
mod notice;
mod outgoing;
mod receive;
mod route;
mod send;
mod shard;
mod sink;
mod socket;
mod stream;
mod stun;
mod tasks;
mod tls;
mod udp;
mod udp_thread;
mod web_socket;

pub use clock::Clock;
pub use config::{Config, External, Limits, Listen};
pub use connections::TooMany;
pub use endpoint::{BindError, Endpoint};
pub use flow::{Destination, Flow, Transport};
pub use metrics::{Counter, Messages, Metrics};
pub use notice::Notice;
pub use send::SendError;
pub use sink::{Incoming, Offered, Sink, Verdict};
pub use tls::{Tls, TlsError};
