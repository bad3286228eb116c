//! What one leg says, in time: a jitter buffer that is as short as the network lets it be.
//!
//! Sound waits as packets and is decoded when it is due. A packet that comes too late lengthens the wait by what was
//! made up in its place; when more has waited for two seconds than was needed, a period of the voice is cut out.

use std::time::Duration;

use wigwag_sansio::Tick;

use super::{
    conceal::Concealer,
    similar::period,
    slots::{Due, Slots},
};
use crate::{
    codec::{Coding, Decoder},
    payload::Content,
    sound::Resampler,
};

/// The ear for one leg, which hears frames of 20 ms.
pub(crate) struct Ear {
    /// The rate at which it is listened through.
    sample_rate: u32,
    slots: Slots,
    decoding: Option<Decoding>,
    state: State,
    /// Samples in the last packet.
    packet_samples: usize,
    /// The least that was left over after a frame, in samples, and the frames since that is counted.
    left_over: usize,
    frames: u32,
}

struct Decoding {
    coding: Coding,
    decoder: Decoder,
    /// Of the decoder.
    rate: u32,
    /// Decoded, but not due yet.
    samples: Vec<i16>,
    concealer: Concealer,
    resampler: Option<Resampler>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Silent,
    /// The first packet came then.
    Beginning(Tick),
    Speaking {
        /// Frames in a row that had to be made up, since nothing came.
        starved: u32,
    },
}

/// The first packet waits at least so long, so that a little jitter does not tear the second from it.
const FIRST_WAIT: Duration = Duration::from_millis(8);
/// After so many frames without a packet nobody speaks any more.
const MOST_STARVED: u32 = 3;
/// How many frames are looked at before the wait is shortened, and before it is shortened further.
const WINDOW: u32 = 100;
const WINDOW_BETWEEN_CUTS: u32 = 25;
/// What may be left over: the wait is shortened down to this.
const SPARE_MS: usize = 12;
/// The longest packet, with what may be left of the one before.
const MOST_SAMPLES: usize = 48 * (120 + 60);

impl Ear {
    pub(crate) fn new(sample_rate: u32) -> Self {
        Ear {
            sample_rate,
            slots: Slots::new(),
            decoding: None,
            state: State::Silent,
            packet_samples: 0,
            left_over: usize::MAX,
            frames: 0,
        }
    }

    /// Listens at another rate from now on.
    pub(crate) fn retune(&mut self, sample_rate: u32) {
        if self.sample_rate != sample_rate {
            self.sample_rate = sample_rate;
            self.decoding = None;
        }
    }

    /// Takes in a packet.
    pub(crate) fn hear(&mut self, sequence: u16, content: Content, payload: &[u8], now: Tick) {
        let coding = match content {
            Content::Sound(coding) => coding,
            Content::KeyPress => None,
        };
        if self.slots.insert(sequence, coding, payload) && coding.is_some() && self.state == State::Silent {
            self.state = State::Beginning(now);
        }
    }

    /// Writes the next 20 ms of what is said; answers whether anything is.
    pub(crate) fn listen(&mut self, frame: &mut [i16], now: Tick) -> bool {
        match self.state {
            State::Silent => return false,
            State::Beginning(since) if now.since(since) < FIRST_WAIT => return false,
            State::Beginning(_) => self.state = State::Speaking { starved: 0 },
            State::Speaking { .. } => {}
        }
        let enough = self.decode();
        let Some(decoding) = &mut self.decoding else {
            self.state = State::Silent;
            return false;
        };
        let needed = decoding.rate as usize / 50;
        let starved = match self.state {
            _ if enough => 0,
            State::Speaking { starved } => starved + 1,
            State::Silent | State::Beginning(_) => 1,
        };
        if !enough {
            let missing = needed - decoding.samples.len();
            decoding.make_up(None, missing);
        }
        match &mut decoding.resampler {
            Some(resampler) => resampler.convert(&decoding.samples[..needed], frame),
            None => frame.copy_from_slice(&decoding.samples[..needed]),
        }
        decoding.samples.drain(..needed);
        self.state = State::Speaking { starved };
        if starved > MOST_STARVED {
            fade_out(frame);
            decoding.samples.clear();
            self.state = State::Silent;
        }
        self.keep_short();
        true
    }

    /// Decodes until a frame is there; answers whether it is.
    fn decode(&mut self) -> bool {
        loop {
            if let Some(decoding) = &self.decoding
                && decoding.samples.len() >= decoding.rate as usize / 50
            {
                return true;
            }
            match self.slots.next() {
                Due::Sound(coding, payload) => {
                    if self.decoding.as_ref().is_none_or(|known| known.coding != coding) {
                        self.decoding = Decoding::new(coding, self.sample_rate);
                    }
                    let Some(decoding) = &mut self.decoding else {
                        continue;
                    };
                    match decoding.decode(payload) {
                        Some(samples) => self.packet_samples = samples,
                        None => decoding.make_up(None, self.packet_samples),
                    }
                }
                Due::Lost(next) => {
                    if let Some(decoding) = &mut self.decoding {
                        let next = next.filter(|(coding, _)| *coding == decoding.coding);
                        decoding.make_up(next.map(|(_, payload)| payload), self.packet_samples);
                    }
                }
                Due::Nothing => return false,
            }
        }
    }

    /// Shortens the wait when it has been longer than needed for a while.
    fn keep_short(&mut self) {
        let Some(decoding) = &mut self.decoding else {
            return;
        };
        let left_over = decoding.samples.len() + self.slots.waiting() * self.packet_samples;
        self.left_over = self.left_over.min(left_over);
        self.frames += 1;
        if self.frames < WINDOW {
            return;
        }
        let spare = decoding.rate as usize / 1000 * SPARE_MS;
        let cut = self
            .left_over
            .checked_sub(spare)
            .map_or(0, |most| decoding.cut(most, &mut self.slots));
        self.frames = if cut > 0 { WINDOW - WINDOW_BETWEEN_CUTS } else { 0 };
        self.left_over = usize::MAX;
    }
}

impl Decoding {
    fn new(coding: Coding, sample_rate: u32) -> Option<Self> {
        let rate = coding.working_rate(sample_rate);
        Some(Decoding {
            coding,
            decoder: Decoder::at(coding, rate)?,
            rate,
            samples: Vec::with_capacity(MOST_SAMPLES),
            concealer: Concealer::new(rate),
            resampler: Resampler::between(rate, sample_rate),
        })
    }

    /// Answers how many samples a packet has.
    fn decode(&mut self, payload: &[u8]) -> Option<usize> {
        let before = self.samples.len();
        self.decoder.decode(payload, &mut self.samples)?;
        // A packet of G.711 may be any length; nobody speaks a quarter of a second at once.
        self.samples
            .truncate(before + self.rate as usize / 1000 * MOST_PACKET_MS);
        self.concealer.hear(&mut self.samples[before..]);
        Some(self.samples.len() - before)
    }

    fn make_up(&mut self, next: Option<&[u8]>, count: usize) {
        if self.decoder.make_up(next, count, &mut self.samples).is_none() {
            self.concealer.make_up(count, &mut self.samples);
        }
    }

    /// Cuts a period of the voice out, at most `most` samples; answers how many.
    fn cut(&mut self, most: usize, slots: &mut Slots) -> usize {
        let ms = self.rate as usize / 1000;
        let furthest = most.min(10 * ms);
        if furthest < 5 * ms / 2 {
            return 0;
        }
        if self.samples.len() < 2 * furthest
            && let Due::Sound(coding, payload) = slots.next()
            && coding == self.coding
        {
            self.decode(payload);
        }
        if self.samples.len() < 2 * furthest {
            return 0;
        }
        let period = period(&self.samples[..2 * furthest], furthest, 5 * ms / 2, furthest);
        for n in 0..period {
            let share = n as f32 / period as f32;
            let (now, later) = (f32::from(self.samples[n]), f32::from(self.samples[n + period]));
            self.samples[n] = (now * (1.0 - share) + later * share) as i16;
        }
        // The first period has become the second: that one goes.
        self.samples.drain(period..2 * period);
        period
    }
}

const MOST_PACKET_MS: usize = 120;

fn fade_out(frame: &mut [i16]) {
    let len = frame.len() as f32;
    for (n, sample) in frame.iter_mut().enumerate() {
        *sample = (f32::from(*sample) * (1.0 - n as f32 / len)) as i16;
    }
}
