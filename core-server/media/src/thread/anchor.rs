//! A leg with its sockets.

use std::{
    io,
    net::{SocketAddr, UdpSocket},
    sync::mpsc::Sender,
};

use wigwag_sansio::{Entropy, Now, Tick};

use super::{anchors::Token, rooms::RoomName};
use crate::{
    config::MediaConfig,
    key::LegKey,
    leg::{Channel, Leg},
    ports::PortPair,
};

/// One leg as its media thread holds it. The fields drop in this order: the ports rest only once the sockets are closed.
pub(crate) struct Anchor {
    pub(crate) key: LegKey,
    pub(crate) leg: Leg,
    /// The leg that hears this one: itself for an echo.
    pub(crate) listener: Option<Token>,
    /// The room that it is in: together with a listener, the room in which the two have their sound transcoded.
    pub(crate) room: Option<RoomName>,
    /// The earliest alarm that is set for this leg.
    pub(crate) alarm: Option<Tick>,
    /// Whether its sockets are read: from the first agreement on.
    pub(crate) is_heard: bool,
    pub(crate) rtp: UdpSocket,
    pub(crate) rtcp: Option<UdpSocket>,
    _lease: Option<PortLease>,
}

/// The bound sockets of a new leg and the ports of the range that they use.
pub(crate) struct Sockets {
    pub(crate) rtp: UdpSocket,
    pub(crate) rtcp: UdpSocket,
    pub(crate) lease: Option<PortLease>,
}

/// The right to use a pair of ports, given back when dropped.
pub(crate) struct PortLease {
    pair: PortPair,
    give_back: Sender<PortPair>,
}

impl Anchor {
    pub(crate) fn new(key: LegKey, sockets: Sockets, entropy: Entropy, config: &MediaConfig, now: Now) -> Self {
        Anchor {
            key,
            leg: Leg::new(entropy, config.latch_window, config.no_media_after, now),
            listener: None,
            room: None,
            alarm: None,
            is_heard: false,
            rtp: sockets.rtp,
            rtcp: Some(sockets.rtcp),
            _lease: sockets.lease,
        }
    }

    /// The socket for a channel; RTCP shares the RTP socket once rtcp-mux is agreed.
    pub(crate) fn socket(&self, channel: Channel) -> &UdpSocket {
        match channel {
            Channel::Rtp => &self.rtp,
            Channel::Rtcp => self.rtcp.as_ref().unwrap_or(&self.rtp),
        }
    }

    /// Those that it has a socket for.
    pub(crate) fn channels(&self) -> impl Iterator<Item = Channel> + use<> {
        [Channel::Rtp]
            .into_iter()
            .chain(self.rtcp.as_ref().map(|_| Channel::Rtcp))
    }

    pub(crate) fn send(&self, channel: Channel, packet: &[u8], to: SocketAddr) -> io::Result<()> {
        self.socket(channel).send_to(packet, to).map(drop)
    }
}

impl PortLease {
    pub(crate) fn new(pair: PortPair, give_back: Sender<PortPair>) -> Self {
        PortLease { pair, give_back }
    }
}

impl Drop for PortLease {
    fn drop(&mut self) {
        // Fails only when the whole plane is gone, and the allocator with it.
        let _ = self.give_back.send(self.pair);
    }
}
