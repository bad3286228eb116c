//! Cipher suites and master keys as `a=crypto` names them (RFC 4568 §6.2, RFC 6188 §4, RFC 7714 §14.2).

use serde::{Deserialize, Serialize};
use thiserror::Error;
use wigwag_sansio::{Entropy, Secret};

/// How packets are encrypted and authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SrtpSuite {
    /// AES-128 counter mode, 80-bit HMAC-SHA1: what every phone has.
    AesCm128HmacSha1_80,
    /// The same with a 32-bit tag on RTP (80 bits on RTCP).
    AesCm128HmacSha1_32,
    /// AES-256 counter mode, 80-bit HMAC-SHA1.
    AesCm256HmacSha1_80,
    /// The same with a 32-bit tag on RTP (80 bits on RTCP).
    AesCm256HmacSha1_32,
    /// AES-128 in Galois/counter mode.
    AeadAes128Gcm,
    /// AES-256 in Galois/counter mode.
    AeadAes256Gcm,
}

impl SrtpSuite {
    /// Every suite, best first.
    pub const ALL: [SrtpSuite; 6] = [
        SrtpSuite::AeadAes256Gcm,
        SrtpSuite::AeadAes128Gcm,
        SrtpSuite::AesCm256HmacSha1_80,
        SrtpSuite::AesCm128HmacSha1_80,
        SrtpSuite::AesCm256HmacSha1_32,
        SrtpSuite::AesCm128HmacSha1_32,
    ];

    /// The name in `a=crypto`.
    pub const fn name(self) -> &'static str {
        match self {
            SrtpSuite::AesCm128HmacSha1_80 => "AES_CM_128_HMAC_SHA1_80",
            SrtpSuite::AesCm128HmacSha1_32 => "AES_CM_128_HMAC_SHA1_32",
            SrtpSuite::AesCm256HmacSha1_80 => "AES_256_CM_HMAC_SHA1_80",
            SrtpSuite::AesCm256HmacSha1_32 => "AES_256_CM_HMAC_SHA1_32",
            SrtpSuite::AeadAes128Gcm => "AEAD_AES_128_GCM",
            SrtpSuite::AeadAes256Gcm => "AEAD_AES_256_GCM",
        }
    }

    /// The suite of that name, without regard to case.
    pub fn named(name: &str) -> Option<Self> {
        SrtpSuite::ALL
            .into_iter()
            .find(|suite| suite.name().eq_ignore_ascii_case(name))
    }

    /// Bytes of the master key.
    pub const fn key_len(self) -> usize {
        match self {
            SrtpSuite::AesCm128HmacSha1_80 | SrtpSuite::AesCm128HmacSha1_32 | SrtpSuite::AeadAes128Gcm => 16,
            SrtpSuite::AesCm256HmacSha1_80 | SrtpSuite::AesCm256HmacSha1_32 | SrtpSuite::AeadAes256Gcm => 32,
        }
    }

    /// Bytes of the master salt.
    pub const fn salt_len(self) -> usize {
        match self {
            SrtpSuite::AesCm128HmacSha1_80
            | SrtpSuite::AesCm128HmacSha1_32
            | SrtpSuite::AesCm256HmacSha1_80
            | SrtpSuite::AesCm256HmacSha1_32 => 14,
            SrtpSuite::AeadAes128Gcm | SrtpSuite::AeadAes256Gcm => 12,
        }
    }
}

/// A master key followed by its master salt, of the right length for its suite.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SrtpKey {
    suite: SrtpSuite,
    key_and_salt: Secret<Vec<u8>>,
}

/// A key of the wrong length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the suite {} takes {expected} bytes of key and salt, not {found}", .suite.name())]
pub struct SrtpKeyError {
    suite: SrtpSuite,
    expected: usize,
    found: usize,
}

impl SrtpKey {
    /// The bytes of `inline:` after base64.
    pub fn new(suite: SrtpSuite, key_and_salt: Vec<u8>) -> Result<Self, SrtpKeyError> {
        let (expected, found) = (suite.key_len() + suite.salt_len(), key_and_salt.len());
        if expected != found {
            return Err(SrtpKeyError { suite, expected, found });
        }
        Ok(SrtpKey {
            suite,
            key_and_salt: Secret::new(key_and_salt),
        })
    }

    /// A new key for a description of ours.
    pub fn generate(suite: SrtpSuite, entropy: &mut Entropy) -> Self {
        let mut key_and_salt = vec![0; suite.key_len() + suite.salt_len()];
        entropy.fill(&mut key_and_salt);
        SrtpKey {
            suite,
            key_and_salt: Secret::new(key_and_salt),
        }
    }

    /// The suite that the key is for.
    pub const fn suite(&self) -> SrtpSuite {
        self.suite
    }

    /// The bytes to write after `inline:` in base64.
    pub const fn key_and_salt(&self) -> &Secret<Vec<u8>> {
        &self.key_and_salt
    }

    pub(crate) fn key(&self) -> &[u8] {
        &self.key_and_salt.expose()[..self.suite.key_len()]
    }

    pub(crate) fn salt(&self) -> &[u8] {
        &self.key_and_salt.expose()[self.suite.key_len()..]
    }
}

/// The keys of both directions of one leg; in an answer both are of the same suite (RFC 4568 §5.1.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SdesKeys {
    /// From our description: what we encrypt with.
    pub ours: SrtpKey,
    /// From the peer's description: what we decrypt with.
    pub theirs: SrtpKey,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suites_survive_their_names() {
        assert!(
            SrtpSuite::ALL
                .into_iter()
                .all(|suite| SrtpSuite::named(suite.name()) == Some(suite))
        );
        assert_eq!(
            SrtpSuite::named("aes_cm_128_hmac_sha1_80"),
            Some(SrtpSuite::AesCm128HmacSha1_80)
        );
        assert_eq!(SrtpSuite::named("F8_128_HMAC_SHA1_80"), None);
    }

    #[test]
    fn a_key_of_the_wrong_length_is_refused() {
        assert!(SrtpKey::new(SrtpSuite::AesCm128HmacSha1_80, vec![0; 30]).is_ok());
        let refused = SrtpKey::new(SrtpSuite::AeadAes128Gcm, vec![0; 30]).map_err(|error| error.to_string());
        assert_eq!(
            refused.err().as_deref(),
            Some("the suite AEAD_AES_128_GCM takes 28 bytes of key and salt, not 30")
        );
    }
}
