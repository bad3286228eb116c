//! One trace in a file: a header of fixed length, then the LZ4 frame of the text.

use std::{
    fs::File,
    io::{self, Read, Write},
    os::unix::fs::FileExt,
};

use lz4_flex::frame::{FrameDecoder, FrameEncoder, FrameInfo};
use wigwag_model::{CallId, TenantId};
use wigwag_sansio::Utc;

/// Compressed bytes that a trace may have.
pub(super) const MOST_BYTES: usize = 32 * 1024;
/// Plain bytes that are looked at: more than ever fits [`MOST_BYTES`], and a bound for reading.
const MOST_PLAIN_BYTES: usize = 4 * 1024 * 1024;

const MAGIC: [u8; 4] = *b"WWT1";
const ID_BYTES: usize = 36;
pub(super) const HEADER_BYTES: usize = MAGIC.len() + 2 * ID_BYTES + 8 + 4;

/// What stands in front of each trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) tenant_id: TenantId,
    pub(super) call_id: CallId,
    pub(super) stored_at: Utc,
    pub(super) bytes: u32,
}

impl Header {
    pub(super) fn write(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(&MAGIC);
        to.extend_from_slice(self.tenant_id.to_string().as_bytes());
        to.extend_from_slice(self.call_id.to_string().as_bytes());
        to.extend_from_slice(&self.stored_at.as_millis().to_le_bytes());
        to.extend_from_slice(&self.bytes.to_le_bytes());
    }

    /// The header at `offset`; `None` where there is none, as behind the last trace.
    pub(super) fn read(file: &File, offset: u64) -> io::Result<Option<Header>> {
        let mut bytes = [0; HEADER_BYTES];
        match file.read_exact_at(&mut bytes, offset) {
            Ok(()) => Ok(Header::parse(&bytes)),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn parse(bytes: &[u8; HEADER_BYTES]) -> Option<Header> {
        let rest = bytes.strip_prefix(&MAGIC)?;
        let (tenant_id, rest) = rest.split_at(ID_BYTES);
        let (call_id, rest) = rest.split_at(ID_BYTES);
        let (stored_at, bytes) = rest.split_at(8);
        let bytes = u32::from_le_bytes(bytes.try_into().ok()?);
        (bytes as usize <= MOST_BYTES).then_some(Header {
            tenant_id: str::from_utf8(tenant_id).ok()?.parse().ok()?,
            call_id: str::from_utf8(call_id).ok()?.parse().ok()?,
            stored_at: Utc::from_millis(i64::from_le_bytes(stored_at.try_into().ok()?)),
            bytes,
        })
    }
}

/// The compressed text, and whether its last lines had to go to make it fit.
pub(super) fn compress(text: &[u8]) -> io::Result<(Vec<u8>, bool)> {
    let mut kept = first_lines(text, MOST_PLAIN_BYTES);
    loop {
        let frame = frame(kept)?;
        if frame.len() <= MOST_BYTES {
            return Ok((frame, kept.len() < text.len()));
        }
        // What is cut off compresses about as well as the rest; a tenth of reserve makes this end soon.
        kept = first_lines(kept, kept.len() * MOST_BYTES / frame.len() * 9 / 10);
    }
}

/// The text of a compressed one.
pub(super) fn decompress(frame: &[u8]) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    FrameDecoder::new(frame)
        .take(MOST_PLAIN_BYTES as u64)
        .read_to_end(&mut text)?;
    Ok(text)
}

/// As many whole lines as fit `most` bytes, or the beginning of the first.
fn first_lines(text: &[u8], most: usize) -> &[u8] {
    if text.len() <= most {
        return text;
    }
    let head = &text[..most];
    match head.iter().rposition(|byte| *byte == b'\n') {
        Some(newline) => &head[..=newline],
        None => head,
    }
}

fn frame(text: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = FrameEncoder::with_frame_info(FrameInfo::new().content_checksum(true), Vec::new());
    encoder.write_all(text)?;
    Ok(encoder.finish()?)
}

#[cfg(test)]
mod tests {
    use wigwag_sansio::Entropy;

    use super::*;

    #[test]
    fn a_text_that_is_too_large_keeps_its_first_lines() {
        let mut entropy = Entropy::from_number(1);
        let text: String = (0..4_000).map(|_| entropy.word(40) + "\n").collect();
        let (frame, cut) = compress(text.as_bytes()).unwrap();
        assert!(cut && frame.len() <= MOST_BYTES && frame.len() > MOST_BYTES / 2);
        let kept = decompress(&frame).unwrap();
        assert!(kept.ends_with(b"\n") && text.as_bytes().starts_with(&kept));
    }

    #[test]
    fn one_endless_line_is_cut_too() {
        let mut entropy = Entropy::from_number(1);
        let (frame, cut) = compress(entropy.word(200_000).as_bytes()).unwrap();
        assert!(cut && frame.len() <= MOST_BYTES);
    }

    #[test]
    fn a_changed_text_is_noticed() {
        let (mut frame, _) = compress(b"INVITE\n").unwrap();
        assert_eq!(decompress(&frame).unwrap(), b"INVITE\n");
        let middle = frame.len() - 12;
        frame[middle] ^= 0x20;
        assert!(decompress(&frame).is_err());
    }
}
