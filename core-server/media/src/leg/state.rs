//! The state of a leg, and everything that is not a packet: agreements, sounds, time.

use std::{collections::VecDeque, net::SocketAddr, time::Duration};

use serde::{Deserialize, Serialize};
use wigwag_sansio::{Entropy, Now, Pii, Tick};
use wigwag_sip::sdp::Agreement;

use super::silence::SilenceWatch;
use crate::{
    codec::Coding,
    drops::{DropReason, Drops},
    dtmf::{DtmfDecoder, KeyLimit, KeyPress, ToneListener},
    event::DtmfDigit,
    keys::{KeyCourse, Keys},
    latch::Latch,
    payload::{RelayMap, SpokenFormats},
    rtcp::RtcpSession,
    sound::{Player, Position, Programme},
    srtp::{SrtpSession, WrongKeyLength},
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
    pub(super) srtp: Option<Box<SrtpSession>>,
    pub(super) keys: DtmfDecoder,
    pub(super) silence: SilenceWatch,
    pub(super) key_course: KeyCourse,
    key_limit: KeyLimit,
    /// Where the sound is searched for keys.
    pub(super) tones: Option<Box<ToneListener>>,
    look_for_tones: bool,
    pub(super) player: Option<Box<Player>>,
    /// The timestamp of the last key that was sent.
    pub(super) key_began_at: u32,
    drops: Drops,
    pub(super) events: VecDeque<LegEvent>,
}

/// What a leg has to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum LegEvent {
    Latched(SocketAddr),
    NoMedia { silent_for: Duration },
    MediaResumed,
    Dtmf { press: KeyPress, source: KeySource },
    Played { programme: u32 },
    Stopped { programme: u32, position: Position },
}

/// How a key was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum KeySource {
    Event,
    Tones,
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
            srtp: None,
            keys: DtmfDecoder::default(),
            silence: SilenceWatch::new(no_media_after),
            key_course: KeyCourse::Both,
            key_limit: KeyLimit::default(),
            tones: None,
            look_for_tones: false,
            player: None,
            key_began_at: 0,
            drops: Drops::default(),
            events: VecDeque::new(),
        }
    }

    /// Takes a new agreement. SRTP keys that stay the same keep their counters; a key of the wrong length leaves the
    /// leg as it was.
    pub(crate) fn configure(&mut self, agreement: Agreement, now: Now) -> Result<(), WrongKeyLength> {
        match (&agreement.srtp, &self.srtp) {
            (None, _) => self.srtp = None,
            (Some(keys), Some(known)) if known.keys() == keys => {}
            (Some(keys), _) => self.srtp = Some(Box::new(SrtpSession::new(keys.clone())?)),
        }
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
        self.choose_ears();
        Ok(())
    }

    pub(crate) fn play(&mut self, programme: Programme, now: Now) {
        self.stop();
        self.player = Some(Box::new(Player::new(programme, self.agreement.as_ref(), now.tick)));
    }

    /// Ends what is played.
    pub(crate) fn stop(&mut self) {
        if let Some(player) = self.player.take() {
            self.events.push_back(LegEvent::Stopped {
                programme: player.number(),
                position: player.position(),
            });
        }
    }

    /// Lets the peer hear a key, after those that it is being told already; answers whether it will.
    pub(crate) fn press(&mut self, digit: DtmfDigit, ms: u32, now: Now) -> bool {
        let key = Programme::new(0).key(digit, ms);
        match &mut self.player {
            Some(player) => player.dial_too(key),
            None => {
                self.player = Some(Box::new(Player::new(key, self.agreement.as_ref(), now.tick)));
                true
            }
        }
    }

    pub(crate) fn treat_keys(&mut self, keys: Keys) {
        self.key_course = keys.course;
        self.look_for_tones = keys.in_sound;
        self.choose_ears();
    }

    /// Searches the sound for keys if that is wanted and the peer has no better way to send them.
    fn choose_ears(&mut self) {
        let has_events = |agreement: &Agreement| !agreement.receive.telephone_events.is_empty();
        let deaf = !self.look_for_tones || self.agreement.as_ref().is_none_or(has_events);
        if deaf {
            self.tones = None;
        } else if self.tones.is_none() {
            self.tones = Some(Box::default());
        }
    }

    /// The highest sample rate that both this leg and we have a use for, in hertz.
    pub(crate) fn widest_rate(&self) -> Option<u32> {
        let (coding, _) = Coding::spoken_to(self.agreement.as_ref()?)?;
        Some(coding.widest_rate())
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

    /// Whether this leg hears the sound of who speaks to it, as it is.
    pub(crate) fn hears_sound(&self) -> bool {
        self.map.passes_sound()
    }

    /// Whether this leg would hear a key that who speaks to it presses.
    pub(crate) fn hears_keys(&self) -> bool {
        self.map.passes_keys() && self.player.is_none()
    }

    pub(crate) fn key_course(&self) -> KeyCourse {
        self.key_course
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
        self.report_key(press, KeySource::Event, now.tick);
        if let Some(silent_for) = self.silence.handle_timeout(now.tick) {
            self.events.push_back(LegEvent::NoMedia { silent_for });
        }
    }

    pub(crate) fn deadline(&self) -> Option<Tick> {
        // Before the first agreement nobody knows in which codec.
        let sound = self
            .agreement
            .as_ref()
            .and(self.player.as_ref())
            .map(|player| player.deadline());
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

    pub(super) fn report_key(&mut self, press: Option<KeyPress>, source: KeySource, now: Tick) {
        if let Some(press) = press
            && self.key_limit.admit(now)
        {
            self.events.push_back(LegEvent::Dtmf { press, source });
        }
    }
}

#[cfg(test)]
mod tests {
    use wigwag_sansio::{Secret, testing::VirtualClock};
    use wigwag_sip::sdp::{Capabilities, Codec, Direction, SrtpKeys, Suite};

    use super::*;
    use crate::{
        leg::{BUFFER, Channel, Received},
        sound::Tone,
    };

    fn agreement() -> Agreement {
        let capabilities = Capabilities::of_codecs([Codec::PCMA]);
        let suite = Suite::AesCm128HmacSha1_80;
        let key = Secret::new(vec![7; suite.key_bytes() + suite.salt_bytes()]);
        Agreement {
            remote_rtp: "192.0.2.1:4000".parse().ok(),
            remote_rtcp: "192.0.2.1:4001".parse().ok(),
            rtcp_mux: false,
            direction: Direction::SendRecv,
            receive: capabilities.clone(),
            send: capabilities,
            srtp: Some(SrtpKeys {
                suite,
                send: key.clone(),
                receive: key,
            }),
        }
    }

    /// Twenty seconds of a leg that plays a tone, then hears itself through an encrypted mirror: everything that it
    /// sends and tells. `between` is done to the leg between any two steps.
    fn life(between: impl Fn(Leg) -> Leg) -> Vec<String> {
        let mut clock = VirtualClock::default();
        let second = Duration::from_secs(1);
        let mut leg = Leg::new(Entropy::from_number(5), second * 10, second * 10, clock.now());
        let (mut buffer, mut log) = ([0; BUFFER], Vec::new());
        leg.configure(agreement(), clock.now())
            .expect("a key of the right length");
        let map = leg.map_from(&leg);
        leg.hear(map);
        leg.play(Tone::Ringing.into(), clock.now());
        let phone = agreement().remote_rtp.expect("an address");
        for n in 0..1000u32 {
            let now = clock.advance(Duration::from_millis(20));
            leg = between(leg);
            leg.handle_timeout(now);
            let mut said = Vec::new();
            while let Some(transmit) = leg.poll_transmit(&mut buffer, now) {
                said = buffer[transmit.range.clone()].to_vec();
                log.push(format!("{transmit:?} {said:x?}"));
            }
            if n == 200 {
                leg.stop();
            }
            if said.get(1) == Some(&8) {
                leg = between(leg);
                let len = said.len();
                buffer[..len].copy_from_slice(&said);
                if let Ok(Received::Rtp(arrival)) = leg.receive(Channel::Rtp, &mut buffer[..len], phone, now) {
                    let forwarded = leg.forward(1, &arrival, &mut buffer, now);
                    log.push(format!("{forwarded:?}"));
                }
            }
            log.extend(std::iter::from_fn(|| leg.poll_event()).map(|event| format!("{event:?}")));
        }
        log.push(format!("{:?}", leg.statistics()));
        log
    }

    #[test]
    fn a_leg_frozen_and_thawed_between_any_two_steps_lives_the_same_life() {
        let frozen_and_thawed = |leg: Leg| -> Leg {
            let frozen = postcard::to_allocvec(&leg).expect("plain data");
            postcard::from_bytes(&frozen).expect("what was frozen")
        };
        let life_as_it_is = life(|leg| leg);
        assert!(life_as_it_is.iter().any(|line| line.contains("Latched")));
        assert!(life_as_it_is.iter().any(|line| line.contains("NoMedia")));
        assert_eq!(life(frozen_and_thawed), life_as_it_is);
    }

    #[test]
    fn the_same_keys_again_keep_their_counters_and_a_wrong_key_changes_nothing() {
        let now = VirtualClock::default().now();
        let second = Duration::from_secs(1);
        let mut leg = Leg::new(Entropy::from_number(5), second, second, now);
        assert_eq!(leg.configure(agreement(), now), Ok(()));
        let before = postcard::to_allocvec(&leg.srtp).expect("plain data");
        assert_eq!(leg.configure(agreement(), now), Ok(()));
        assert_eq!(postcard::to_allocvec(&leg.srtp).expect("plain data"), before);
        let mut broken = agreement();
        if let Some(keys) = &mut broken.srtp {
            keys.send = Secret::new(vec![1; 3]);
        }
        assert_eq!(leg.configure(broken, now), Err(WrongKeyLength));
        assert_eq!(leg.agreement, Some(agreement()));
    }
}
