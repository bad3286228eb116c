//! What can still be read of a broken request, so that its sender gets an answer (RFC 3261 §16.3, §18.3).

use super::{
    lex::{is_token, trim},
    limits,
    message::is_status_line,
    name::{HeaderName, NameId},
};

/// The values that a response repeats, in the order in which it repeats them.
pub(super) struct Salvage<'a> {
    vias: Vec<&'a [u8]>,
    from: &'a [u8],
    to: &'a [u8],
    call_id: &'a [u8],
    cseq: &'a [u8],
}

impl<'a> Salvage<'a> {
    pub(super) fn fields(&self) -> impl Iterator<Item = (HeaderName, &'a [u8])> {
        let vias = self.vias.iter().map(|via| (HeaderName::Via, *via));
        let others = [
            (HeaderName::From, self.from),
            (HeaderName::To, self.to),
            (HeaderName::CallId, self.call_id),
            (HeaderName::CSeq, self.cseq),
        ];
        vias.chain(others)
    }
}

/// Reads line by line whatever looks like a header; nothing for responses, ACK, and requests that cannot be answered.
pub(super) fn salvage(octets: &[u8]) -> Option<Salvage<'_>> {
    let octets = &octets[..octets.len().min(limits::MAX_MESSAGE)];
    let start = octets.iter().position(|b| !matches!(b, b'\r' | b'\n'))?;
    let (start_line, mut rest) = next_line(&octets[start..]);
    if is_status_line(start_line) || start_line.starts_with(b"ACK ") {
        return None;
    }
    let mut vias = Vec::new();
    let (mut from, mut to, mut call_id, mut cseq) = (None, None, None, None);
    while !rest.is_empty() {
        let (line, after) = next_field(rest);
        rest = after;
        if trim(line).is_empty() {
            break;
        }
        let Some((name, value)) = split_field(line) else {
            continue;
        };
        if name == NameId::Via && vias.len() < limits::MAX_VALUES {
            vias.push(value);
        }
        let single = [
            (NameId::From, &mut from),
            (NameId::To, &mut to),
            (NameId::CallId, &mut call_id),
            (NameId::CSeq, &mut cseq),
        ];
        for (_, slot) in single.into_iter().filter(|(wanted, _)| name == *wanted) {
            slot.get_or_insert(value);
        }
    }
    if vias.is_empty() {
        return None;
    }
    Some(Salvage {
        vias,
        from: from?,
        to: to?,
        call_id: call_id?,
        cseq: cseq?,
    })
}

/// A line and its continuation lines.
fn next_field(octets: &[u8]) -> (&[u8], &[u8]) {
    let (line, mut rest) = next_line(octets);
    let mut length = octets.len() - rest.len();
    if !line.is_empty() {
        while let [b' ' | b'\t', ..] = rest {
            rest = next_line(rest).1;
            length = octets.len() - rest.len();
        }
    }
    (&octets[..length], rest)
}

fn next_line(octets: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memchr(b'\n', octets) {
        Some(end) => (
            octets[..end].strip_suffix(b"\r").unwrap_or(&octets[..end]),
            &octets[end + 1..],
        ),
        None => (octets, &[]),
    }
}

fn split_field(line: &[u8]) -> Option<(NameId, &[u8])> {
    let colon = memchr::memchr(b':', line)?;
    let name = trim(&line[..colon]);
    let value = trim(&line[colon + 1..]);
    let clean = name.iter().all(|&b| is_token(b)) && !value.is_empty() && !value.contains(&0);
    clean.then(|| (NameId::of(name), value))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use crate::wire::{Message, StatusCode};

    const HEAD: &str = "v: SIP/2.0/UDP h\r\nf: <sip:a@b>;tag=1\r\nt:\r\n sip:c@d\r\ni: x\r\nCSeq: 1 OPTIONS\r\n";

    fn answer(message: String) -> Option<String> {
        let reply = Message::parse(Bytes::from(message)).unwrap_err().reply()?;
        Some(String::from_utf8(reply.to_tag("z").build().bytes().to_vec()).unwrap())
    }

    #[test]
    fn broken_requests_are_answered() {
        let reply = answer(format!("OPTIONS  sip:a@b SIP/2.0\r\nbad line\r\n{HEAD}")).unwrap();
        assert_eq!(
            reply,
            "SIP/2.0 400 Bad Request\r\nVia: SIP/2.0/UDP h\r\nFrom: <sip:a@b>;tag=1\r\nTo: sip:c@d;tag=z\r\n\
             Call-ID: x\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
        );
        let reply = answer(format!("OPTIONS sip:a@b SIP/9.1\r\n{HEAD}\r\n")).unwrap();
        assert!(reply.starts_with("SIP/2.0 505 "), "{reply}");
    }

    #[test]
    fn responses_acks_and_rubbish_are_not_answered() {
        assert_eq!(answer(format!("SIP/2.0 4294967301 x\r\n{HEAD}\r\n")), None);
        assert_eq!(answer(format!("ACK sip:a@b  SIP/2.0\r\n{HEAD}\r\n")), None);
        assert_eq!(answer("\0\0\0".to_owned()), None);
        assert_eq!(answer("\r\n\r\n".to_owned()), None);
        let error = Message::parse(Bytes::from_static(b"x")).unwrap_err();
        assert_eq!(error.status(), StatusCode::BAD_REQUEST);
    }
}
