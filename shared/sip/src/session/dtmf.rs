//! Keys pressed, as INFO carries them: `application/dtmf-relay` and `application/dtmf`.

use std::{fmt, str};

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::Content;

const RELAY: &str = "application/dtmf-relay";
const PLAIN: &str = "application/dtmf";
const USUAL_DURATION_MS: u16 = 160;
const LONGEST_DURATION_MS: u16 = 5_000;

/// One key and how long it was held; `Debug` hides the key, because people type PINs.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digit {
    key: Key,
    duration_ms: u16,
}

/// A key of a telephone.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "char", into = "char")]
struct Key(char);

/// No telephone has this key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a telephone key")]
pub struct NotKey;

impl Digit {
    /// `key` is one of `0`–`9`, `*`, `#`, `A`–`D`; durations beyond five seconds are cut.
    pub fn new(key: char, duration_ms: u16) -> Result<Self, NotKey> {
        Ok(Digit {
            key: Key::try_from(key)?,
            duration_ms: duration_ms.clamp(1, LONGEST_DURATION_MS),
        })
    }

    /// One of `0`–`9`, `*`, `#`, `A`–`D`.
    pub fn key(self) -> char {
        self.key.0
    }

    /// How long it was held, in milliseconds, 1 to 5000.
    pub fn duration_ms(self) -> u16 {
        self.duration_ms
    }

    /// The body of an INFO that carries this key.
    pub fn relay(self) -> Content {
        let body = format!("Signal={}\r\nDuration={}\r\n", self.key.0, self.duration_ms);
        Content {
            content_type: SmolStr::new_static(RELAY),
            body: Bytes::from(body),
        }
    }

    /// Reads the body of an INFO; none when it is about something else or cannot be understood.
    pub(super) fn read(content: &Content) -> Option<Digit> {
        let text = str::from_utf8(&content.body).ok()?;
        if content.is(PLAIN) {
            return Digit::new(key(text)?, USUAL_DURATION_MS).ok();
        }
        if !content.is(RELAY) {
            return None;
        }
        let duration = field(text, "Duration").and_then(|value| value.parse().ok());
        Digit::new(key(field(text, "Signal")?)?, duration.unwrap_or(USUAL_DURATION_MS)).ok()
    }
}

impl TryFrom<char> for Key {
    type Error = NotKey;

    fn try_from(key: char) -> Result<Self, NotKey> {
        match key.to_ascii_uppercase() {
            key @ ('0'..='9' | '*' | '#' | 'A'..='D') => Ok(Key(key)),
            _ => Err(NotKey),
        }
    }
}

impl From<Key> for char {
    fn from(key: Key) -> char {
        key.0
    }
}

impl fmt::Debug for Digit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[key for {} ms]", self.duration_ms)
    }
}

fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let (field, value) = line.split_once('=')?;
        field.trim().eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// A key by itself or by its event number of RFC 4733, as some phones write `*` and `#`.
fn key(text: &str) -> Option<char> {
    match text.trim() {
        "10" => Some('*'),
        "11" => Some('#'),
        "12" => Some('A'),
        "13" => Some('B'),
        "14" => Some('C'),
        "15" => Some('D'),
        text => {
            let mut characters = text.chars();
            characters.next().filter(|_| characters.next().is_none())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(content_type: &str, body: &str) -> Option<(char, u16)> {
        let content = Content {
            content_type: content_type.into(),
            body: Bytes::copy_from_slice(body.as_bytes()),
        };
        Digit::read(&content).map(|digit| (digit.key(), digit.duration_ms()))
    }

    #[test]
    fn both_body_types_are_understood() {
        assert_eq!(
            read("application/dtmf-relay", "Signal=5\r\nDuration=200\r\n"),
            Some(('5', 200))
        );
        assert_eq!(
            read("Application/DTMF-Relay; a=b", "signal= 11\nduration= 70"),
            Some(('#', 70))
        );
        assert_eq!(read("application/dtmf-relay", "Signal=d"), Some(('D', 160)));
        assert_eq!(read("application/dtmf", " * \r\n"), Some(('*', 160)));
    }

    #[test]
    fn what_is_no_key_is_no_digit() {
        assert_eq!(read("application/dtmf-relay", "Signal=16\r\n"), None);
        assert_eq!(read("application/dtmf-relay", "Duration=5"), None);
        assert_eq!(read("application/dtmf", "55"), None);
        assert_eq!(read("text/plain", "5"), None);
        assert_eq!(
            read("application/dtmf-relay", "Signal=1\r\nDuration=65000"),
            Some(('1', 5000))
        );
        assert!(Digit::new('x', 100).is_err());
    }

    #[test]
    fn what_we_write_we_can_read() {
        let digit = Digit::new('*', 250).unwrap();
        assert_eq!(Digit::read(&digit.relay()), Some(digit));
        assert_eq!(format!("{digit:?}"), "[key for 250 ms]");
    }
}
