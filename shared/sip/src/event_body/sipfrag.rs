//! message/sipfrag: how somebody else's call goes, told by its status line (RFC 3420, RFC 3515 §2.4.5).

use serde::{Deserialize, Serialize};

use crate::{session::Content, wire::StatusCode};

/// How a call goes that somebody was asked to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sipfrag(pub StatusCode);

impl Sipfrag {
    /// Its media type, in the version that RFC 3515 asks for.
    pub const CONTENT_TYPE: &str = "message/sipfrag;version=2.0";

    /// The body that tells it.
    pub fn content(self) -> Content {
        Content {
            content_type: Self::CONTENT_TYPE.into(),
            body: format!("SIP/2.0 {} {}\r\n", self.0, self.0.phrase()).into(),
        }
    }

    /// Reads the status line of a body; none when it is of another type or has none.
    pub fn read(content: &Content) -> Option<Sipfrag> {
        if !content.is("message/sipfrag") {
            return None;
        }
        let line = content.body.split(|byte| matches!(byte, b'\r' | b'\n')).next()?;
        let mut words = std::str::from_utf8(line.get(..11)?).ok()?.split(' ');
        if !words.next()?.eq_ignore_ascii_case("SIP/2.0") {
            return None;
        }
        let code: u16 = words.next()?.parse().ok()?;
        StatusCode::new(code).ok().map(Sipfrag)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn body(content_type: &str, body: &'static [u8]) -> Content {
        Content {
            content_type: content_type.into(),
            body: Bytes::from_static(body),
        }
    }

    #[test]
    fn what_is_told_is_read() {
        for status in [StatusCode::TRYING, StatusCode::OK, StatusCode::BUSY_HERE] {
            assert_eq!(Sipfrag::read(&Sipfrag(status).content()), Some(Sipfrag(status)));
        }
        let whole = body("message/sipfrag", b"SIP/2.0 603 Decline\r\nTo: <sip:a@b>\r\n\r\n");
        assert_eq!(Sipfrag::read(&whole), Some(Sipfrag(StatusCode::DECLINE)));
    }

    #[test]
    fn what_is_no_status_line_is_not_read() {
        for bad in [
            &b""[..],
            b"SIP/2.0",
            b"SIP/2.0 20",
            b"SIP/2.0 999 x",
            b"SIP/3.0 200 OK",
            b"INVITE sip:a SIP/2.0",
            b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        ] {
            assert_eq!(Sipfrag::read(&body("message/sipfrag", bad)), None, "{bad:?}");
        }
        assert_eq!(Sipfrag::read(&body("text/plain", b"SIP/2.0 200 OK\r\n")), None);
    }
}
