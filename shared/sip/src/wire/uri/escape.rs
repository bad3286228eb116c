//! Percent-escapes in URIs (RFC 3261 §19.1.2).

use std::fmt::{self, Write};

use smol_str::SmolStr;

use crate::wire::{error::Malformed, lex::decode};

/// Which characters of a part may stand as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escape {
    /// A user part.
    User,
    /// The name or value of a URI parameter.
    Param,
    /// The name or value of a header in a URI.
    Header,
}

impl Escape {
    /// Whether `byte` may stand unescaped in this part.
    pub(super) fn allows(self, byte: u8) -> bool {
        let unreserved = byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'_' | b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')');
        unreserved
            || match self {
                Escape::User => matches!(byte, b'&' | b'=' | b'+' | b'$' | b',' | b';' | b'?' | b'/'),
                Escape::Param => matches!(byte, b'[' | b']' | b'/' | b':' | b'&' | b'+' | b'$'),
                Escape::Header => matches!(byte, b'[' | b']' | b'/' | b'?' | b':' | b'+' | b'$'),
            }
    }

    /// `plain` with escapes where this part needs them.
    pub fn escape(self, plain: &str) -> SmolStr {
        if plain.bytes().all(|b| self.allows(b)) {
            return SmolStr::new(plain);
        }
        let mut escaped = String::with_capacity(plain.len() + 8);
        for byte in plain.bytes() {
            if self.allows(byte) {
                escaped.push(char::from(byte));
            } else {
                push_escape(&mut escaped, byte).expect("printing into memory does not fail");
            }
        }
        SmolStr::new(escaped)
    }
}

fn push_escape(out: &mut String, byte: u8) -> fmt::Result {
    write!(out, "%{byte:02X}")
}

/// `escaped` without its escapes.
pub fn unescape(escaped: &str) -> SmolStr {
    if !escaped.contains('%') {
        return SmolStr::new(escaped);
    }
    let mut rest = escaped.as_bytes();
    let mut plain = Vec::with_capacity(rest.len());
    while let [first, after @ ..] = rest {
        rest = after;
        match (first, hex_pair(after)) {
            (b'%', Some(byte)) => {
                plain.push(byte);
                rest = &after[2..];
            }
            _ => plain.push(*first),
        }
    }
    decode(&plain)
}

/// Refuses a percent sign that begins no escape.
pub(super) fn check_escapes(part: &str) -> Result<(), Malformed> {
    let octets = part.as_bytes();
    let sound = memchr::memchr_iter(b'%', octets).all(|at| hex_pair(&octets[at + 1..]).is_some());
    if sound { Ok(()) } else { Err(Malformed::Uri) }
}

fn hex_pair(bytes: &[u8]) -> Option<u8> {
    let digit = |b: u8| char::from(b).to_digit(16);
    let (high, low) = (digit(*bytes.first()?)?, digit(*bytes.get(1)?)?);
    u8::try_from(high * 16 + low).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_come_and_go() {
        assert_eq!(unescape("%73ip%3Aa%40b"), "sip:a@b");
        assert_eq!(unescape("100%"), "100%");
        assert_eq!(Escape::User.escape("a@b c"), "a%40b%20c");
        assert_eq!(Escape::Header.escape("id;to-tag=1"), "id%3Bto-tag%3D1");
        assert_eq!(unescape(&Escape::User.escape("Jürgen\r\n")), "Jürgen\r\n");
    }
}
