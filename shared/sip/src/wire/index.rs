//! The index over a message: one pass that finds the start line, every header and the body (RFC 3261 §7).
//!
//! Strict where two readers could disagree about where a header or the message ends, and tolerant elsewhere:
//! LF alone ends a line, white space may stand before the colon, compact names count as long ones.

use std::ops::Range;

use smallvec::SmallVec;

use super::{
    error::Fault,
    lex::{is_lws, is_token, number},
    limits,
    name::NameId,
};

/// One header field: where its name and its trimmed value lie.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) name: u32,
    pub(super) value: u32,
    pub(super) value_len: u32,
    pub(super) name_len: u16,
    pub(super) id: NameId,
}

impl Field {
    pub(super) fn name<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        &bytes[self.name as usize..][..usize::from(self.name_len)]
    }

    pub(super) fn value<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        &bytes[self.value as usize..][..self.value_len as usize]
    }
}

pub(super) type Fields = SmallVec<[Field; 32]>;

/// What one pass finds out.
pub(super) struct Index {
    pub(super) start_line: Range<usize>,
    pub(super) fields: Fields,
    /// Where the empty line begins.
    pub(super) headers_end: usize,
    /// Where the body begins.
    pub(super) body: usize,
    pub(super) content_length: Option<usize>,
}

/// Whose message is read: a peer's has limits, our own has none.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    Peer,
    Ourselves,
}

/// A fault and the octet at which it shows.
pub(super) type At<T> = Result<T, (Fault, usize)>;

pub(super) fn index(bytes: &[u8], origin: Origin) -> At<Index> {
    let (start_line, mut at) = line(bytes, 0)?;
    let mut scan = Scan {
        bytes,
        origin,
        fields: Fields::new(),
        content_length: None,
    };
    let body = loop {
        match &bytes[at..] {
            [b'\r', b'\n', ..] => break at + 2,
            [b'\n', ..] => break at + 1,
            [b' ' | b'\t', ..] => return Err((Fault::HeaderName, at)),
            _ => at = scan.field(at)?,
        }
    };
    Ok(Index {
        start_line,
        fields: scan.fields,
        headers_end: at,
        body,
        content_length: scan.content_length,
    })
}

struct Scan<'a> {
    bytes: &'a [u8],
    origin: Origin,
    fields: Fields,
    content_length: Option<usize>,
}

impl Scan<'_> {
    /// Reads the field that begins at `start`, with its continuation lines; answers where the next line begins.
    fn field(&mut self, start: usize) -> At<usize> {
        let (first, mut next) = line(self.bytes, start)?;
        let mut end = first.end;
        while let Some(b' ' | b'\t') = self.bytes.get(next) {
            let (more, after) = line(self.bytes, next)?;
            (end, next) = (more.end, after);
        }
        if self.origin == Origin::Peer && (end - start > limits::MAX_HEADER || self.fields.len() >= limits::MAX_HEADERS)
        {
            return Err((Fault::TooLarge, start));
        }
        let (name_len, value) = name(&self.bytes[start..first.end]).ok_or((Fault::HeaderName, start))?;
        let value = trimmed(self.bytes, start + value..end);
        let id = NameId::of(&self.bytes[start..start + name_len]);
        if id == NameId::ContentLength {
            self.content_length(value.clone())?;
        }
        let small = |offset: usize| u32::try_from(offset).map_err(|_| (Fault::TooLarge, start));
        self.fields.push(Field {
            name: small(start)?,
            value: small(value.start)?,
            value_len: small(value.len())?,
            name_len: u16::try_from(name_len).map_err(|_| (Fault::TooLarge, start))?,
            id,
        });
        Ok(next)
    }

    fn content_length(&mut self, value: Range<usize>) -> At<()> {
        let fault = (Fault::ContentLength, value.start);
        let length = number::<usize>(&self.bytes[value]).map_err(|_| fault)?;
        match self.content_length.replace(length) {
            Some(other) if other != length => Err(fault),
            Some(_) | None => Ok(()),
        }
    }
}

/// The line that begins at `start`, without its end, and where the next one begins.
fn line(bytes: &[u8], start: usize) -> At<(Range<usize>, usize)> {
    let end = memchr::memchr2(b'\r', b'\n', &bytes[start..]).ok_or((Fault::Unfinished, bytes.len()))? + start;
    match &bytes[end..] {
        [b'\n', ..] => Ok((start..end, end + 1)),
        [b'\r', b'\n', ..] => Ok((start..end, end + 2)),
        [b'\r'] => Err((Fault::Unfinished, end)),
        _ => Err((Fault::StrayCr, end)),
    }
}

/// The length of the name that begins `line`, and where its value begins.
fn name(line: &[u8]) -> Option<(usize, usize)> {
    let name_len = line.iter().position(|&b| !is_token(b)).filter(|&len| len > 0)?;
    let colon = line[name_len..].iter().position(|&b| b != b' ' && b != b'\t')? + name_len;
    (line[colon] == b':').then_some((name_len, colon + 1))
}

fn trimmed(bytes: &[u8], mut range: Range<usize>) -> Range<usize> {
    while !range.is_empty() && is_lws(bytes[range.start]) {
        range.start += 1;
    }
    while !range.is_empty() && is_lws(bytes[range.end - 1]) {
        range.end -= 1;
    }
    range
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(message: &str) -> Result<Vec<(&str, &str)>, (Fault, usize)> {
        let bytes = message.as_bytes();
        let index = index(bytes, Origin::Peer)?;
        let text = |b| std::str::from_utf8(b).unwrap();
        Ok(index
            .fields
            .iter()
            .map(|f| (text(f.name(bytes)), text(f.value(bytes))))
            .collect())
    }

    #[test]
    fn folds_white_space_and_lone_line_feeds_are_read() {
        let found = fields("X\nTO :\n sip:a@b ;  \n\t tag=1 \r\ns :\r\nv: x\n\n").unwrap();
        assert_eq!(found, [("TO", "sip:a@b ;  \n\t tag=1"), ("s", ""), ("v", "x")]);
    }

    #[test]
    fn smuggled_names_are_refused() {
        for line in ["Contact\u{1}: x", ": x", "no colon", "A B: x", "\u{e9}: x", "To\0: x"] {
            let message = format!("X\r\n{line}\r\n\r\n");
            assert_eq!(fields(&message).unwrap_err(), (Fault::HeaderName, 3), "{line:?}");
        }
        assert_eq!(
            fields("X\r\n folded: start\r\n\r\n").unwrap_err(),
            (Fault::HeaderName, 3)
        );
        assert_eq!(fields("X\r\nA: b\rVia: c\r\n\r\n").unwrap_err(), (Fault::StrayCr, 7));
        assert_eq!(fields("X\r\nA: b\r\n").unwrap_err(), (Fault::Unfinished, 9));
    }

    #[test]
    fn content_lengths_must_agree() {
        assert!(fields("X\nl: 5\nContent-Length: 05\n\n").is_ok());
        for lengths in ["l: 5\nl: 6", "l: -1", "l: 5, 5", "l:", "l: 99999999999999999999"] {
            let message = format!("X\n{lengths}\n\n");
            assert_eq!(fields(&message).unwrap_err().0, Fault::ContentLength, "{lengths:?}");
        }
    }

    #[test]
    fn limits_hold() {
        let many = format!("X\n{}\n", "A: b\n".repeat(limits::MAX_HEADERS));
        assert!(fields(&many).is_ok());
        let more = format!("X\n{}\n", "A: b\n".repeat(limits::MAX_HEADERS + 1));
        assert_eq!(fields(&more).unwrap_err().0, Fault::TooLarge);
        let long = format!("X\nA: {}\n\n", "b".repeat(limits::MAX_HEADER));
        assert_eq!(fields(&long).unwrap_err().0, Fault::TooLarge);
    }
}
