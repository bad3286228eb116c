//! Endpoints against each other and against raw sockets, over loopback.

mod abuse;
mod calls;
mod keep_alive;
mod life;
mod peer;
mod refusals;
mod transports;
mod web_sockets;
