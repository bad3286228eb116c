//! G.722 at 64 kbit/s: 16 000 samples a second in two halves of the spectrum, each ADPCM (ITU-T G.722).
//!
//! Written anew because the library that exists allocates for every packet, cannot copy its state, and does not begin
//! as the standard does; tests hold every byte against it.

mod band;
mod decoder;
mod encoder;
mod filter;

pub(crate) use decoder::G722Decoder;
pub(crate) use encoder::G722Encoder;

#[cfg(test)]
mod tests {
    use ezk_g722::libg722::{Bitrate, decoder::Decoder, encoder::Encoder};
    use wigwag_sansio::Entropy;

    use super::*;

    /// Sweeps, noise, full scale and silence, one after the other.
    fn samples() -> Vec<i16> {
        let mut entropy = Entropy::from_number(1);
        let mut sound = Vec::new();
        for n in 0..16_000u32 {
            let n = f64::from(n);
            sound.push(((n * n / 5_000.0).sin() * 20_000.0) as i16);
        }
        sound.extend((0..8_000).map(|_| entropy.next_u32() as i16));
        sound.extend((0..8_000).map(|n| if n / 20 % 2 == 0 { i16::MAX } else { i16::MIN }));
        sound.extend([0; 8_000]);
        sound
    }

    #[test]
    fn every_byte_and_sample_is_that_of_another_implementation() {
        let sound = samples();
        let theirs = Encoder::new(Bitrate::Mode1_64000, false, false).encode(&sound);
        let mut ours = vec![0; sound.len() / 2];
        let mut encoder = G722Encoder::default();
        // The other one begins with scales of zero instead of those of the standard.
        (encoder.lower.scale, encoder.upper.scale) = (0, 0);
        for (samples, bytes) in sound.chunks(320).zip(ours.chunks_mut(160)) {
            encoder.encode(samples, bytes);
        }
        assert!(ours == theirs);
        let mut noise = vec![0; 16_000];
        Entropy::from_number(2).fill(&mut noise);
        for stream in [ours, noise] {
            let theirs = Decoder::new(Bitrate::Mode1_64000, false, false).decode(&stream);
            let mut heard = vec![0; stream.len() * 2];
            let mut decoder = G722Decoder::default();
            (decoder.lower.scale, decoder.upper.scale) = (0, 0);
            decoder.decode(&stream, &mut heard);
            assert!(heard == theirs);
        }
    }
}
