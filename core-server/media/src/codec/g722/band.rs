//! One half of the spectrum: the adaptive predictor and the quantiser's scale (ITU-T G.722 §3.3–3.6, §6.2).

use serde::{Deserialize, Serialize};

/// The state that encoder and decoder keep alike.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Band {
    /// The predicted signal, and its part from the zeros.
    pub(super) signal: i32,
    zeros_signal: i32,
    /// The last two reconstructed values, partly reconstructed values, and coefficients of the poles.
    reconstructed: [i32; 2],
    partial: [i32; 2],
    poles: [i32; 2],
    /// The last six differences and their coefficients.
    differences: [i32; 6],
    zeros: [i32; 6],
    /// The scale of the quantiser, and its logarithm.
    pub(super) scale: i32,
    log_scale: i32,
}

/// What differs between the two halves: 6 bits for the lower, 2 for the upper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Half {
    Lower,
    Upper,
}

impl Band {
    pub(super) fn new(half: Half) -> Self {
        Band {
            signal: 0,
            zeros_signal: 0,
            reconstructed: [0; 2],
            partial: [0; 2],
            poles: [0; 2],
            differences: [0; 6],
            zeros: [0; 6],
            scale: match half {
                Half::Lower => 32,
                Half::Upper => 8,
            },
            log_scale: 0,
        }
    }

    /// Adapts to the four or two bits that steer the prediction.
    pub(super) fn adapt(&mut self, half: Half, code: usize) {
        let (quantised, step, highest, shift) = match half {
            Half::Lower => (LOWER_LEVELS[code], LOWER_STEPS[code], 18_432, 8),
            Half::Upper => (UPPER_LEVELS[code], UPPER_STEPS[code], 22_528, 10),
        };
        let difference = (self.scale * quantised) >> 15;
        self.log_scale = (((self.log_scale * 127) >> 7) + step).clamp(0, highest);
        let mantissa = MANTISSAS[(self.log_scale >> 6 & 31) as usize];
        let exponent = shift - (self.log_scale >> 11);
        let scale = if exponent < 0 {
            mantissa << -exponent
        } else {
            mantissa >> exponent
        };
        self.scale = scale << 2;
        self.predict(difference);
    }

    fn predict(&mut self, difference: i32) {
        let reconstructed = saturate(self.signal + difference);
        let partial = saturate(self.zeros_signal + difference);
        self.adapt_poles(partial);
        self.adapt_zeros(difference);
        self.reconstructed = [reconstructed, self.reconstructed[0]];
        self.partial = [partial, self.partial[0]];
        self.differences.copy_within(..5, 1);
        self.differences[0] = difference;

        let doubled = |value: i32| saturate(value + value);
        let poles_signal = (self.poles[0] * doubled(self.reconstructed[0])) >> 15;
        let poles_signal = saturate(poles_signal + ((self.poles[1] * doubled(self.reconstructed[1])) >> 15));
        let products = self.zeros.iter().zip(&self.differences);
        self.zeros_signal = saturate(products.map(|(zero, past)| (zero * doubled(*past)) >> 15).sum());
        self.signal = saturate(poles_signal + self.zeros_signal);
    }

    fn adapt_poles(&mut self, partial: i32) {
        let same_sign = |past: i32| (partial < 0) == (past < 0);
        let first = saturate(self.poles[0] << 2);
        let towards = if same_sign(self.partial[0]) { -first } else { first };
        let leak = if same_sign(self.partial[1]) { 128 } else { -128 };
        let second = (leak + (towards.min(32_767) >> 7) + ((self.poles[1] * 32_512) >> 15)).clamp(-12_288, 12_288);
        let leak = if same_sign(self.partial[0]) { 192 } else { -192 };
        let limit = saturate(15_360 - second);
        let first = saturate(leak + ((self.poles[0] * 32_640) >> 15)).clamp(-limit, limit);
        self.poles = [first, second];
    }

    fn adapt_zeros(&mut self, difference: i32) {
        let step = if difference == 0 { 0 } else { 128 };
        for (zero, past) in self.zeros.iter_mut().zip(&self.differences) {
            let towards = if (*past < 0) == (difference < 0) { step } else { -step };
            *zero = saturate(towards + ((*zero * 32_640) >> 15));
        }
    }
}

pub(super) fn saturate(value: i32) -> i32 {
    value.clamp(i32::from(i16::MIN), i32::from(i16::MAX))
}

/// Four-bit inverse quantiser of the lower half (table 16).
const LOWER_LEVELS: [i32; 16] = [
    0, -20_456, -12_896, -8_968, -6_288, -4_240, -2_584, -1_200, 20_456, 12_896, 8_968, 6_288, 4_240, 2_584, 1_200, 0,
];
/// What each of its codes does to the logarithm of the scale (tables 12 and 13).
const LOWER_STEPS: [i32; 16] = [
    -60, 3_042, 1_198, 538, 334, 172, 58, -30, 3_042, 1_198, 538, 334, 172, 58, -30, -60,
];
/// Two-bit inverse quantiser of the upper half (table 18), and its steps (tables 14 and 15).
const UPPER_LEVELS: [i32; 4] = [-7_408, -1_616, 7_408, 1_616];
const UPPER_STEPS: [i32; 4] = [798, -214, 798, -214];
/// 2^(n/32) × 2048 (table 19).
const MANTISSAS: [i32; 32] = [
    2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834, 2896, 2960, 3025,
    3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008,
];
