//! The lexical rules that all headers share (RFC 3261 §25.1): white space with folding, tokens, quoted strings, lists.
//!
//! A header value may still contain its line folds; CR and LF are white space here. The index has made sure that
//! they occur as folds only.

use std::{borrow::Cow, str};

use smol_str::{SmolStr, SmolStrBuilder};

use super::error::Malformed;

/// A place in a header value.
#[derive(Clone)]
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    /// Starts at the first byte of `value`.
    pub(crate) fn new(value: &'a [u8]) -> Self {
        Cursor { rest: value }
    }

    /// What has not been read yet.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next byte.
    pub(crate) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// Skips white space and folds.
    pub(crate) fn skip_lws(&mut self) {
        self.take_while(is_lws);
    }

    /// Steps over `byte`, with white space around it; answers whether it was there.
    pub(crate) fn eat(&mut self, byte: u8) -> bool {
        let mut ahead = self.clone();
        ahead.skip_lws();
        if ahead.peek() != Some(byte) {
            return false;
        }
        ahead.advance(1);
        ahead.skip_lws();
        *self = ahead;
        true
    }

    /// Steps over `byte`, with white space around it, or refuses the value.
    pub(crate) fn expect(&mut self, byte: u8) -> Result<(), Malformed> {
        if self.eat(byte) { Ok(()) } else { Err(Malformed::Syntax) }
    }

    /// Refuses anything but white space in what is left.
    pub(crate) fn end(&mut self) -> Result<(), Malformed> {
        self.skip_lws();
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(Malformed::Syntax)
        }
    }

    /// The bytes up to the first that `accept` refuses.
    pub(crate) fn take_while(&mut self, accept: impl Fn(u8) -> bool) -> &'a [u8] {
        let end = self.rest.iter().position(|&b| !accept(b)).unwrap_or(self.rest.len());
        self.advance(end)
    }

    /// A non-empty token.
    pub(crate) fn token(&mut self) -> Result<&'a str, Malformed> {
        let token = self.take_while(is_token);
        if token.is_empty() {
            return Err(Malformed::Syntax);
        }
        str::from_utf8(token).map_err(|_| Malformed::Syntax)
    }

    /// A quoted string without its quotes and escapes.
    pub(crate) fn quoted(&mut self) -> Result<SmolStr, Malformed> {
        if self.peek() != Some(b'"') {
            return Err(Malformed::Syntax);
        }
        let close = closing_quote(self.rest).ok_or(Malformed::Quote)?;
        let quoted = self.advance(close + 1);
        Ok(unescape(&quoted[1..close]))
    }

    /// The next `count` bytes, which must be there.
    pub(crate) fn advance(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at(count);
        self.rest = rest;
        taken
    }
}

/// The elements of a comma-separated value, white space trimmed; commas in quotes and angle brackets do not separate.
///
/// Unbalanced quotes or brackets make the rest of the value one element, which the element's parser then refuses.
pub(crate) fn elements(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(value);
    std::iter::from_fn(move || {
        let value = rest?;
        let (element, after) = split_first(value, b',');
        rest = after;
        Some(trim(element))
    })
}

/// Splits at the first `separator` outside quotes and angle brackets.
pub(crate) fn split_first(value: &[u8], separator: u8) -> (&[u8], Option<&[u8]>) {
    if memchr::memchr(separator, value).is_none() {
        return (value, None);
    }
    let mut at = 0;
    while at < value.len() {
        match value[at] {
            b'"' => match closing_quote(&value[at..]) {
                Some(close) => at += close,
                None => return (value, None),
            },
            b'<' => match memchr::memchr(b'>', &value[at..]) {
                Some(close) => at += close,
                None => return (value, None),
            },
            byte if byte == separator => return (&value[..at], Some(&value[at + 1..])),
            _ => {}
        }
        at += 1;
    }
    (value, None)
}

/// What stands before and behind the first `separator`, which is ASCII. Made for short texts, where std is slow.
pub(crate) fn split_once(text: &str, separator: u8) -> Option<(&str, &str)> {
    debug_assert!(separator.is_ascii());
    let at = memchr::memchr(separator, text.as_bytes())?;
    Some((&text[..at], &text[at + 1..]))
}

/// `value` without white space and folds at its ends.
pub(crate) fn trim(mut value: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = value
        && is_lws(*first)
    {
        value = rest;
    }
    while let [rest @ .., last] = value
        && is_lws(*last)
    {
        value = rest;
    }
    value
}

/// `value` with each fold replaced by one space (RFC 3261 §7.3.1).
pub fn unfold(value: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'\n', value).is_none() {
        return Cow::Borrowed(value);
    }
    let mut flat = Vec::with_capacity(value.len());
    for line in value.split(|&b| b == b'\n') {
        if !flat.is_empty() {
            flat.push(b' ');
        }
        flat.extend_from_slice(trim(line));
    }
    Cow::Owned(flat)
}

/// What a person reads in a header value: folds replaced, characters decoded.
pub(crate) fn text(value: &[u8]) -> SmolStr {
    decode(&unfold(value))
}

/// UTF-8, or Latin-1 where the bytes are not UTF-8, as senders of such bytes mean it.
pub(crate) fn decode(bytes: &[u8]) -> SmolStr {
    match str::from_utf8(bytes) {
        Ok(text) => SmolStr::new(text),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}

/// A decimal number of digits alone.
pub(crate) fn number<N: str::FromStr>(digits: &[u8]) -> Result<N, Malformed> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(Malformed::Syntax);
    }
    let digits = str::from_utf8(digits).map_err(|_| Malformed::Syntax)?;
    digits.parse().map_err(|_| Malformed::Number)
}

/// As [`number`], but what is too large counts as the largest, for durations that only say “long”.
pub(crate) fn saturating_u32(digits: &[u8]) -> Result<u32, Malformed> {
    match number(digits) {
        Err(Malformed::Number) => Ok(u32::MAX),
        other => other,
    }
}

/// `text` as a quoted string (without line ends, which no quoted string can carry).
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

impl std::fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        use std::fmt::Write;
        f.write_char('"')?;
        for c in self.0.chars() {
            match c {
                '\r' | '\n' => f.write_char(' ')?,
                '"' | '\\' => {
                    f.write_char('\\')?;
                    f.write_char(c)?;
                }
                other => f.write_char(other)?,
            }
        }
        f.write_char('"')
    }
}

/// White space, line ends of folds included.
pub(crate) const fn is_lws(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Whether `byte` may stand in a token.
pub(crate) const fn is_token(byte: u8) -> bool {
    TOKEN[byte as usize]
}

const TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = (byte as u8).is_ascii_alphanumeric()
            || matches!(
                byte as u8,
                b'-' | b'.' | b'!' | b'%' | b'*' | b'_' | b'+' | b'`' | b'\'' | b'~'
            );
        byte += 1;
    }
    table
};

/// The offset of the quote that closes the string whose opening quote is `value[0]`.
fn closing_quote(value: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', value.get(at..)?)?;
        if value[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

fn unescape(inner: &[u8]) -> SmolStr {
    let flat = unfold(inner);
    if memchr::memchr(b'\\', &flat).is_none() {
        return decode(&flat);
    }
    let mut plain = Vec::with_capacity(flat.len());
    let mut bytes = flat.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => plain.extend(bytes.next()),
            other => plain.push(other),
        }
    }
    decode(&plain)
}

/// Puts `parts` behind each other.
pub(crate) fn concat<'a>(parts: impl IntoIterator<Item = &'a str>) -> SmolStr {
    let mut builder = SmolStrBuilder::new();
    for part in parts {
        builder.push_str(part);
    }
    builder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(value: &str) -> Vec<&str> {
        elements(value.as_bytes()).map(|e| str::from_utf8(e).unwrap()).collect()
    }

    #[test]
    fn commas_in_quotes_and_brackets_do_not_separate() {
        assert_eq!(
            split(r#""a, \" <" <sip:x,y@h> ;p="1,2" , <sip:b>"#),
            [r#""a, \" <" <sip:x,y@h> ;p="1,2""#, "<sip:b>"]
        );
        assert_eq!(split("a,,b"), ["a", "", "b"]);
        assert_eq!(split(r#""open, b"#), [r#""open, b"#]);
        assert_eq!(split(r#"x, "\"#), [r#"x"#, r#""\"#]);
    }

    #[test]
    fn folds_become_one_space() {
        assert_eq!(unfold(b"a\r\n  b\n\tc").as_ref(), b"a b c");
        assert!(matches!(unfold(b"a b"), Cow::Borrowed(_)));
    }

    #[test]
    fn bytes_that_are_not_utf_8_read_as_latin_1() {
        assert_eq!(text("Jürgen".as_bytes()), "Jürgen");
        assert_eq!(text(b"J\xfcrgen"), "Jürgen");
    }

    #[test]
    fn quoted_strings_lose_and_regain_their_escapes() {
        let mut cursor = Cursor::new(br#""a \"b\" \\ c";x"#);
        let inner = cursor.quoted().unwrap();
        assert_eq!(inner, r#"a "b" \ c"#);
        assert_eq!(Quoted(&inner).to_string(), r#""a \"b\" \\ c""#);
        assert_eq!(cursor.rest(), b";x");
        assert_eq!(Cursor::new(br#""open\""#).quoted(), Err(Malformed::Quote));
    }

    #[test]
    fn numbers_are_digits_alone() {
        assert_eq!(number::<u8>(b"0068"), Ok(68));
        assert_eq!(number::<u8>(b"300"), Err(Malformed::Number));
        assert_eq!(number::<u32>(b"+1"), Err(Malformed::Syntax));
        assert_eq!(saturating_u32(b"99999999999999999999"), Ok(u32::MAX));
    }
}
