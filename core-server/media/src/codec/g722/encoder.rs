//! Two samples to a byte (ITU-T G.722 §3).

use serde::{Deserialize, Serialize};

use super::{
    band::{Band, Half, saturate},
    filter::MirrorFilter,
};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct G722Encoder {
    filter: MirrorFilter,
    pub(super) lower: Band,
    pub(super) upper: Band,
}

impl Default for G722Encoder {
    fn default() -> Self {
        G722Encoder {
            filter: MirrorFilter::default(),
            lower: Band::new(Half::Lower),
            upper: Band::new(Half::Upper),
        }
    }
}

impl G722Encoder {
    /// Encodes pairs of samples, one byte each, as far as both reach.
    pub(crate) fn encode(&mut self, samples: &[i16], bytes: &mut [u8]) {
        for (byte, pair) in bytes.iter_mut().zip(samples.as_chunks().0) {
            *byte = self.encode_pair(*pair);
        }
    }

    fn encode_pair(&mut self, [first, second]: [i16; 2]) -> u8 {
        let (odd, even) = self.filter.step(i32::from(first), i32::from(second));
        let lower = quantise_lower(saturate(((even + odd) >> 14) - self.lower.signal), self.lower.scale);
        self.lower.adapt(Half::Lower, usize::from(lower >> 2));
        let upper = quantise_upper(saturate(((even - odd) >> 14) - self.upper.signal), self.upper.scale);
        self.upper.adapt(Half::Upper, usize::from(upper));
        upper << 6 | lower
    }
}

fn quantise_lower(difference: i32, scale: i32) -> u8 {
    let magnitude = magnitude(difference);
    let above = LOWER_THRESHOLDS.partition_point(|threshold| (threshold * scale) >> 12 <= magnitude);
    let codes = if difference < 0 { &NEGATIVE } else { &POSITIVE };
    codes[above]
}

fn quantise_upper(difference: i32, scale: i32) -> u8 {
    let outer = magnitude(difference) >= (564 * scale) >> 12;
    match (difference < 0, outer) {
        (true, false) => 1,
        (true, true) => 0,
        (false, false) => 3,
        (false, true) => 2,
    }
}

fn magnitude(difference: i32) -> i32 {
    if difference < 0 { -(difference + 1) } else { difference }
}

/// Decision levels of the lower half (table 1, Q6).
const LOWER_THRESHOLDS: [i32; 29] = [
    35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023, 1121, 1219, 1339,
    1458, 1612, 1765, 1980, 2195, 2557, 2919,
];
/// Their codes (table 1, ILN and ILP).
const NEGATIVE: [u8; 30] = [
    63, 62, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4,
];
const POSITIVE: [u8; 30] = [
    61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41, 40, 39, 38, 37, 36, 35, 34, 33,
    32,
];
