//! A programme on its way: piece after piece as samples, at whatever rate the listener wants them.

use serde::{Deserialize, Serialize};

use super::{
    Programme, Sound,
    programme::{Content, Position, Times},
    resample::Resampler,
    synth::synthesise,
    tones::Tone,
};
use crate::event::DtmfDigit;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Reel {
    programme: Programme,
    position: Position,
    /// Not part of the state: the memory of a millisecond.
    #[serde(skip)]
    resampler: Option<Resampler>,
}

/// A key of the programme that is to begin now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DueKey {
    pub(crate) digit: DtmfDigit,
    pub(crate) ms: u32,
}

/// How keys of the programme are heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyForm {
    Tones,
    /// Somebody else sends them: the piece is silent from there on where one is due.
    Events,
}

impl Reel {
    pub(crate) fn new(programme: Programme) -> Self {
        Reel {
            programme,
            position: Position::default(),
            resampler: None,
        }
    }

    pub(crate) fn number(&self) -> u32 {
        self.programme.number()
    }

    /// The highest sample rate that it has a use for, in hertz.
    pub(super) fn widest_rate(&self) -> u32 {
        self.programme.widest_rate()
    }

    pub(crate) fn position(&self) -> Position {
        self.position
    }

    /// Whether everything was heard.
    pub(crate) fn is_over(&self) -> bool {
        let over = match self.programme.times {
            Times::Number(rounds) => self.position.round >= rounds.get(),
            Times::Forever => false,
        };
        over || self.programme.items.is_empty()
    }

    /// The key that stands at the present position.
    pub(super) fn due_key(&self) -> Option<DueKey> {
        let item = self.programme.items.get(self.position.item as usize)?;
        match (&item.content, item.length_ms) {
            (Content::Key(digit), Some(ms)) if self.position.ms == 0 && !self.is_over() => {
                Some(DueKey { digit: *digit, ms })
            }
            (Content::Key(_) | Content::Tone(_) | Content::Sound(_), _) => None,
        }
    }

    /// Steps over the key that stands at the present position.
    pub(crate) fn pass_key(&mut self) {
        if let Some(key) = self.due_key() {
            self.advance(key.ms);
        }
    }

    /// Adds what is to be heard after everything else; answers whether there was room.
    pub(crate) fn append(&mut self, more: Programme) -> bool {
        if self.programme.items.len() + more.items.len() > MOST_APPENDED {
            return false;
        }
        self.programme.items.extend(more.items);
        true
    }

    /// Whether it consists of keys alone.
    pub(crate) fn dials(&self) -> bool {
        let items = &self.programme.items;
        items.iter().any(|item| matches!(item.content, Content::Key(_)))
            && !items.iter().any(|item| match item.content {
                Content::Key(_) | Content::Tone(Tone::Silence) => false,
                Content::Tone(_) | Content::Sound(_) => true,
            })
    }

    /// Fills the next piece, a whole number of milliseconds, and moves on by it.
    pub(crate) fn fill(&mut self, sample_rate: u32, keys: KeyForm, samples: &mut [i16]) {
        let per_ms = sample_rate as usize / 1000;
        let mut rest = &mut samples[..];
        while !rest.is_empty() {
            let stops = self.is_over() || (keys == KeyForm::Events && self.due_key().is_some());
            let Some(item) = self.programme.items.get(self.position.item as usize).filter(|_| !stops) else {
                rest.fill(0);
                return;
            };
            let ms = (rest.len() / per_ms) as u32;
            let ms = item.length_ms.map_or(ms, |length| ms.min(length - self.position.ms));
            let (piece, left) = rest.split_at_mut(ms as usize * per_ms);
            match &item.content {
                Content::Tone(tone) => synthesise(*tone, self.tone_position_ms(), sample_rate, piece),
                Content::Key(digit) => synthesise(Tone::Key(*digit), u64::from(self.position.ms), sample_rate, piece),
                Content::Sound(sound) => {
                    let from = sound.piece(self.position.ms, ms);
                    copy(sound, from, sample_rate, &mut self.resampler, piece);
                }
            }
            if let Some(factor) = self.programme.factor() {
                amplify(piece, factor);
            }
            self.advance(ms);
            rest = left;
        }
    }

    /// A tone without an end may last longer than a position counts; its rounds are 2³² milliseconds.
    fn tone_position_ms(&self) -> u64 {
        let endless = self.programme.items.get(self.position.item as usize);
        let round = match endless {
            Some(item) if item.length_ms.is_none() => self.position.item_round,
            Some(_) | None => 0,
        };
        u64::from(round) << 32 | u64::from(self.position.ms)
    }

    fn advance(&mut self, ms: u32) {
        let position = &mut self.position;
        let Some(item) = self.programme.items.get(position.item as usize) else {
            return;
        };
        let (next, wrapped) = position.ms.overflowing_add(ms);
        position.ms = next;
        let Some(length_ms) = item.length_ms else {
            position.item_round = position.item_round.saturating_add(u32::from(wrapped));
            return;
        };
        if position.ms < length_ms {
            return;
        }
        position.ms = 0;
        position.item_round = position.item_round.saturating_add(1);
        let done = match item.times {
            Times::Number(times) => position.item_round >= times.get(),
            Times::Forever => false,
        };
        if done {
            position.item_round = 0;
            position.item += 1;
            if position.item as usize == self.programme.items.len() {
                position.item = 0;
                position.round = position.round.saturating_add(1);
            }
        }
    }
}

/// More keys than anybody dials at once.
const MOST_APPENDED: usize = 64;

fn copy(sound: &Sound, from: &[i16], sample_rate: u32, resampler: &mut Option<Resampler>, into: &mut [i16]) {
    let mut piece = [0; 2880];
    let piece = &mut piece[..into.len() * sound.sample_rate() as usize / sample_rate as usize];
    piece[..from.len()].copy_from_slice(from);
    if sound.sample_rate() == sample_rate {
        return into.copy_from_slice(piece);
    }
    if !resampler
        .as_ref()
        .is_some_and(|known| known.converts(sound.sample_rate(), sample_rate))
    {
        *resampler = Resampler::between(sound.sample_rate(), sample_rate);
    }
    if let Some(resampler) = resampler {
        resampler.convert(piece, into);
    }
}

fn amplify(samples: &mut [i16], factor: f32) {
    for sample in samples {
        // The conversion cuts what is too loud.
        *sample = (f32::from(*sample) * factor) as i16;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::sound::measure_dbm0;

    fn sound(rate: u32, ms: u32) -> Arc<Sound> {
        let samples = (0..rate / 1000 * ms).map(|n| (n % 100) as i16 + 1).collect();
        Arc::new(Sound::new(rate, samples).expect("a sound"))
    }

    /// Everything that is heard until it is over, in pieces of 20 ms.
    fn heard(programme: Programme) -> Vec<i16> {
        let mut reel = Reel::new(programme);
        let mut all = Vec::new();
        while !reel.is_over() {
            let mut piece = [0; 160];
            reel.fill(8_000, KeyForm::Tones, &mut piece);
            all.extend(piece);
            assert!(all.len() < 800_000, "it has no end");
        }
        all
    }

    #[test]
    fn items_follow_each_other_to_the_sample() {
        let three = Times::Number(3.try_into().expect("not zero"));
        let programme = Programme::new(1)
            .sound(sound(8_000, 25))
            .item_repeated(three)
            .silence(5)
            .repeated(three);
        let one = [sound(8_000, 25).samples().repeat(3), vec![0; 40]].concat();
        assert_eq!(heard(programme), one.repeat(3));
    }

    #[test]
    fn an_endless_item_and_an_endless_programme_have_no_end_and_an_empty_one_is_over() {
        assert!(Reel::new(Programme::new(1).silence(0).repeated(Times::Forever)).is_over());
        for programme in [
            Programme::from(Tone::Busy),
            Programme::new(1).silence(7).repeated(Times::Forever),
            Programme::new(1).silence(7).item_repeated(Times::Forever),
        ] {
            let mut reel = Reel::new(programme);
            for _ in 0..1_000 {
                reel.fill(8_000, KeyForm::Tones, &mut [0; 480]);
            }
            assert!(!reel.is_over());
        }
    }

    #[test]
    fn a_tone_that_outlasts_its_counter_keeps_its_cadence() {
        let mut reel = Reel::new(Programme::from(Tone::Busy));
        let mut expected = [0; 480];
        let begin = u64::from(u32::MAX) - 29;
        synthesise(Tone::Busy, begin, 8_000, &mut expected);
        reel.position.ms = u32::MAX - 29;
        let mut piece = [0; 480];
        reel.fill(8_000, KeyForm::Tones, &mut piece);
        assert_eq!(piece, expected);
        synthesise(Tone::Busy, begin + 60, 8_000, &mut expected);
        reel.fill(8_000, KeyForm::Tones, &mut piece);
        assert_eq!(piece, expected);
    }

    #[test]
    fn gain_and_sample_rate_change_neither_length_nor_pitch() {
        for (rate, gain) in [(8_000, 0), (16_000, -6), (48_000, 6)] {
            let mut samples = vec![0; rate as usize];
            synthesise(
                Tone::Steady {
                    hz: 1_000,
                    level_dbm0: -20,
                },
                0,
                rate,
                &mut samples,
            );
            let recorded = Arc::new(Sound::new(rate, samples).expect("a sound"));
            let heard = heard(Programme::from(recorded).gain(gain));
            assert_eq!(heard.len(), 8_000);
            let level = measure_dbm0(&heard[400..7_600], 8_000, 1_000);
            assert!((level + 20.0 - f64::from(gain)).abs() < 0.2, "{level}");
        }
    }

    #[test]
    fn keys_stop_a_piece_where_events_are_sent_instead() {
        let digit = DtmfDigit::from_char('#').expect("a key");
        let mut reel = Reel::new(Programme::new(1).sound(sound(8_000, 30)).key(digit, 100));
        assert!(!reel.dials());
        let mut piece = [9; 320];
        reel.fill(8_000, KeyForm::Events, &mut piece);
        assert_eq!((piece[239], piece[240..].iter().max()), (40, Some(&0)));
        assert_eq!(reel.due_key(), Some(DueKey { digit, ms: 100 }));
        reel.pass_key();
        assert_eq!(reel.due_key(), None);
        reel.fill(8_000, KeyForm::Events, &mut [0; 640]);
        assert!(reel.is_over());
        let mut dial = Reel::new(Programme::new(1).key(digit, 100));
        assert!(dial.dials());
        let room = (0..100).filter(|_| dial.append(Programme::new(1).key(digit, 100)));
        assert_eq!(room.count(), 31);
    }
}
