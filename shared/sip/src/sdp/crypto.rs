//! SRTP keys inside the description: `a=crypto` (RFC 4568, suites of RFC 6188 and RFC 7714).

use std::fmt;

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use wigwag_sansio::{Entropy, Secret};

/// Cipher, authentication and tag length of SRTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Suite {
    /// AES-128 counter mode, 80-bit tag: what every SRTP phone has.
    AesCm128HmacSha1_80,
    /// AES-128 counter mode, 32-bit tag on RTP, 80-bit on RTCP.
    AesCm128HmacSha1_32,
    /// AES-256 counter mode, 80-bit tag.
    AesCm256HmacSha1_80,
    /// AES-256 counter mode, 32-bit tag on RTP, 80-bit on RTCP.
    AesCm256HmacSha1_32,
    /// AES-128 in Galois/counter mode, 128-bit tag.
    AeadAes128Gcm,
    /// AES-256 in Galois/counter mode, 128-bit tag.
    AeadAes256Gcm,
}

impl Suite {
    /// Every suite that can be written down, strongest first.
    pub const ALL: [Suite; 6] = [
        Suite::AeadAes256Gcm,
        Suite::AesCm256HmacSha1_80,
        Suite::AesCm256HmacSha1_32,
        Suite::AeadAes128Gcm,
        Suite::AesCm128HmacSha1_80,
        Suite::AesCm128HmacSha1_32,
    ];

    /// The registered name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Suite::AesCm128HmacSha1_80 => "AES_CM_128_HMAC_SHA1_80",
            Suite::AesCm128HmacSha1_32 => "AES_CM_128_HMAC_SHA1_32",
            Suite::AesCm256HmacSha1_80 => "AES_256_CM_HMAC_SHA1_80",
            Suite::AesCm256HmacSha1_32 => "AES_256_CM_HMAC_SHA1_32",
            Suite::AeadAes128Gcm => "AEAD_AES_128_GCM",
            Suite::AeadAes256Gcm => "AEAD_AES_256_GCM",
        }
    }

    /// Bytes of the master key.
    pub const fn key_bytes(self) -> usize {
        match self {
            Suite::AesCm128HmacSha1_80 | Suite::AesCm128HmacSha1_32 | Suite::AeadAes128Gcm => 16,
            Suite::AesCm256HmacSha1_80 | Suite::AesCm256HmacSha1_32 | Suite::AeadAes256Gcm => 32,
        }
    }

    /// Bytes of the master salt, which follows the key.
    pub const fn salt_bytes(self) -> usize {
        match self {
            Suite::AesCm128HmacSha1_80
            | Suite::AesCm128HmacSha1_32
            | Suite::AesCm256HmacSha1_80
            | Suite::AesCm256HmacSha1_32 => 14,
            Suite::AeadAes128Gcm | Suite::AeadAes256Gcm => 12,
        }
    }

    fn parse(text: &str) -> Option<Suite> {
        Suite::ALL
            .into_iter()
            .find(|suite| suite.as_str().eq_ignore_ascii_case(text))
    }
}

/// Master key and master salt, one after the other.
pub type KeySalt = Secret<Vec<u8>>;

/// One `a=crypto` line of a suite that we know; lines of other suites stay text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crypto {
    /// Ties an answer to the line of the offer that it takes.
    pub tag: u32,
    /// How packets are protected.
    pub suite: Suite,
    /// At least one; several are told apart by their MKI.
    pub keys: Vec<InlineKey>,
    /// `KDR=…`, `UNENCRYPTED_SRTP`, … as written.
    pub parameters: Vec<SmolStr>,
}

/// One `inline:` key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InlineKey {
    /// Of exactly the length that the suite wants.
    pub key_salt: KeySalt,
    /// Packets that the key may protect.
    pub lifetime: Option<u64>,
    /// Identifier that each packet carries.
    pub mki: Option<Mki>,
}

/// A master key identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mki {
    /// Its value.
    pub value: u64,
    /// Its length in packets, in bytes.
    pub length: u8,
}

impl Crypto {
    /// A line with one key and no frills.
    pub fn new(tag: u32, suite: Suite, key_salt: KeySalt) -> Self {
        let key = InlineKey {
            key_salt,
            lifetime: None,
            mki: None,
        };
        Crypto {
            tag,
            suite,
            keys: vec![key],
            parameters: Vec::new(),
        }
    }

    /// A fresh key for `suite`.
    pub fn generate_key(suite: Suite, entropy: &mut Entropy) -> KeySalt {
        let mut bytes = vec![0; suite.key_bytes() + suite.salt_bytes()];
        entropy.fill(&mut bytes);
        Secret::new(bytes)
    }

    /// The key, when the line asks for nothing that we do not do: several keys, an MKI in each packet, another key
    /// derivation rate, or parts left open (RFC 4568 §6.3: an unsupported session parameter rules the line out).
    pub fn usable_key(&self) -> Option<&KeySalt> {
        let harmless = |parameter: &SmolStr| {
            let name = parameter.as_str();
            name.starts_with('-') || name.starts_with("WSH=") || name == "KDR=0"
        };
        match self.keys.as_slice() {
            [key] if key.mki.is_none() && self.parameters.iter().all(harmless) => Some(&key.key_salt),
            _ => None,
        }
    }

    pub(crate) fn parse(value: &str) -> Option<Crypto> {
        let mut words = value.split_ascii_whitespace();
        let tag = words.next().filter(|tag| tag.len() <= 9)?.parse().ok()?;
        let suite = Suite::parse(words.next()?)?;
        let keys: Option<Vec<_>> = words
            .next()?
            .split(';')
            .map(|key| InlineKey::parse(key, suite))
            .collect();
        Some(Crypto {
            tag,
            suite,
            keys: keys?,
            parameters: words.map(SmolStr::from).collect(),
        })
    }
}

impl InlineKey {
    fn parse(text: &str, suite: Suite) -> Option<InlineKey> {
        let mut parts = text.strip_prefix("inline:")?.split('|');
        let bytes = BASE64.decode(parts.next()?).ok()?;
        let (mut lifetime, mut mki) = (None, None);
        for part in parts {
            match part.split_once(':') {
                Some((value, length)) if mki.is_none() => {
                    mki = Some(Mki {
                        value: value.parse().ok()?,
                        length: length.parse().ok().filter(|length| (1..=128).contains(length))?,
                    });
                }
                None if lifetime.is_none() && mki.is_none() => lifetime = Some(parse_lifetime(part)?),
                Some(_) | None => return None,
            }
        }
        (bytes.len() == suite.key_bytes() + suite.salt_bytes()).then(|| InlineKey {
            key_salt: Secret::new(bytes),
            lifetime,
            mki,
        })
    }
}

impl fmt::Display for Crypto {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.tag, self.suite.as_str())?;
        let mut separator = ' ';
        for key in &self.keys {
            write!(f, "{separator}inline:{}", BASE64.encode(key.key_salt.expose()))?;
            match key.lifetime {
                Some(packets) if packets.is_power_of_two() => write!(f, "|2^{}", packets.trailing_zeros())?,
                Some(packets) => write!(f, "|{packets}")?,
                None => {}
            }
            if let Some(Mki { value, length }) = key.mki {
                write!(f, "|{value}:{length}")?;
            }
            separator = ';';
        }
        self.parameters
            .iter()
            .try_for_each(|parameter| write!(f, " {parameter}"))
    }
}

/// Printed with padding, read with or without: phones do both.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// `2^48` or a plain number, never zero.
fn parse_lifetime(text: &str) -> Option<u64> {
    let packets = match text.strip_prefix("2^") {
        Some(exponent) => 1_u64.checked_shl(exponent.parse().ok()?)?,
        None => text.parse().ok()?,
    };
    (packets > 0).then_some(packets)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4568 §6.1's example line.
    const EXAMPLE: &str =
        "1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj|2^20|1:32 KDR=1 UNENCRYPTED_SRTCP";

    #[test]
    fn the_example_of_the_rfc_is_understood() {
        let crypto = Crypto::parse(EXAMPLE).unwrap();
        assert_eq!((crypto.tag, crypto.suite), (1, Suite::AesCm128HmacSha1_80));
        assert_eq!(crypto.keys[0].key_salt.expose().len(), 30);
        assert_eq!(crypto.keys[0].lifetime, Some(1 << 20));
        assert_eq!(crypto.keys[0].mki, Some(Mki { value: 1, length: 32 }));
        assert_eq!(crypto.to_string(), EXAMPLE);
        assert_eq!(crypto.usable_key(), None, "it asks for an MKI and for plain RTCP");
    }

    #[test]
    fn keys_of_every_suite_survive_printing() {
        let mut entropy = Entropy::from_number(1);
        for suite in Suite::ALL {
            let crypto = Crypto::new(7, suite, Crypto::generate_key(suite, &mut entropy));
            let again = Crypto::parse(&crypto.to_string()).unwrap();
            assert_eq!(again, crypto);
            assert!(again.usable_key().is_some());
        }
    }

    #[test]
    fn keys_without_padding_are_read() {
        let mut entropy = Entropy::from_number(1);
        let suite = Suite::AesCm256HmacSha1_80;
        let padded = Crypto::new(1, suite, Crypto::generate_key(suite, &mut entropy)).to_string();
        assert!(padded.ends_with("=="));
        assert!(Crypto::parse(padded.trim_end_matches('=')).is_some());
    }

    #[test]
    fn broken_lines_are_not_offers() {
        let key = "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj";
        for text in [
            String::new(),
            format!("1 AES_CM_128_HMAC_SHA1_80 {key}"),
            format!("1 F8_128_HMAC_SHA1_80 inline:{key}"),
            format!("1 AEAD_AES_128_GCM inline:{key}"),
            format!("1 AES_CM_128_HMAC_SHA1_80 inline:{key}|2^64"),
            format!("1 AES_CM_128_HMAC_SHA1_80 inline:{key}|1:0"),
            format!("1234567890 AES_CM_128_HMAC_SHA1_80 inline:{key}"),
            "1 AES_CM_128_HMAC_SHA1_80 inline:!!!!".to_owned(),
        ] {
            assert_eq!(Crypto::parse(&text), None, "{text}");
        }
    }
}
