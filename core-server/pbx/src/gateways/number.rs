//! How numbers are written to a carrier, and read from one: E.164 inside (A16, A66).

use smol_str::{SmolStr, format_smolstr};
use wigwag_model::{GatewaySettings, NumberFormat, PhoneNumber};

use crate::routing::OutsideNumber;

/// How a number that is called is written; short and emergency numbers have one form only.
pub fn written(settings: &GatewaySettings, number: &OutsideNumber) -> SmolStr {
    let prefix = &settings.prefix;
    match number {
        OutsideNumber::Public(number) => format_smolstr!("{prefix}{}", formatted(settings.number_format, number)),
        OutsideNumber::Short(digits) | OutsideNumber::Emergency(digits) => format_smolstr!("{prefix}{digits}"),
    }
}

/// A public number in a carrier's form.
pub(super) fn formatted(format: NumberFormat, number: &PhoneNumber) -> SmolStr {
    match format {
        NumberFormat::Plus => number.as_str().into(),
        NumberFormat::Digits => number.digits().into(),
        NumberFormat::DoubleZero => abroad(number),
        NumberFormat::National => number.national().map_or_else(|| abroad(number), SmolStr::from),
    }
}

/// Reads the user part of an address that a carrier wrote; `format` tells what digits without a plus are.
pub fn read(format: NumberFormat, user: &str) -> Option<PhoneNumber> {
    let digits = user.split(';').next().unwrap_or_default();
    let is_international = format == NumberFormat::Digits && !digits.starts_with(['0', '+']);
    let read_international = || format!("+{digits}").parse().ok().filter(|_| is_international);
    read_international().or_else(|| digits.parse().ok())
}

fn abroad(number: &PhoneNumber) -> SmolStr {
    format_smolstr!("00{}", number.digits())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_is_written_and_read() {
        for (format, home, away) in [
            (NumberFormat::Plus, "+441632960123", "+12025550123"),
            (NumberFormat::Digits, "441632960123", "12025550123"),
            (NumberFormat::DoubleZero, "00441632960123", "0012025550123"),
            (NumberFormat::National, "01632960123", "0012025550123"),
        ] {
            for (text, number) in [(home, "+441632960123"), (away, "+12025550123")] {
                let number: PhoneNumber = number.parse().expect("a number");
                assert_eq!(formatted(format, &number), text);
                assert_eq!(read(format, text), Some(number.clone()));
                assert_eq!(read(format, number.as_str()), Some(number));
            }
        }
    }

    #[test]
    fn parameters_of_a_number_are_left_out_and_words_are_no_numbers() {
        let number = "+441632960123".parse().ok();
        assert_eq!(read(NumberFormat::Plus, "+441632960123;npdi;rn=+44"), number);
        for nothing in ["anonymous", "", "+", "201", "٠١٦٣٢٩٦٠١٢٣"] {
            assert_eq!(read(NumberFormat::Digits, nothing), None, "{nothing}");
        }
    }

    #[test]
    fn a_prefix_is_put_before_every_number_that_is_called() {
        let mut settings = GatewaySettings::new("Carrier", "c.example");
        settings.prefix = "77#".into();
        settings.number_format = NumberFormat::National;
        let number = OutsideNumber::Public("01632 960123".parse().expect("a number"));
        assert_eq!(written(&settings, &number), "77#01632960123");
        assert_eq!(written(&settings, &OutsideNumber::Emergency("999".into())), "77#999");
    }
}
