//! Sound between phones: RTP legs on media threads, relayed without decoding, with SRTP, RTCP, DTMF and tones.
//!
//! [`MediaPlane`] is the handle that the rest of the server holds. It opens ports in the calling thread and sends
//! everything else as commands to a few media threads; those answer with [`MediaEvent`]s and never wait for anyone.
//! What a leg decides (whom to listen to, what to answer in RTCP, how to encrypt) is plain serialisable state in
//! modules without sockets; `thread` is the shell that owns sockets, timers and the clock.

pub mod codec;
mod config;
mod drops;
mod dtmf;
mod event;
mod key;
mod keys;
mod latch;
mod leg;
mod metrics;
mod mix;
mod part;
mod payload;
mod plane;
mod ports;
mod rtcp;
mod rtp;
mod sound;
mod srtp;
mod statistics;
mod stream;
mod thread;
pub mod untrusted;

pub use config::{IpFamily, MediaConfig, Ports};
pub use drops::{DropReason, Drops};
pub use event::{DtmfDigit, MediaEvent};
pub use key::{LegKey, RoomKey};
pub use keys::{KeyCourse, Keys};
pub use metrics::MediaMetrics;
pub use part::Part;
pub use plane::{LocalPorts, MediaPlane, OpenError, StartError};
pub use ports::{PortRange, PortRangeError};
pub use sound::{Position, Programme, Sound, SoundError, Times, Tone, WavError, measure_dbm0};
pub use statistics::{LegStatistics, PeerReport, ReceiveStatistics, RoundTrip, SendStatistics};
