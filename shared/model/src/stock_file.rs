//! Numbers for the stock as CSV (RFC 4180): a heading that names the columns in any order, and one number a line.
//!
//! ```csv
//! number,area,capabilities,monthly_price
//! 01632 960001,Nottingham,calls sms,99.5
//! ```
//!
//! `number` and `area` must be there. `kind` is told by the number unless it is given; `capabilities` are words with
//! spaces between them, `calls` unless given; `monthly_price` is in pence with up to four decimals, 0 unless given.

use thiserror::Error;

use crate::{NumberCapabilities, NumberCapability, NumberKind, PhoneNumber, Problem, StockNumber};

/// Bytes of one line at most.
const LINE_BYTES: usize = 1_000;
const COLUMNS: [&str; 5] = ["number", "area", "kind", "capabilities", "monthly_price"];
/// Ten-thousandths of a penny in a penny.
const PENNY: i64 = 10_000;

/// Reads line by line.
#[derive(Clone, Debug)]
pub struct StockLines {
    /// Where each of [`COLUMNS`] stands.
    places: [Option<usize>; COLUMNS.len()],
}

/// What is wrong with a line; never what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum StockLineError {
    /// The heading has no column `number` or `area`.
    #[error("the heading must name the columns number and area")]
    Heading,
    /// The heading names a column that is not known, or one twice.
    #[error("the heading may name number, area, kind, capabilities and monthly_price, each once")]
    Columns,
    /// The line is too long.
    #[error("the line is too long")]
    Length,
    /// Quotes that do not end, or text behind them.
    #[error("the quotes are not closed properly")]
    Quotes,
    /// There is no public number.
    #[error("the number is no telephone number with an area code")]
    Number,
    /// The area's name cannot be used.
    #[error("the area {0}")]
    Area(Problem),
    /// The kind is no kind.
    #[error("the kind must be geographic, non_geographic, mobile or other")]
    Kind,
    /// A capability is none.
    #[error("the capabilities must be calls, sms or fax")]
    Capability,
    /// The price is none.
    #[error("the price must be pence such as 99 or 99.5")]
    Price,
}

impl StockLines {
    /// Reads the heading.
    pub fn heading(line: &str) -> Result<Self, StockLineError> {
        let mut places = [None; COLUMNS.len()];
        for (place, name) in fields(line.trim_start_matches('\u{feff}'))?.iter().enumerate() {
            let name = name.trim().to_ascii_lowercase();
            let column = COLUMNS.iter().position(|column| *column == name);
            let column = column.ok_or(StockLineError::Columns)?;
            if places[column].replace(place).is_some() {
                return Err(StockLineError::Columns);
            }
        }
        if places[0].is_none() || places[1].is_none() {
            return Err(StockLineError::Heading);
        }
        Ok(StockLines { places })
    }

    /// Reads a line after the heading; nothing when it is empty.
    pub fn line(&self, line: &str) -> Result<Option<StockNumber>, StockLineError> {
        if line.trim().is_empty() {
            return Ok(None);
        }
        let fields = fields(line)?;
        let field = |column: usize| {
            let field = self.places[column].and_then(|place| fields.get(place));
            field.map_or("", |field| field.trim())
        };
        let number: PhoneNumber = field(0).parse().map_err(|_| StockLineError::Number)?;
        let area = field(1).to_owned();
        if let Some(problem) = Problem::of_name(&area) {
            return Err(StockLineError::Area(problem));
        }
        let kind = match field(2) {
            "" => NumberKind::of(&number),
            word => NumberKind::from_word(word).ok_or(StockLineError::Kind)?,
        };
        Ok(Some(StockNumber {
            number,
            area,
            kind,
            capabilities: capabilities(field(3))?,
            monthly_price: price(field(4)).ok_or(StockLineError::Price)?,
        }))
    }
}

fn capabilities(words: &str) -> Result<NumberCapabilities, StockLineError> {
    let mut capabilities = NumberCapabilities {
        calls: words.is_empty(),
        ..NumberCapabilities::default()
    };
    for word in words.split_ascii_whitespace() {
        match NumberCapability::from_word(word).ok_or(StockLineError::Capability)? {
            NumberCapability::Calls => capabilities.calls = true,
            NumberCapability::Sms => capabilities.sms = true,
            NumberCapability::Fax => capabilities.fax = true,
        }
    }
    Ok(capabilities)
}

/// Pence with up to four decimals, in ten-thousandths of a penny.
fn price(text: &str) -> Option<i64> {
    if text.is_empty() {
        return Some(0);
    }
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str, most| (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole, 9) || !digits(decimals, 4) {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let decimals: i64 = format!("{decimals:0<4}").parse().ok()?;
    Some(whole * PENNY + decimals)
}

/// The fields of a line (RFC 4180 §2).
fn fields(line: &str) -> Result<Vec<String>, StockLineError> {
    let line = line.trim_end_matches(['\r', '\n']);
    if line.len() > LINE_BYTES {
        return Err(StockLineError::Length);
    }
    let (mut fields, mut rest) = (Vec::new(), line);
    loop {
        let (field, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted_field(quoted)?,
            None => {
                let end = rest.find(',').unwrap_or(rest.len());
                (rest[..end].to_owned(), &rest[end..])
            }
        };
        fields.push(field);
        if after.is_empty() {
            return Ok(fields);
        }
        rest = after.strip_prefix(',').ok_or(StockLineError::Quotes)?;
    }
}

/// What stands up to the closing quote, of which two are one of the text, and what follows.
fn quoted_field(mut rest: &str) -> Result<(String, &str), StockLineError> {
    let mut field = String::new();
    loop {
        let (text, after) = rest.split_once('"').ok_or(StockLineError::Quotes)?;
        field.push_str(text);
        match after.strip_prefix('"') {
            Some(after) => {
                field.push('"');
                rest = after;
            }
            None => return Ok((field, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(heading: &str, line: &str) -> Result<Option<StockNumber>, StockLineError> {
        StockLines::heading(heading)?.line(line)
    }

    #[test]
    fn columns_come_in_any_order_and_most_may_be_left_out() {
        let full = read(
            "\u{feff}Area,monthly_price,number,capabilities\r\n",
            "\"Stow \"\"on the\"\" Wold, Glos\",99.5,01451 960001,calls sms\r\n",
        );
        let full = full.expect("a line").expect("a number");
        assert_eq!(full.number.as_str(), "+441451960001");
        assert_eq!(full.area, "Stow \"on the\" Wold, Glos");
        assert_eq!(full.monthly_price, 995_000);
        assert!(full.capabilities.calls && full.capabilities.sms && !full.capabilities.fax);
        let short = read("number,area", "07700900001,Mobile")
            .expect("a line")
            .expect("a number");
        assert_eq!((short.kind, short.monthly_price), (NumberKind::Mobile, 0));
        assert!(
            short.capabilities.calls && !short.capabilities.sms,
            "never told by the prefix (A43)"
        );
        assert_eq!(read("number,area", " \n"), Ok(None));
    }

    #[test]
    fn what_is_wrong_is_told_without_quoting_it() {
        let heading = "number,area,kind,capabilities,monthly_price";
        for (line, error) in [
            ("960001,Nottingham,,,", StockLineError::Number),
            ("999,Nottingham,,,", StockLineError::Number),
            ("01632960001,,,,", StockLineError::Area(Problem::Empty)),
            ("01632960001,Nottingham,landline,,", StockLineError::Kind),
            ("01632960001,Nottingham,,telex,", StockLineError::Capability),
            ("01632960001,Nottingham,,,-1", StockLineError::Price),
            ("01632960001,Nottingham,,,1.00001", StockLineError::Price),
            ("01632960001,\"Nottingham,,,", StockLineError::Quotes),
            ("01632960001,\"Notting\"ham,,,", StockLineError::Quotes),
        ] {
            assert_eq!(read(heading, line), Err(error), "{line}");
        }
        assert_eq!(read("number", ""), Err(StockLineError::Heading));
        assert_eq!(read("number,area,number", ""), Err(StockLineError::Columns));
        assert_eq!(
            read("number,area", &"x".repeat(LINE_BYTES + 1)),
            Err(StockLineError::Length)
        );
    }
}
