//! A programme on its way to one leg: one packet each packet time, on a grid that all players of a thread share.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wigwag_sansio::Tick;
use wigwag_sip::sdp::Agreement;

use super::{
    Position, Programme,
    reel::{DueKey, KeyForm, Reel},
};
use crate::{
    codec::{Coding, Encoder},
    dtmf::KeySender,
};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Player {
    reel: Reel,
    due: Tick,
    /// The key that is being sent as events.
    key: Option<KeySender>,
    /// Not part of the state: another process begins a new encoder, which a listener hardly minds.
    #[serde(skip)]
    encoder: Option<(Coding, Encoder)>,
}

/// One packet's worth of sound, or of a key that is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) payload_type: u8,
    pub(crate) clock_rate: u32,
    /// How long it lasts, in clock units.
    pub(crate) duration: u32,
    pub(crate) content: FrameContent,
    pub(crate) payload_bytes: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FrameContent {
    Sound,
    /// The first packet of a key: the others carry the same timestamp.
    KeyBegins,
    KeyGoesOn,
}

/// 60 ms at 48 kHz.
const MOST_SAMPLES: usize = 2880;

/// A player that is later than this goes on from now instead of catching up.
const MOST_LATE: Duration = Duration::from_millis(100);

impl Player {
    pub(crate) fn new(programme: Programme, agreement: Option<&Agreement>, now: Tick) -> Self {
        Player {
            reel: Reel::new(programme),
            due: next_on_grid(now, packet_time_ms(agreement)),
            key: None,
            encoder: None,
        }
    }

    pub(crate) fn deadline(&self) -> Tick {
        self.due
    }

    pub(crate) fn number(&self) -> u32 {
        self.reel.number()
    }

    pub(crate) fn position(&self) -> Position {
        self.reel.position()
    }

    /// Whether the last packet has been made.
    pub(crate) fn is_over(&self) -> bool {
        self.key.is_none() && self.reel.is_over()
    }

    /// Adds keys to a programme of keys; anything else is not disturbed by keys.
    pub(crate) fn dial_too(&mut self, keys: Programme) -> bool {
        self.reel.dials() && self.reel.append(keys)
    }

    /// Writes the next frame that is due into `payload`. `None`: nothing is due, or the leg takes no codec of ours.
    pub(crate) fn poll(&mut self, agreement: &Agreement, payload: &mut [u8], now: Tick) -> Option<Frame> {
        let packet_time_ms = packet_time_ms(Some(agreement));
        if now.since(self.due) > MOST_LATE {
            self.due = next_on_grid(now, packet_time_ms);
        }
        if self.due > now {
            return None;
        }
        self.due += Duration::from_millis(packet_time_ms);
        let Some((coding, format)) = Coding::spoken_to(agreement) else {
            // It plays to nobody, but it ends in time.
            self.reel
                .fill(8_000, KeyForm::Tones, &mut [0; 480][..packet_time_ms as usize * 8]);
            return None;
        };
        let frame = |payload_type, content, payload_bytes| Frame {
            payload_type,
            clock_rate: format.codec.clock_rate,
            duration: packet_time_ms as u32 * coding.clock_per_ms(),
            content,
            payload_bytes,
        };
        let events = agreement.send.telephone_events.iter();
        let keys = events.min_by_key(|event| event.codec.clock_rate != format.codec.clock_rate);
        if let Some(keys) = keys {
            if self.key.is_none()
                && let Some(DueKey { digit, ms }) = self.reel.due_key()
            {
                self.reel.pass_key();
                self.key = Some(KeySender::new(digit, ms));
            }
            if let Some(key) = &mut self.key {
                let content = if key.has_begun() {
                    FrameContent::KeyGoesOn
                } else {
                    FrameContent::KeyBegins
                };
                let bytes = key.write(packet_time_ms as u32, keys.codec.clock_rate, payload);
                if key.is_over() {
                    self.key = None;
                }
                return Some(frame(keys.payload_type, content, bytes?));
            }
        }
        let form = if keys.is_some() {
            KeyForm::Events
        } else {
            KeyForm::Tones
        };
        // Opus is cheaper where there is nothing to hear at the top.
        let sample_rate = coding.working_rate(self.reel.widest_rate());
        let samples = &mut [0; MOST_SAMPLES][..sample_rate as usize * packet_time_ms as usize / 1000];
        self.reel.fill(sample_rate, form, samples);
        let bytes = self.encoder(coding, sample_rate)?.encode(samples, payload)?;
        Some(frame(format.payload_type, FrameContent::Sound, bytes))
    }

    /// The sample rate does not change while a programme is played.
    fn encoder(&mut self, coding: Coding, sample_rate: u32) -> Option<&mut Encoder> {
        if self.encoder.as_ref().is_none_or(|(known, _)| *known != coding) {
            self.encoder = Some((coding, Encoder::at(coding, sample_rate)?));
        }
        self.encoder.as_mut().map(|(_, encoder)| encoder)
    }
}

/// What the peer would like, as far as every codec of ours can do it.
fn packet_time_ms(agreement: Option<&Agreement>) -> u64 {
    match agreement.and_then(|agreement| agreement.send.ptime) {
        Some(wished @ (10 | 40 | 60)) => u64::from(wished),
        Some(_) | None => 20,
    }
}

pub(crate) fn next_on_grid(now: Tick, step_ms: u64) -> Tick {
    let step = step_ms * 1000;
    Tick::from_micros((now.as_micros() / step + 1) * step)
}
