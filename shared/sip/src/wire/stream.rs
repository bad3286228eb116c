//! Messages in a byte stream, TCP or TLS (RFC 3261 §18.3, RFC 5626 §3.5.1 and §4.4.1).
//!
//! In a stream the framing rests on Content-Length alone. Once it cannot be trusted, the connection has to be closed:
//! whatever follows could be read in two ways.

use bytes::{Buf, Bytes, BytesMut};
use thiserror::Error;

use super::{
    error::{Fault, ParseError},
    index::{Origin, index},
    limits,
    message::Message,
};

/// Cuts a byte stream into messages and keep-alives; holds at most one message of the largest size, and what was
/// pushed behind it.
#[derive(Debug, Default)]
pub struct StreamDecoder {
    buffer: BytesMut,
    /// How much of the buffer is known to hold no end of headers.
    searched: usize,
    /// The last octets were a line end that may be half a ping.
    is_half_ping: bool,
    framing: Framing,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Framing {
    /// Between messages, or within the headers of one.
    #[default]
    Headers,
    /// The whole message has this length.
    Body { message_len: usize },
    /// Lost for good.
    Lost(FrameError),
}

/// One thing that a stream carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// A message.
    Message(Message),
    /// A message that ends where it says, and cannot be read; it may be answered, and the stream goes on.
    Broken(ParseError),
    /// Two line ends: the peer asks whether we are there; the answer is [`PONG`](StreamDecoder::PONG).
    Ping,
    /// One line end: the peer's answer to our ping.
    Pong,
}

/// Why a stream cannot be read any further; the connection has to be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FrameError {
    /// Headers that cannot be told apart.
    #[error("malformed framing: {0}")]
    Malformed(Fault),
    /// Content-Length is missing, which a stream cannot do without.
    #[error("no content length")]
    NoLength,
    /// The message exceeds the [limits](super::limits).
    #[error("message too large")]
    TooLarge,
}

impl StreamDecoder {
    /// What keeps a connection alive.
    pub const PING: &[u8] = b"\r\n\r\n";
    /// What answers a ping.
    pub const PONG: &[u8] = b"\r\n";

    /// An empty decoder for a new connection.
    pub fn new() -> Self {
        StreamDecoder::default()
    }

    /// Takes octets from the stream; drain [`next`](Self::next) before the next push, to keep memory bounded.
    pub fn push(&mut self, octets: &[u8]) {
        self.buffer.extend_from_slice(octets);
    }

    /// The next frame, if it is complete; an error ends the connection.
    #[expect(
        clippy::should_implement_trait,
        reason = "an iterator would end where more octets may come"
    )]
    pub fn next(&mut self) -> Result<Option<Frame>, FrameError> {
        self.step().inspect_err(|error| self.framing = Framing::Lost(*error))
    }

    /// Whether nothing is left of an unfinished message or keep-alive.
    pub fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    fn step(&mut self) -> Result<Option<Frame>, FrameError> {
        let message_len = match self.framing {
            Framing::Lost(error) => return Err(error),
            Framing::Body { message_len } => message_len,
            Framing::Headers => {
                if let Some(frame) = self.keep_alive() {
                    return Ok(Some(frame));
                }
                match self.message_len()? {
                    Some(message_len) => message_len,
                    None => return Ok(None),
                }
            }
        };
        if self.buffer.len() < message_len {
            self.framing = Framing::Body { message_len };
            return Ok(None);
        }
        self.framing = Framing::Headers;
        self.searched = 0;
        self.is_half_ping = false;
        let octets = Bytes::copy_from_slice(&self.buffer[..message_len]);
        self.buffer.advance(message_len);
        Ok(Some(
            Message::read(octets, Origin::Peer).map_or_else(Frame::Broken, Frame::Message),
        ))
    }

    /// Reads line ends between messages. One CRLF is a pong once something else follows or the push has ended; when
    /// another one follows with the next push, the two were a ping that was cut in half, and it is answered.
    fn keep_alive(&mut self) -> Option<Frame> {
        let (frame, length) = match &self.buffer[..] {
            [b'\r', b'\n', ..] if self.is_half_ping => (Frame::Ping, 2),
            [b'\r', b'\n', b'\r', b'\n', ..] => (Frame::Ping, 4),
            [b'\r', b'\n', b'\r'] => return None,
            [b'\r', b'\n', ..] => (Frame::Pong, 2),
            _ => return None,
        };
        self.is_half_ping = frame == Frame::Pong && self.buffer.len() == length;
        self.buffer.advance(length);
        Some(frame)
    }

    /// The length of the message at the start of the buffer, once its headers are complete.
    fn message_len(&mut self) -> Result<Option<usize>, FrameError> {
        if matches!(self.buffer[..], [] | [b'\r'] | [b'\r', b'\n', b'\r']) {
            return Ok(None);
        }
        let Some(headers_len) = end_of_headers(&self.buffer, self.searched) else {
            self.searched = self.buffer.len().saturating_sub(3);
            return if self.buffer.len() > limits::MAX_MESSAGE {
                Err(FrameError::TooLarge)
            } else {
                Ok(None)
            };
        };
        let headers = &self.buffer[..headers_len];
        let length = match index(headers, Origin::Peer) {
            Ok(index) => index.content_length.ok_or(FrameError::NoLength)?,
            Err((Fault::TooLarge, _)) => return Err(FrameError::TooLarge),
            Err((fault, _)) => return Err(FrameError::Malformed(fault)),
        };
        if length > limits::MAX_BODY || headers_len + length > limits::MAX_MESSAGE {
            return Err(FrameError::TooLarge);
        }
        Ok(Some(headers_len + length))
    }
}

/// Where the body begins: behind the first empty line, whatever ends the lines.
fn end_of_headers(buffer: &[u8], searched: usize) -> Option<usize> {
    memchr::memchr_iter(b'\n', &buffer[searched..])
        .map(|end| searched + end + 1)
        .find_map(|next| match &buffer[next..] {
            [b'\n', ..] => Some(next + 1),
            [b'\r', b'\n', ..] => Some(next + 2),
            _ => None,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &[u8] = b"OPTIONS sip:a@b SIP/2.0\r\nl: 4\r\n\r\nbody";
    const TWO: &[u8] = b"SIP/2.0 200 OK\nContent-Length: 0\n\n";

    fn drain(decoder: &mut StreamDecoder) -> Result<Vec<Frame>, FrameError> {
        let mut frames = Vec::new();
        while let Some(frame) = decoder.next()? {
            frames.push(frame);
        }
        Ok(frames)
    }

    fn message(octets: &'static [u8]) -> Frame {
        Frame::Message(Message::parse(Bytes::from_static(octets)).unwrap())
    }

    #[test]
    fn a_ping_that_is_cut_in_half_is_still_answered() {
        let mut decoder = StreamDecoder::new();
        decoder.push(b"\r\n");
        assert_eq!(drain(&mut decoder).unwrap(), [Frame::Pong]);
        decoder.push(b"\r\n");
        assert_eq!(drain(&mut decoder).unwrap(), [Frame::Ping]);
        decoder.push(b"\r\n");
        assert_eq!(drain(&mut decoder).unwrap(), [Frame::Pong]);
        decoder.push(ONE);
        decoder.push(b"\r\n");
        assert_eq!(drain(&mut decoder).unwrap(), [message(ONE), Frame::Pong]);
    }

    #[test]
    fn the_cuts_between_pushes_do_not_matter() {
        let stream = [ONE, StreamDecoder::PING, TWO, ONE].concat();
        let expected = [message(ONE), Frame::Ping, message(TWO), message(ONE)];
        let mut whole = StreamDecoder::new();
        whole.push(&stream);
        assert_eq!(drain(&mut whole).unwrap(), expected);
        assert!(whole.is_empty());
        for cut in 0..stream.len() {
            let mut decoder = StreamDecoder::new();
            decoder.push(&stream[..cut]);
            let mut frames = drain(&mut decoder).unwrap();
            decoder.push(&stream[cut..]);
            frames.extend(drain(&mut decoder).unwrap());
            let messages = |frames: &[Frame]| -> Vec<Frame> {
                frames
                    .iter()
                    .filter(|frame| matches!(frame, Frame::Message(_)))
                    .cloned()
                    .collect()
            };
            assert_eq!(messages(&frames), messages(&expected), "cut at {cut}");
        }
    }

    #[test]
    fn single_octets_add_up_to_messages() {
        let mut decoder = StreamDecoder::new();
        let mut frames = Vec::new();
        for octet in ONE.iter().chain(TWO) {
            decoder.push(&[*octet]);
            frames.extend(drain(&mut decoder).unwrap());
        }
        assert_eq!(frames, [message(ONE), message(TWO)]);
    }

    #[test]
    fn a_pong_is_half_a_ping() {
        let mut decoder = StreamDecoder::new();
        decoder.push(b"\r\n");
        assert_eq!(drain(&mut decoder).unwrap(), [Frame::Pong]);
        decoder.push(b"\r\n\r\n\r\n");
        assert_eq!(drain(&mut decoder).unwrap(), [Frame::Ping, Frame::Ping]);
    }

    #[test]
    fn lost_framing_stays_lost() {
        for (stream, error) in [
            (&b"OPTIONS sip:a@b SIP/2.0\r\nTo: x\r\n\r\n"[..], FrameError::NoLength),
            (
                b"X\r\nl: 1\r\nl: 2\r\n\r\n",
                FrameError::Malformed(Fault::ContentLength),
            ),
            (b"X\r\nl: -1\r\n\r\n", FrameError::Malformed(Fault::ContentLength)),
            (
                b"X\r\nT\x01: -1\r\nl: 0\r\n\r\n",
                FrameError::Malformed(Fault::HeaderName),
            ),
            (b"X\r\nl: 32769\r\n\r\n", FrameError::TooLarge),
        ] {
            let mut decoder = StreamDecoder::new();
            decoder.push(stream);
            assert_eq!(decoder.next(), Err(error));
            decoder.push(ONE);
            assert_eq!(decoder.next(), Err(error));
        }
    }

    #[test]
    fn endless_headers_are_cut_off() {
        let mut decoder = StreamDecoder::new();
        let mut pushed = 0;
        let error = loop {
            decoder.push(&[b'x'; 1024]);
            pushed += 1024;
            if let Err(error) = decoder.next() {
                break error;
            }
        };
        assert_eq!(error, FrameError::TooLarge);
        assert!(pushed <= limits::MAX_MESSAGE + 1024);
    }

    #[test]
    fn a_bad_start_line_costs_the_message_and_not_the_connection() {
        let mut decoder = StreamDecoder::new();
        decoder.push(b"OPTIONS  sip:a@b SIP/2.0\r\nl: 0\r\n\r\n");
        decoder.push(TWO);
        assert!(matches!(decoder.next(), Ok(Some(Frame::Broken(error))) if error.fault() == Fault::StartLine));
        assert_eq!(decoder.next(), Ok(Some(message(TWO))));
    }
}
