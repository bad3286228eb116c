//! Numbers as carriers write them, and the tone by which a called number is known again.

use wigwag_model::NumberFormat;

/// More digits than any number has, prefixes included.
const MOST_DIGITS: usize = 32;
/// A number of so few digits belongs to a service: 999, 18000, 116123.
const LONGEST_SHORT_NUMBER: usize = 6;

/// The digits of what was dialled, however it was written.
pub(crate) fn digits(dialled: &str) -> String {
    let digits = dialled.chars().filter(char::is_ascii_digit);
    digits.take(MOST_DIGITS).collect()
}

/// Whether these digits are those of a service: emergency calls among them.
pub(crate) fn is_short(digits: &str) -> bool {
    digits.len() <= LONGEST_SHORT_NUMBER
}

/// The tone, in hertz, that is heard where `number` answers.
///
/// It follows from the last three digits, and neighbours are far apart: from 500 to 2498 Hz. Operators, who answer
/// short numbers, are at 2520 Hz and above, by the last two digits. No two tones of a hundred numbers in a row are
/// nearer to each other than 2 Hz; tell apart numbers whose tones differ by 2 %.
///
/// ```
/// assert_eq!(wigwag_simulator::tone_hz("+441632960100"), 700);
/// assert_eq!(wigwag_simulator::tone_hz("01632 960101"), 1242);
/// assert_eq!(wigwag_simulator::tone_hz("999"), 3024);
/// ```
#[must_use]
pub fn tone_hz(number: &str) -> u16 {
    let digits = digits(number);
    if is_short(&digits) {
        return 2520 + tail(&digits, 2) * 37 % 100 * 8;
    }
    let scattered = u32::from(tail(&digits, 3)) * 271 % 1000;
    500 + 2 * u16::try_from(scattered).expect("a remainder of 1000")
}

/// The last digits as a number.
pub(crate) fn tail(digits: &str, count: usize) -> u16 {
    let start = digits.len().saturating_sub(count);
    digits[start..].parse().unwrap_or(0)
}

/// A number in E.164 with its plus as a carrier writes it; what has no plus is left as it is.
pub(crate) fn written(number: &str, format: NumberFormat) -> String {
    let Some(international) = number.strip_prefix('+') else {
        return number.to_owned();
    };
    match (format, international.strip_prefix("44")) {
        (NumberFormat::Plus, _) => number.to_owned(),
        (NumberFormat::Digits, _) => international.to_owned(),
        (NumberFormat::National, Some(national)) => format!("0{national}"),
        (NumberFormat::National, None) | (NumberFormat::DoubleZero, _) => format!("00{international}"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn however_a_number_is_written_it_has_one_tone() {
        for spelling in ["+441632960123", "00441632960123", "01632 960123", "1632-960123"] {
            assert_eq!(tone_hz(spelling), tone_hz("441632960123"), "{spelling}");
        }
        assert_eq!(digits(&"9".repeat(1000)).len(), MOST_DIGITS);
        assert_eq!(digits("anonymous"), "");
    }

    #[test]
    fn a_thousand_numbers_have_a_thousand_tones_and_neighbours_differ() {
        let tone = |n: u32| tone_hz(&format!("01632960{n:03}"));
        let tones: BTreeSet<u16> = (0..1000).map(tone).collect();
        assert_eq!(tones.len(), 1000);
        assert!(tones.iter().all(|hz| (500..2500).contains(hz)));
        for n in 0..999 {
            assert!(tone(n).abs_diff(tone(n + 1)) > 500);
        }
    }

    #[test]
    fn operators_are_told_apart() {
        let tones: BTreeSet<u16> = ["999", "112", "18000", "101", "111", "105"].map(tone_hz).into();
        let tones: Vec<u16> = tones.into_iter().collect();
        assert_eq!(tones.len(), 6);
        assert!(tones.windows(2).all(|pair| pair[1] - pair[0] > pair[0] / 100));
        assert!(tones.iter().all(|hz| (2520..3400).contains(hz)));
    }

    #[test]
    fn carriers_write_numbers_in_four_ways() {
        let formats = [
            (NumberFormat::Plus, "+441632960123"),
            (NumberFormat::Digits, "441632960123"),
            (NumberFormat::DoubleZero, "00441632960123"),
            (NumberFormat::National, "01632960123"),
        ];
        for (format, expected) in formats {
            assert_eq!(written("+441632960123", format), expected);
            assert_eq!(written("999", format), "999");
        }
        assert_eq!(written("+12025550123", NumberFormat::National), "0012025550123");
    }
}
