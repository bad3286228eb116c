//! The leg itself: the order in which its parts look at a packet.

use std::{collections::VecDeque, net::SocketAddr, ops::Range, time::Duration};

use serde::{Deserialize, Serialize};
use wigwag_sansio::{Entropy, Now, Pii, Tick};
use wigwag_sip::sdp::Agreement;

use super::{Channel, silence::SilenceWatch};
use crate::{
    drops::{DropReason, Drops},
    dtmf::{DtmfDecoder, KeyPress},
    event::DtmfDigit,
    latch::{Latch, Passed},
    payload::{Content, RelayMap, SpokenFormats},
    rtp::{self, HEADER, Header, Kind},
    sound::Sound,
    statistics::LegStatistics,
    stream::{ReceiveStream, SendStream, SpeakerId},
};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Leg {
    agreement: Option<Agreement>,
    spoken: SpokenFormats,
    latch: Latch,
    latch_window: Duration,
    heard: ReceiveStream,
    sent: SendStream,
    map: RelayMap,
    keys: DtmfDecoder,
    silence: SilenceWatch,
    drops: Drops,
    entropy: Entropy,
    events: VecDeque<LegEvent>,
}

/// What a leg has to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum LegEvent {
    Latched(SocketAddr),
    NoMedia { silent_for: Duration },
    MediaResumed,
    Dtmf { digit: DtmfDigit, duration_ms: u32 },
}

/// What a datagram turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Received {
    /// Sound for whoever listens.
    Rtp(Arrival),
    /// RTCP, which ends here.
    Nothing,
}

/// A valid packet of the leg's phone, decrypted, in the buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Arrival {
    pub(crate) header: Header,
    pub(crate) payload: Range<usize>,
}

/// A packet to send, in the buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Transmit {
    pub(crate) channel: Channel,
    pub(crate) range: Range<usize>,
    pub(crate) to: SocketAddr,
}

impl Leg {
    pub(crate) fn new(mut entropy: Entropy, latch_window: Duration, no_media_after: Duration, _now: Now) -> Self {
        Leg {
            agreement: None,
            spoken: SpokenFormats::default(),
            latch: Latch::default(),
            latch_window,
            heard: ReceiveStream::default(),
            sent: SendStream::new(&mut entropy),
            map: RelayMap::default(),
            keys: DtmfDecoder::default(),
            silence: SilenceWatch::new(no_media_after),
            drops: Drops::default(),
            entropy,
            events: VecDeque::new(),
        }
    }

    pub(crate) fn configure(&mut self, agreement: Agreement, now: Now) {
        let reachable = agreement
            .remote_rtp
            .filter(|remote| !remote.ip().is_unspecified() && remote.port() != 0);
        self.latch.open(reachable, self.latch_window, now.tick);
        self.silence
            .expect_sound(agreement.direction.receives() && reachable.is_some(), now.tick);
        self.spoken = SpokenFormats::of(&agreement);
        self.agreement = Some(agreement);
    }

    pub(crate) fn receive(
        &mut self,
        channel: Channel,
        buffer: &mut [u8],
        len: usize,
        source: SocketAddr,
        now: Now,
    ) -> Result<Received, DropReason> {
        match (Kind::of(&buffer[..len]), channel) {
            (Kind::Rtp, Channel::Rtp) => self.receive_rtp(&mut buffer[..len], source, now).map(Received::Rtp),
            (Kind::Rtcp, _) => Ok(Received::Nothing),
            (Kind::Rtp, Channel::Rtcp) | (Kind::Other, _) => Err(DropReason::Malformed),
        }
    }

    fn receive_rtp(&mut self, packet: &mut [u8], source: SocketAddr, now: Now) -> Result<Arrival, DropReason> {
        let (header, header_len) = Header::parse(packet).ok_or(DropReason::Malformed)?;
        let agreement = self.agreement.as_ref().ok_or(DropReason::UnknownSource)?;
        if !self.latch.may_pass(source, now.tick) {
            return Err(DropReason::UnknownSource);
        }
        let spoken = self
            .spoken
            .of_packet(header.payload_type)
            .ok_or(DropReason::UnknownPayloadType)?;
        let payload = rtp::payload(packet, header_len).ok_or(DropReason::Malformed)?;
        match self.latch.pass(source, header.ssrc, header.sequence, now.tick) {
            Ok(Passed::Known) => {}
            Ok(Passed::Latched(remote)) => self.events.push_back(LegEvent::Latched(remote)),
            Err(_) => return Err(DropReason::UnknownSsrc),
        }
        if self.silence.hear(now.tick) {
            self.events.push_back(LegEvent::MediaResumed);
        }
        let steady = (spoken.content == Content::Sound).then_some(spoken.clock_rate);
        self.heard.count(&header, payload.len(), steady, now.tick);
        if !agreement.direction.receives() {
            return Err(DropReason::OnHold);
        }
        if steady.is_none() {
            let press = self
                .keys
                .hear(header.timestamp, &packet[payload.clone()], spoken.clock_rate, now.tick);
            self.report_key(press);
        }
        Ok(Arrival { header, payload })
    }

    /// Makes what another leg received a packet of this leg's stream, in place: the header moves up to the payload,
    /// and what the two sides did not agree on (contributing sources, header extensions) stays behind.
    pub(crate) fn forward(
        &mut self,
        speaker: u64,
        arrival: &Arrival,
        buffer: &mut [u8],
        now: Now,
    ) -> Result<Transmit, DropReason> {
        let mapping = self.map.of(arrival.header.payload_type).ok_or(DropReason::NoMapping)?;
        let to = self.may_send_to().ok_or(DropReason::OnHold)?;
        let speaker = SpeakerId::Leg {
            number: speaker,
            ssrc: arrival.header.ssrc,
        };
        let header = self
            .sent
            .next(speaker, &arrival.header, mapping.to, mapping.clock_rate, now.tick);
        let start = arrival.payload.start - HEADER;
        let fixed = buffer[start..].first_chunk_mut().expect("the payload follows a header");
        header.write(fixed);
        self.sent.count(arrival.payload.len());
        Ok(Transmit {
            channel: Channel::Rtp,
            range: start..arrival.payload.end,
            to,
        })
    }

    pub(crate) fn play(&mut self, _sound: Sound, _now: Now) {}

    pub(crate) fn stop_sound(&mut self) {}

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

    pub(crate) fn goodbye(&mut self, _buffer: &mut [u8], _now: Now) -> Option<Transmit> {
        None
    }

    pub(crate) fn statistics(&self) -> LegStatistics {
        LegStatistics {
            remote: self.latch.proven().map(Pii::new),
            received: self.heard.statistics(),
            sent: self.sent.statistics(),
            reported: None,
            round_trip: None,
            dropped: self.drops,
        }
    }

    pub(crate) fn handle_timeout(&mut self, now: Now) {
        let press = self.keys.handle_timeout(now.tick);
        self.report_key(press);
        if let Some(silent_for) = self.silence.handle_timeout(now.tick) {
            self.events.push_back(LegEvent::NoMedia { silent_for });
        }
    }

    pub(crate) fn poll_transmit(&mut self, _buffer: &mut [u8], _now: Now) -> Option<Transmit> {
        None
    }

    pub(crate) fn deadline(&self) -> Option<Tick> {
        [self.keys.deadline(), self.silence.deadline()]
            .into_iter()
            .flatten()
            .min()
    }

    pub(crate) fn has_events(&self) -> bool {
        !self.events.is_empty()
    }

    pub(crate) fn poll_event(&mut self) -> Option<LegEvent> {
        self.events.pop_front()
    }

    fn may_send_to(&self) -> Option<SocketAddr> {
        let agreement = self.agreement.as_ref()?;
        agreement.direction.sends().then(|| self.latch.destination()).flatten()
    }

    fn report_key(&mut self, press: Option<KeyPress>) {
        self.events.extend(press.map(|press| LegEvent::Dtmf {
            digit: press.digit,
            duration_ms: press.duration_ms,
        }));
    }
}
