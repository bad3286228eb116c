//! G.711: logarithmic companding of 16-bit samples to 8 bits (ITU-T G.711 tables 1 and 2).

/// One sample in A-law.
pub const fn alaw_from_linear(sample: i16) -> u8 {
    let (magnitude, sign) = if sample >= 0 {
        (sample >> 3, 0xd5)
    } else {
        (!sample >> 3, 0x55)
    };
    // Segments end at 2⁵, 2⁶, … 2¹²: the segment is the number of bits above the lowest five.
    let segment = segment_of(magnitude, 5);
    let shift = if segment < 2 { 1 } else { segment };
    ((segment as u8) << 4 | (magnitude >> shift) as u8 & 0x0f) ^ sign
}

/// One sample in µ-law.
pub const fn ulaw_from_linear(sample: i16) -> u8 {
    const BIAS: i16 = 33;
    const CLIP: i16 = 8158;
    let (magnitude, sign) = if sample >= 0 {
        (sample >> 2, 0xff)
    } else {
        ((-(sample as i32) >> 2) as i16, 0x7f)
    };
    let biased = if magnitude > CLIP { CLIP } else { magnitude } + BIAS;
    let segment = segment_of(biased, 6);
    ((segment as u8) << 4 | (biased >> (segment + 1)) as u8 & 0x0f) ^ sign
}

/// The sample of an A-law byte.
pub const fn linear_from_alaw(byte: u8) -> i16 {
    let toggled = byte ^ 0x55;
    let (segment, step) = (toggled >> 4 & 7, (toggled & 0x0f) as i16);
    let magnitude = match segment {
        0 => (step << 4) + 8,
        _ => ((step << 4) + 0x108) << (segment - 1),
    };
    if toggled & 0x80 == 0 { -magnitude } else { magnitude }
}

/// The sample of a µ-law byte.
pub const fn linear_from_ulaw(byte: u8) -> i16 {
    const BIAS: i16 = 0x84;
    let inverted = !byte;
    let (segment, step) = (inverted >> 4 & 7, (inverted & 0x0f) as i16);
    let magnitude = (((step << 3) + BIAS) << segment) - BIAS;
    if inverted & 0x80 == 0 { magnitude } else { -magnitude }
}

/// How far the highest bit lies above `bits`.
const fn segment_of(magnitude: i16, bits: u32) -> u32 {
    let used = i16::BITS - magnitude.leading_zeros();
    used.saturating_sub(bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_corners_are_those_of_the_standard() {
        assert_eq!(
            [0, -1, i16::MAX, i16::MIN].map(alaw_from_linear),
            [0xd5, 0x55, 0xaa, 0x2a]
        );
        assert_eq!([0, i16::MAX, i16::MIN].map(ulaw_from_linear), [0xff, 0x80, 0x00]);
        assert_eq!([0xd5, 0x55, 0xaa, 0x2a].map(linear_from_alaw), [8, -8, 32_256, -32_256]);
        assert_eq!([0xff, 0x80, 0x00].map(linear_from_ulaw), [0, 32_124, -32_124]);
    }

    #[test]
    fn every_byte_survives_decoding() {
        for byte in 0..=u8::MAX {
            assert_eq!(alaw_from_linear(linear_from_alaw(byte)), byte);
            // µ-law has two zeros.
            let ulaw = ulaw_from_linear(linear_from_ulaw(byte));
            assert!(ulaw == byte || (byte == 0x7f && ulaw == 0xff));
        }
    }

    #[test]
    fn the_error_stays_within_half_a_step() {
        for sample in i16::MIN..=i16::MAX {
            let within = |decoded: i16| {
                let error = (i32::from(sample) - i32::from(decoded)).abs();
                error <= 16.max(i32::from(sample).abs() / 16) + i32::from(sample.unsigned_abs() > 32_000) * 700
            };
            assert!(within(linear_from_alaw(alaw_from_linear(sample))), "A-law of {sample}");
            assert!(within(linear_from_ulaw(ulaw_from_linear(sample))), "µ-law of {sample}");
        }
    }
}
