//! A sound on its way to one leg: one packet each packet time, on a grid that all players of a thread share.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wigwag_sansio::Tick;
use wigwag_sip::sdp::{Agreement, Codec};

use super::{Sound, synth::synthesise};
use crate::codec::Encoder;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Player {
    sound: Sound,
    position_ms: u64,
    due: Tick,
    /// Not part of the state: another process begins a new encoder, which a tone does not mind.
    #[serde(skip)]
    encoder: Option<(Codec, Encoder)>,
}

/// One packet's worth of sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) payload_type: u8,
    pub(crate) clock_rate: u32,
    /// Where the frame stands in the sound, in packets and in clock units.
    pub(crate) sequence: u16,
    pub(crate) timestamp: u32,
    pub(crate) payload_bytes: usize,
}

/// 60 ms at 48 kHz.
const MOST_SAMPLES: usize = 2880;

/// A player that is later than this goes on in the present instead of catching up.
const MOST_LATE: Duration = Duration::from_millis(100);

impl Player {
    pub(crate) fn new(sound: Sound, agreement: Option<&Agreement>, now: Tick) -> Self {
        Player {
            sound,
            position_ms: 0,
            due: next_on_grid(now, packet_time_ms(agreement)),
            encoder: None,
        }
    }

    pub(crate) fn deadline(&self) -> Tick {
        self.due
    }

    /// Writes the next frame that is due into `payload`. `None`: nothing is due, or the leg takes no codec of ours.
    pub(crate) fn poll(&mut self, agreement: &Agreement, payload: &mut [u8], now: Tick) -> Option<Frame> {
        let packet_time_ms = packet_time_ms(Some(agreement));
        if now.since(self.due) > MOST_LATE {
            let missed_ms = now.since(self.due).as_millis() as u64;
            self.position_ms += missed_ms - missed_ms % packet_time_ms;
            self.due = next_on_grid(now, packet_time_ms);
        }
        if self.due > now {
            return None;
        }
        let position_ms = self.position_ms;
        self.position_ms += packet_time_ms;
        self.due += Duration::from_millis(packet_time_ms);

        let format = agreement
            .send
            .codecs
            .iter()
            .find(|format| Encoder::knows(&format.codec))?;
        let sample_rate = format.codec.sample_rate();
        let samples = &mut [0; MOST_SAMPLES][..sample_rate as usize * packet_time_ms as usize / 1000];
        synthesise(self.sound, position_ms, sample_rate, samples);
        let payload_bytes = self.encoder(&format.codec)?.encode(samples, payload)?;
        Some(Frame {
            payload_type: format.payload_type,
            clock_rate: format.codec.clock_rate,
            // Both wrap, as RTP wants it.
            sequence: (position_ms / packet_time_ms) as u16,
            timestamp: (position_ms * u64::from(format.codec.clock_rate) / 1000) as u32,
            payload_bytes,
        })
    }

    fn encoder(&mut self, codec: &Codec) -> Option<&mut Encoder> {
        if self.encoder.as_ref().is_none_or(|(known, _)| known != codec) {
            self.encoder = Some((codec.clone(), Encoder::of(codec)?));
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

fn next_on_grid(now: Tick, step_ms: u64) -> Tick {
    let step = step_ms * 1000;
    Tick::from_micros((now.as_micros() / step + 1) * step)
}
