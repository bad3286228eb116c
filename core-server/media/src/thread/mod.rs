//! The shell: threads with sockets, timers and the clock around the pure legs.

mod anchor;
mod anchors;
mod bell;
mod clock;
mod command;
mod media_thread;
mod obey;
mod rooms;

pub(crate) use anchor::{Anchor, PortLease, Sockets};
pub(crate) use clock::Clock;
pub(crate) use command::{Command, Events, ThreadHandle};
pub(crate) use media_thread::MediaThread;
