//! The state of a leg, and everything that is not a packet: agreements, sounds, time.

use std::{collections::VecDeque, net::SocketAddr, time::Duration};

use serde::{Deserialize, Serialize};
use wigwag_sansio::{Entropy, Now, Pii, Tick};
use wigwag_sip::sdp::Agreement;

use super::silence::SilenceWatch;
use crate::{
    drops::{DropReason, Drops},
    dtmf::{DtmfDecoder, KeyPress},
    event::DtmfDigit,
    latch::Latch,
    payload::{RelayMap, SpokenFormats},
    rtcp::RtcpSession,
    sound::{Player, Sound},
    statistics::LegStatistics,
    stream::{ReceiveStream, SendStream},
};

/// One leg. What its packets do to it is in [`inbound`](super::inbound) and [`outbound`](super::outbound).
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Leg {
    pub(super) agreement: Option<Agreement>,
    pub(super) spoken: SpokenFormats,
    pub(super) latch: Latch,
    latch_window: Duration,
    /// Where the peer's RTCP comes from, once it did.
    pub(super) rtcp_remote: Option<SocketAddr>,
    pub(super) heard: ReceiveStream,
    pub(super) sent: SendStream,
    pub(super) map: RelayMap,
    pub(super) rtcp: RtcpSession,
    pub(super) keys: DtmfDecoder,
    pub(super) silence: SilenceWatch,
    pub(super) sound: Option<Box<Player>>,
    drops: Drops,
    pub(super) events: VecDeque<LegEvent>,
}

/// What a leg has to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum LegEvent {
    Latched(SocketAddr),
    NoMedia { silent_for: Duration },
    MediaResumed,
    Dtmf { digit: DtmfDigit, duration_ms: u32 },
}

impl Leg {
    pub(crate) fn new(mut entropy: Entropy, latch_window: Duration, no_media_after: Duration, now: Now) -> Self {
        Leg {
            agreement: None,
            spoken: SpokenFormats::default(),
            latch: Latch::default(),
            latch_window,
            rtcp_remote: None,
            heard: ReceiveStream::default(),
            sent: SendStream::new(&mut entropy),
            map: RelayMap::default(),
            rtcp: RtcpSession::new(entropy, now),
            keys: DtmfDecoder::default(),
            silence: SilenceWatch::new(no_media_after),
            sound: None,
            drops: Drops::default(),
            events: VecDeque::new(),
        }
    }

    pub(crate) fn configure(&mut self, agreement: Agreement, now: Now) {
        let usable = |remote: &SocketAddr| !remote.ip().is_unspecified() && remote.port() != 0;
        let reachable = agreement.remote_rtp.filter(usable);
        self.latch.open(reachable, self.latch_window, now.tick);
        let before = self.agreement.as_ref().and_then(|before| before.remote_rtcp);
        if before != agreement.remote_rtcp {
            self.rtcp_remote = None;
        }
        self.silence
            .expect_sound(agreement.direction.receives() && reachable.is_some(), now.tick);
        self.rtcp.start(now.tick);
        self.spoken = SpokenFormats::of(&agreement);
        self.agreement = Some(agreement);
    }

    pub(crate) fn play(&mut self, sound: Sound, now: Now) {
        self.sound = Some(Box::new(Player::new(sound, self.agreement.as_ref(), now.tick)));
    }

    pub(crate) fn stop_sound(&mut self) {
        self.sound = None;
    }

    /// How a speaker's formats are called on this leg.
    pub(crate) fn map_from(&self, speaker: &Leg) -> RelayMap {
        match (&speaker.agreement, &self.agreement) {
            (Some(speaker), Some(listener)) => RelayMap::between(speaker, listener),
            (None, _) | (_, None) => RelayMap::default(),
        }
    }

    pub(crate) fn hear(&mut self, map: RelayMap) {
        self.map = map;
    }

    pub(crate) fn count_drop(&mut self, reason: DropReason) {
        self.drops.add(reason, 1);
    }

    pub(crate) fn statistics(&self) -> LegStatistics {
        LegStatistics {
            remote: self.latch.proven().map(Pii::new),
            received: self.heard.statistics(),
            sent: self.sent.statistics(),
            reported: self.rtcp.reported(),
            round_trip: self.rtcp.round_trip(),
            dropped: self.drops,
        }
    }

    /// Lets time pass for everything but packets to send, which [`poll_transmit`](Self::poll_transmit) makes.
    pub(crate) fn handle_timeout(&mut self, now: Now) {
        let press = self.keys.handle_timeout(now.tick);
        self.report_key(press);
        if let Some(silent_for) = self.silence.handle_timeout(now.tick) {
            self.events.push_back(LegEvent::NoMedia { silent_for });
        }
    }

    pub(crate) fn deadline(&self) -> Option<Tick> {
        let sound = self.sound.as_ref().map(|sound| sound.deadline());
        let deadlines = [
            self.keys.deadline(),
            self.silence.deadline(),
            self.rtcp.deadline(),
            sound,
        ];
        deadlines.into_iter().flatten().min()
    }

    /// Whether a packet left something to tell, or a timer of its own.
    pub(crate) fn has_news(&self) -> bool {
        !self.events.is_empty() || self.keys.deadline().is_some()
    }

    pub(crate) fn poll_event(&mut self) -> Option<LegEvent> {
        self.events.pop_front()
    }

    pub(super) fn report_key(&mut self, press: Option<KeyPress>) {
        self.events.extend(press.map(|press| LegEvent::Dtmf {
            digit: press.digit,
            duration_ms: press.duration_ms,
        }));
    }
}
