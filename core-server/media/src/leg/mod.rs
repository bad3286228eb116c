//! One leg without its sockets: whom to listen to, what to pass on, what to say in RTCP; all of it plain data.

mod inbound;
mod outbound;
mod silence;
mod state;

pub(crate) use inbound::{Arrival, Received};
pub(crate) use state::{KeySource, Leg, LegEvent};

/// The two kinds of packets of a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Channel {
    Rtp,
    Rtcp,
}

/// Longer datagrams are no telephone's.
pub(crate) const MAX_PACKET: usize = 2048;

/// Room for a packet and what encryption adds to it.
pub(crate) const BUFFER: usize = MAX_PACKET + 64;
