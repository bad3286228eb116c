//! G.711 µ-law (ITU-T G.711), written again so that the product is not measured with its own ruler.

const BIAS: i32 = 0x84;
const CLIP: i32 = 32_635;

/// One sample as an octet.
pub(super) fn encode(sample: i16) -> u8 {
    let sign = if sample < 0 { 0x80 } else { 0 };
    let magnitude = i32::from(sample).abs().min(CLIP) + BIAS;
    let exponent = 31 - magnitude.leading_zeros() as i32 - 7;
    let mantissa = (magnitude >> (exponent + 3)) & 0x0f;
    !(sign | (exponent << 4) as u8 | mantissa as u8)
}

/// One octet as a sample.
pub(super) fn decode(octet: u8) -> i16 {
    let bits = i32::from(!octet);
    let (exponent, mantissa) = ((bits >> 4) & 7, bits & 0x0f);
    let magnitude = (((mantissa << 3) + BIAS) << exponent) - BIAS;
    let sample = if bits & 0x80 == 0 { magnitude } else { -magnitude };
    i16::try_from(sample).expect("14 bits fit")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_can_be_decoded() {
        for octet in 0..=u8::MAX {
            let sample = decode(octet);
            assert_eq!(decode(encode(sample)), sample, "{octet:#x}");
        }
    }

    #[test]
    fn silence_and_full_scale_are_where_the_standard_has_them() {
        assert_eq!((encode(0), encode(i16::MAX), encode(i16::MIN)), (0xff, 0x80, 0x00));
        assert_eq!((decode(0xff), decode(0x80), decode(0x00)), (0, 32_124, -32_124));
    }
}
