//! SRTCP packets (RFC 3711 §3.4, RFC 7714 §9): a word with the index follows, its top bit says “encrypted”.

use super::transform::{GALOIS_TAG, NotAuthentic, Transform, check_tag, galois_nonce, tag};

/// Bytes that stay readable: the first header and the sender's source.
const CLEAR: usize = 8;
/// Bytes of the index word.
const WORD: usize = 4;
const ENCRYPTED: u32 = 1 << 31;

impl Transform {
    /// Encrypts the compound in `buffer[..len]` and appends index and tag; answers the new length. The compound is one
    /// of ours, so it has at least eight bytes, and the buffer has room for 20 more.
    pub(super) fn seal_rtcp(&self, buffer: &mut [u8], len: usize, ssrc: u32, index: u32) -> usize {
        let word = ENCRYPTED | index;
        match self {
            Transform::Counter {
                cipher,
                salt,
                authentication,
                tag_bytes,
            } => {
                cipher.apply(salt, ssrc, u64::from(index), &mut buffer[CLEAR..len]);
                let tag = tag(authentication, &buffer[..len], word);
                buffer[len..len + WORD].copy_from_slice(&word.to_be_bytes());
                let end = len + WORD + tag_bytes;
                buffer[len + WORD..end].copy_from_slice(&tag[..*tag_bytes]);
                end
            }
            Transform::Galois { cipher, salt } => {
                let associated = associated(buffer, word);
                let nonce = galois_nonce(salt, ssrc, u64::from(index));
                let tag = cipher.seal(nonce, &associated, &mut buffer[CLEAR..len]);
                let end = len + GALOIS_TAG;
                buffer[len..end].copy_from_slice(&tag);
                buffer[end..end + WORD].copy_from_slice(&word.to_be_bytes());
                end + WORD
            }
        }
    }

    /// The source and index that a packet claims; `None` if it is too short or not encrypted, which SDES never agrees to.
    pub(super) fn claims(&self, packet: &[u8]) -> Option<(u32, u32)> {
        let ssrc = packet.get(4..)?.first_chunk()?;
        let end = packet.len().checked_sub(match self {
            Transform::Counter { tag_bytes, .. } => *tag_bytes,
            Transform::Galois { .. } => 0,
        })?;
        let word = u32::from_be_bytes(*packet.get(CLEAR..end)?.last_chunk()?);
        (word & ENCRYPTED != 0).then_some((u32::from_be_bytes(*ssrc), word & !ENCRYPTED))
    }

    /// Checks the tag and decrypts in place a packet with these [claims](Self::claims); answers the plain length.
    pub(super) fn open_rtcp(&self, packet: &mut [u8], ssrc: u32, index: u32) -> Result<usize, NotAuthentic> {
        let word = ENCRYPTED | index;
        match self {
            Transform::Counter {
                cipher,
                salt,
                authentication,
                tag_bytes,
            } => {
                let len = packet
                    .len()
                    .checked_sub(WORD + tag_bytes)
                    .filter(|len| *len >= CLEAR)
                    .ok_or(NotAuthentic)?;
                check_tag(authentication, &packet[..len], word, &packet[len + WORD..])?;
                cipher.apply(salt, ssrc, u64::from(index), &mut packet[CLEAR..len]);
                Ok(len)
            }
            Transform::Galois { cipher, salt } => {
                let end = packet.len().checked_sub(WORD).ok_or(NotAuthentic)?;
                let associated = associated(packet, word);
                let sealed = packet.get_mut(CLEAR..end).ok_or(NotAuthentic)?;
                let (bytes, tag) = sealed.split_last_chunk_mut().ok_or(NotAuthentic)?;
                cipher.open(galois_nonce(salt, ssrc, u64::from(index)), &associated, bytes, *tag)?;
                Ok(end - GALOIS_TAG)
            }
        }
    }
}

/// What GCM authenticates without encrypting: the clear bytes and the index word.
fn associated(packet: &[u8], word: u32) -> [u8; CLEAR + WORD] {
    let mut associated = [0; CLEAR + WORD];
    associated[..CLEAR].copy_from_slice(&packet[..CLEAR]);
    associated[CLEAR..].copy_from_slice(&word.to_be_bytes());
    associated
}

#[cfg(test)]
mod tests {
    use aes_gcm::{Aes128Gcm, KeyInit};

    use super::*;
    use crate::srtp::transform::{GaloisCipher, tests::hex};

    #[test]
    fn the_rtcp_packet_of_rfc_7714_17() {
        let key: [u8; 16] = std::array::from_fn(|n| n as u8);
        let transform = Transform::Galois {
            cipher: Box::new(GaloisCipher::Aes128(Aes128Gcm::new(&key.into()))),
            salt: hex("517569642070726f2071756f").try_into().expect("twelve bytes"),
        };
        let plain = hex("81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61
             deadbeef deadbeef deadbeef deadbeef deadbeef");
        let mut buffer = [&plain[..], &[0; 20]].concat();
        let len = transform.seal_rtcp(&mut buffer, plain.len(), 0x4d61_7273, 0x5d4);
        let sealed = "81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d c676a5f1
             730d6fda 4ce09b46 86303ded 0bb9275b c84aa458 96cf4d2f c5abf872 45d9eade 800005d4";
        assert_eq!(buffer[..len], hex(sealed));
        assert_eq!(transform.claims(&buffer[..len]), Some((0x4d61_7273, 0x5d4)));
        assert_eq!(
            transform.open_rtcp(&mut buffer[..len], 0x4d61_7273, 0x5d4),
            Ok(plain.len())
        );
        assert_eq!(buffer[..plain.len()], plain);
    }
}
