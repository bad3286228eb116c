//! Sound in place of lost packets, for codecs that cannot make it up themselves: the last period of the voice again and
//! again, dying away (after ITU-T G.711 appendix I).

use super::similar::period;

pub(super) struct Concealer {
    sample_rate: u32,
    /// The last sound that was really heard.
    past: Vec<i16>,
    loss: Option<Loss>,
}

#[derive(Clone, Copy)]
struct Loss {
    period: usize,
    /// Samples made up so far.
    made_up: usize,
}

/// Enough for a period of 15 ms and what it is compared with.
const PAST_MS: usize = 30;
/// Fully heard for this long, gone after that.
const STEADY_MS: usize = 10;
const GONE_MS: usize = 60;
/// How long what is made up lasts on under the first sound after a loss.
const OVERLAP_MS: usize = 4;

impl Concealer {
    pub(super) fn new(sample_rate: u32) -> Self {
        Concealer {
            sample_rate,
            past: Vec::with_capacity(2 * PAST_MS * sample_rate as usize / 1000),
            loss: None,
        }
    }

    /// Takes in sound that was heard, and lets it begin softly after a loss.
    pub(super) fn hear(&mut self, samples: &mut [i16]) {
        if self.loss.is_some() {
            let overlap = self.len_of(OVERLAP_MS).min(samples.len());
            for (n, sample) in samples[..overlap].iter_mut().enumerate() {
                let made_up = self.make_up_sample();
                let share = (n + 1) as f32 / (overlap + 1) as f32;
                *sample = (f32::from(*sample) * share + made_up * (1.0 - share)) as i16;
            }
            self.loss = None;
        }
        let keep = self.len_of(PAST_MS);
        let new = &samples[samples.len().saturating_sub(keep)..];
        let too_many = (self.past.len() + new.len()).saturating_sub(keep);
        self.past.drain(..too_many);
        self.past.extend_from_slice(new);
    }

    /// Appends `count` samples in place of lost ones.
    pub(super) fn make_up(&mut self, count: usize, samples: &mut Vec<i16>) {
        if self.loss.is_none() {
            let ms = |ms: usize| self.len_of(ms);
            let period = period(&self.past, ms(10), ms(5) / 2, ms(15));
            self.loss = Some(Loss { period, made_up: 0 });
        }
        samples.extend((0..count).map(|_| self.make_up_sample() as i16));
    }

    fn make_up_sample(&mut self) -> f32 {
        let (steady, gone) = (self.len_of(STEADY_MS), self.len_of(GONE_MS));
        let Some(loss) = self.loss.as_mut().filter(|loss| loss.made_up < gone) else {
            return 0.0;
        };
        let place = self.past.len().checked_sub(loss.period);
        let sample = place.and_then(|start| self.past.get(start + loss.made_up % loss.period));
        let left = (gone - loss.made_up.max(steady)) as f32 / (gone - steady) as f32;
        loss.made_up += 1;
        sample.map_or(0.0, |sample| f32::from(*sample) * left)
    }

    fn len_of(&self, ms: usize) -> usize {
        ms * self.sample_rate as usize / 1000
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sound::measure_dbm0;

    fn tone(from: usize, count: usize) -> Vec<i16> {
        let at = |n: usize| (n as f64 * std::f64::consts::TAU * 200.0 / 8_000.0).sin() * 8_000.0;
        (from..from + count).map(|n| at(n) as i16).collect()
    }

    #[test]
    fn a_lost_packet_of_a_voice_is_hardly_heard() {
        let mut concealer = Concealer::new(8_000);
        let mut heard = Vec::new();
        for packet in 0..50 {
            if packet % 10 == 9 {
                concealer.make_up(160, &mut heard);
            } else {
                let mut samples = tone(packet * 160, 160);
                concealer.hear(&mut samples);
                heard.extend(samples);
            }
        }
        let (whole, concealed) = (tone(0, 8_000), &heard[..]);
        let (level, heard_at) = (measure_dbm0(&whole, 8_000, 200), measure_dbm0(concealed, 8_000, 200));
        assert!((level - heard_at).abs() < 0.7, "{level} {heard_at}");
        let steepest = |sound: &[i16]| sound.windows(2).map(|pair| (pair[1] - pair[0]).abs()).max();
        assert!(steepest(concealed) <= steepest(&whole).map(|step| step * 3 / 2));
    }

    #[test]
    fn a_long_loss_dies_away_and_what_was_never_heard_is_silent() {
        let mut concealer = Concealer::new(8_000);
        let mut silence = Vec::new();
        concealer.make_up(160, &mut silence);
        assert_eq!(silence, [0; 160]);
        concealer.hear(&mut tone(0, 800));
        let mut made_up = Vec::new();
        concealer.make_up(800, &mut made_up);
        assert!(made_up[..80].iter().any(|sample| sample.abs() > 7_000));
        assert_eq!(made_up[480..], [0; 320]);
    }
}
