//! The quadrature mirror filters, which split the spectrum at 4 kHz and join it again (ITU-T G.722 §3.1, §4.4).

use serde::{Deserialize, Serialize};

/// Half of the 24 coefficients (table 11); the other half is its mirror image.
const COEFFICIENTS: [i32; 12] = [3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11];

/// The last 24 values of one direction, as twelve pairs.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct MirrorFilter([(i32, i32); 12]);

impl MirrorFilter {
    /// Takes the next pair of values in; answers both sums over the last twelve pairs.
    pub(super) fn step(&mut self, first: i32, second: i32) -> (i32, i32) {
        self.0.copy_within(1.., 0);
        self.0[11] = (first, second);
        let mirrored = COEFFICIENTS.iter().rev();
        self.0.iter().zip(COEFFICIENTS.iter().zip(mirrored)).fold(
            (0, 0),
            |(firsts, seconds), ((first, second), (straight, mirrored))| {
                (firsts + first * straight, seconds + second * mirrored)
            },
        )
    }
}
