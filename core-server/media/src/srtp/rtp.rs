//! SRTP packets (RFC 3711 §3.3, RFC 7714 §8).

use super::transform::{GALOIS_TAG, NotAuthentic, Transform, check_tag, galois_nonce, tag};

impl Transform {
    /// Encrypts the payload that follows `header_bytes` of header in `buffer[..len]` and appends the tag; answers the
    /// new length. The buffer has room for the tag.
    pub(super) fn seal_rtp(&self, buffer: &mut [u8], header_bytes: usize, len: usize, ssrc: u32, index: u64) -> usize {
        match self {
            Transform::Counter {
                cipher,
                salt,
                authentication,
                tag_bytes,
            } => {
                cipher.apply(salt, ssrc, index, &mut buffer[header_bytes..len]);
                let tag = tag(authentication, &buffer[..len], roll_over(index));
                buffer[len..len + tag_bytes].copy_from_slice(&tag[..*tag_bytes]);
                len + tag_bytes
            }
            Transform::Galois { cipher, salt } => {
                let (header, payload) = buffer[..len].split_at_mut(header_bytes);
                let tag = cipher.seal(galois_nonce(salt, ssrc, index), header, payload);
                buffer[len..len + GALOIS_TAG].copy_from_slice(&tag);
                len + GALOIS_TAG
            }
        }
    }

    /// Checks the tag and decrypts the payload in place; answers the length of the plain packet.
    pub(super) fn open_rtp(
        &self,
        packet: &mut [u8],
        header_bytes: usize,
        ssrc: u32,
        index: u64,
    ) -> Result<usize, NotAuthentic> {
        match self {
            Transform::Counter {
                cipher,
                salt,
                authentication,
                tag_bytes,
            } => {
                let len = plain_len(packet, header_bytes, *tag_bytes)?;
                check_tag(authentication, &packet[..len], roll_over(index), &packet[len..])?;
                cipher.apply(salt, ssrc, index, &mut packet[header_bytes..len]);
                Ok(len)
            }
            Transform::Galois { cipher, salt } => {
                let len = plain_len(packet, header_bytes, GALOIS_TAG)?;
                let (header, rest) = packet.split_at_mut(header_bytes);
                let (payload, tag) = rest.split_last_chunk_mut().ok_or(NotAuthentic)?;
                cipher.open(galois_nonce(salt, ssrc, index), header, payload, *tag)?;
                Ok(len)
            }
        }
    }
}

fn plain_len(packet: &[u8], header_bytes: usize, tag_bytes: usize) -> Result<usize, NotAuthentic> {
    packet
        .len()
        .checked_sub(tag_bytes)
        .filter(|len| *len >= header_bytes)
        .ok_or(NotAuthentic)
}

/// The upper 32 bits of a 48-bit index.
fn roll_over(index: u64) -> u32 {
    (index >> 16) as u32
}
