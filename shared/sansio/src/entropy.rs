//! Randomness as an argument.

use rand_chacha::{
    ChaCha12Rng,
    rand_core::{Rng, SeedableRng},
};
use serde::{Deserialize, Serialize};

/// A seeded, serialisable source of unpredictable values for one machine.
///
/// Shells seed it from the operating system; tests seed it with a number and get the same run again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entropy(ChaCha12Rng);

/// 32 symbols that survive being read aloud, any SIP token position and any host name position.
const SYMBOLS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

impl Entropy {
    /// A source that continues from 32 secret bytes.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Entropy(ChaCha12Rng::from_seed(seed))
    }

    /// A source for tests: the same number gives the same values.
    pub fn from_number(number: u64) -> Self {
        Entropy(ChaCha12Rng::seed_from_u64(number))
    }

    /// A source of its own for a machine that is born now.
    #[must_use]
    pub fn fork(&mut self) -> Entropy {
        let mut seed = [0; 32];
        self.fill(&mut seed);
        Entropy::from_seed(seed)
    }

    /// 64 unpredictable bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// 32 unpredictable bits.
    pub fn next_u32(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// A number in `0..bound`, or 0 when `bound` is 0; the bias is below 2⁻³².
    pub fn below(&mut self, bound: u32) -> u32 {
        let product = u128::from(self.0.next_u64()) * u128::from(bound);
        u32::try_from(product >> 64).expect("the product of 64 and 32 bits, less 64 bits, has at most 32")
    }

    /// Fills `bytes` with unpredictable bytes.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }

    /// A word of `symbols` letters and digits with five bits each, fit for tags, branches and passwords.
    pub fn word(&mut self, symbols: usize) -> String {
        let mut word = String::with_capacity(symbols);
        for _ in 0..symbols {
            let index = usize::from(self.next_u32() as u8 & 31);
            word.push(char::from(SYMBOLS[index]));
        }
        word
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_values() {
        let (mut a, mut b) = (Entropy::from_number(7), Entropy::from_number(7));
        assert_eq!((a.next_u64(), a.word(12)), (b.next_u64(), b.word(12)));
        assert_eq!(a.fork(), b.fork());
        assert_ne!(Entropy::from_number(7).word(16), Entropy::from_number(8).word(16));
    }

    #[test]
    fn below_stays_below() {
        let mut entropy = Entropy::from_number(1);
        assert!((0..1000).all(|_| entropy.below(6) < 6));
        assert_eq!(entropy.below(0), 0);
    }
}
