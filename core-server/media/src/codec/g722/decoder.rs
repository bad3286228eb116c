//! A byte to two samples (ITU-T G.722 §4).

use serde::{Deserialize, Serialize};

use super::{
    band::{Band, Half, saturate},
    filter::MirrorFilter,
};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct G722Decoder {
    filter: MirrorFilter,
    pub(super) lower: Band,
    pub(super) upper: Band,
}

impl Default for G722Decoder {
    fn default() -> Self {
        G722Decoder {
            filter: MirrorFilter::default(),
            lower: Band::new(Half::Lower),
            upper: Band::new(Half::Upper),
        }
    }
}

impl G722Decoder {
    /// Decodes bytes to two samples each, as far as both reach.
    pub(crate) fn decode(&mut self, bytes: &[u8], samples: &mut [i16]) {
        for (pair, byte) in samples.as_chunks_mut().0.iter_mut().zip(bytes) {
            *pair = self.decode_byte(*byte);
        }
    }

    fn decode_byte(&mut self, byte: u8) -> [i16; 2] {
        let (lower, upper) = (usize::from(byte & 0x3f), usize::from(byte >> 6));
        let level = (self.lower.scale * LEVELS[lower]) >> 15;
        let low = (self.lower.signal + level).clamp(-16_384, 16_383);
        self.lower.adapt(Half::Lower, lower >> 2);
        let level = (self.upper.scale * UPPER_LEVELS[upper]) >> 15;
        let high = (self.upper.signal + level).clamp(-16_384, 16_383);
        self.upper.adapt(Half::Upper, upper);
        let (second, first) = self.filter.step(low + high, low - high);
        [first, second].map(|sum| saturate(sum >> 11) as i16)
    }
}

/// Six-bit inverse quantiser of the lower half (table 20).
const LEVELS: [i32; 64] = [
    -136, -136, -136, -136, -24_808, -21_904, -19_008, -16_704, -14_984, -13_512, -12_280, -11_192, -10_232, -9_360,
    -8_576, -7_856, -7_192, -6_576, -6_000, -5_456, -4_944, -4_464, -4_008, -3_576, -3_168, -2_776, -2_400, -2_032,
    -1_688, -1_360, -1_040, -728, 24_808, 21_904, 19_008, 16_704, 14_984, 13_512, 12_280, 11_192, 10_232, 9_360, 8_576,
    7_856, 7_192, 6_576, 6_000, 5_456, 4_944, 4_464, 4_008, 3_576, 3_168, 2_776, 2_400, 2_032, 1_688, 1_360, 1_040,
    728, 432, 136, -432, -136,
];
const UPPER_LEVELS: [i32; 4] = [-7_408, -1_616, 7_408, 1_616];
