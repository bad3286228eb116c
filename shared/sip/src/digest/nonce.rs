//! Nonces that the server need not remember (RFC 7616 §5.4): the time of issue, a salt, and a code over both.
//!
//! The salt tells two nonces of the same millisecond apart: each counts its uses for itself.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use subtle::ConstantTimeEq;
use wigwag_sansio::{Secret, Utc};

use super::{algorithm::Algorithm, algorithm::hex, ha1::Ha1, hmac::hmac_sha256};

/// How long a nonce may be used after it was issued.
pub const NONCE_LIFETIME: Duration = Duration::from_secs(300);

/// The server's secret: only its holder can issue nonces.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NonceKey(Secret<[u8; 32]>);

/// What tells a nonce of ours from all others: when it was issued, and a salt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// When we issued it.
    pub issued: Utc,
    /// Tells the nonces of one millisecond apart.
    pub salt: u32,
}

const TIME_LEN: usize = 8;
const SALT_LEN: usize = 4;
const STAMP_LEN: usize = TIME_LEN + SALT_LEN;
const CODE_LEN: usize = 16;

impl NonceKey {
    /// The key made of 32 unpredictable bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        NonceKey(Secret::new(bytes))
    }

    /// Stands in for the password of a user that does not exist, so that a guess costs the same and says nothing.
    #[must_use]
    pub fn decoy(&self, algorithm: Algorithm, username: &str, realm: &str) -> Ha1 {
        let code = hmac_sha256(self.0.expose(), &[b"decoy", username.as_bytes()]);
        Ha1::new(algorithm, username, realm, &hex(&code))
    }

    /// A nonce of now, for this realm and algorithm alone.
    pub(super) fn issue(&self, realm: &str, algorithm: Algorithm, now: Utc, salt: u32) -> SmolStr {
        let mut nonce = [0; STAMP_LEN + CODE_LEN];
        nonce[..TIME_LEN].copy_from_slice(&now.as_millis().to_be_bytes());
        nonce[TIME_LEN..STAMP_LEN].copy_from_slice(&salt.to_be_bytes());
        let code = self.code(&nonce[..STAMP_LEN], realm, algorithm);
        nonce[STAMP_LEN..].copy_from_slice(&code);
        SmolStr::new(URL_SAFE_NO_PAD.encode(nonce))
    }

    /// The stamp of `nonce`, if we issued it for this realm and algorithm.
    pub(super) fn stamp(&self, nonce: &str, realm: &str, algorithm: Algorithm) -> Option<Stamp> {
        let mut octets = [0; STAMP_LEN + CODE_LEN];
        let length = URL_SAFE_NO_PAD.decode_slice(nonce, &mut octets).ok()?;
        let (stamp, code) = octets[..length].split_at_checked(STAMP_LEN)?;
        let genuine: bool = self.code(stamp, realm, algorithm).ct_eq(code).into();
        let (time, salt) = stamp.split_first_chunk::<TIME_LEN>().filter(|_| genuine)?;
        Some(Stamp {
            issued: Utc::from_millis(i64::from_be_bytes(*time)),
            salt: u32::from_be_bytes(salt.try_into().ok()?),
        })
    }

    fn code(&self, stamp: &[u8], realm: &str, algorithm: Algorithm) -> [u8; CODE_LEN] {
        // Stamp and algorithm have a fixed length, so no two inputs read alike.
        let code = hmac_sha256(
            self.0.expose(),
            &[b"nonce", stamp, &[algorithm as u8], realm.as_bytes()],
        );
        *code.first_chunk().expect("32 octets begin with 16")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_nonces_for_this_realm_and_algorithm_are_known() {
        let (key, now) = (NonceKey::new([7; 32]), Utc::from_millis(1_800_000_000_123));
        let nonce = key.issue("a", Algorithm::Md5, now, 1);
        assert_ne!(nonce, key.issue("a", Algorithm::Md5, now, 2));
        let stamp = Stamp { issued: now, salt: 1 };
        assert_eq!(key.stamp(&nonce, "a", Algorithm::Md5), Some(stamp));
        assert_eq!(key.stamp(&nonce, "b", Algorithm::Md5), None);
        assert_eq!(key.stamp(&nonce, "a", Algorithm::Sha256), None);
        assert_eq!(NonceKey::new([8; 32]).stamp(&nonce, "a", Algorithm::Md5), None);
        for position in 0..nonce.len() {
            let mut forged = nonce.to_string().into_bytes();
            forged[position] = if forged[position] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).unwrap();
            assert_eq!(key.stamp(&forged, "a", Algorithm::Md5), None);
        }
        for rubbish in ["", "x", "AAAA", &nonce[1..], &"A".repeat(8000), "\0", "é"] {
            assert_eq!(key.stamp(rubbish, "a", Algorithm::Md5), None);
        }
    }

    #[test]
    fn a_decoy_is_the_same_each_time() {
        let key = NonceKey::new([7; 32]);
        assert_eq!(key.decoy(Algorithm::Md5, "u", "r"), key.decoy(Algorithm::Md5, "u", "r"));
        assert_ne!(key.decoy(Algorithm::Md5, "u", "r"), key.decoy(Algorithm::Md5, "v", "r"));
    }
}
