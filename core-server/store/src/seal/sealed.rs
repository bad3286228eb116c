//! A sealed blob: `1 | key id | nonce | ciphertext`, XChaCha20-Poly1305, with its place as associated data.
//!
//! The place (table, column, row) is authenticated, so that a blob copied to another row does not open there.

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use thiserror::Error;
use wigwag_sansio::{Entropy, Secret};
use zeroize::Zeroizing;

const FORMAT: u8 = 1;
const NONCE_BYTES: usize = 24;
const HEADER_BYTES: usize = 1 + 4 + NONCE_BYTES;

/// Why a sealed blob cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SealError {
    /// It is too short, or of a format that we do not know.
    #[error("it is not a sealed secret")]
    Format,
    /// It was sealed under a key that is not in the ring.
    #[error("key {key_id} is not in the key ring")]
    UnknownKey {
        /// The key's number.
        key_id: u32,
    },
    /// It was changed, or belongs to another row.
    #[error("it was changed or belongs to another row")]
    NotAuthentic,
}

/// Where a sealed blob stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) table: &'static str,
    pub(crate) column: &'static str,
    pub(crate) row: &'a str,
}

impl Place<'_> {
    /// The parts, each with its length in front, so that no two places read alike.
    fn associated(self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(64);
        for part in [self.table, self.column, self.row] {
            bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        bytes
    }
}

/// One key of the ring.
#[derive(Clone)]
pub(super) struct Key {
    pub(super) id: u32,
    pub(super) bytes: Zeroizing<[u8; 32]>,
}

/// The number of the key that `blob` was sealed under.
pub(super) fn key_id(blob: &[u8]) -> Result<u32, SealError> {
    match blob {
        [FORMAT, a, b, c, d, rest @ ..] if rest.len() >= NONCE_BYTES => Ok(u32::from_le_bytes([*a, *b, *c, *d])),
        _ => Err(SealError::Format),
    }
}

impl Key {
    pub(super) fn seal(&self, place: Place<'_>, plain: &[u8], entropy: &mut Entropy) -> Vec<u8> {
        let mut nonce = [0; NONCE_BYTES];
        entropy.fill(&mut nonce);
        let payload = Payload {
            msg: plain,
            aad: &place.associated(),
        };
        let ciphertext = self
            .cipher()
            .encrypt(&XNonce::from(nonce), payload)
            .expect("a secret is shorter than the 256 GiB that the cipher takes");
        let mut blob = Vec::with_capacity(HEADER_BYTES + ciphertext.len());
        blob.push(FORMAT);
        blob.extend_from_slice(&self.id.to_le_bytes());
        blob.extend_from_slice(&nonce);
        blob.extend_from_slice(&ciphertext);
        blob
    }

    pub(super) fn open(&self, place: Place<'_>, blob: &[u8]) -> Result<Secret<Vec<u8>>, SealError> {
        let (header, ciphertext) = blob.split_at_checked(HEADER_BYTES).ok_or(SealError::Format)?;
        let nonce: [u8; NONCE_BYTES] = header[5..].try_into().map_err(|_| SealError::Format)?;
        let payload = Payload {
            msg: ciphertext,
            aad: &place.associated(),
        };
        self.cipher()
            .decrypt(&XNonce::from(nonce), payload)
            .map(Secret::new)
            .map_err(|_| SealError::NotAuthentic)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.bytes).into())
    }
}
