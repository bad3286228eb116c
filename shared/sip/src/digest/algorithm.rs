//! The hash functions of Digest (RFC 7616 §3.2, RFC 8760).

use md5::Md5;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use smol_str::SmolStr;

/// A hash function that both sides agree on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Algorithm {
    /// What every phone knows.
    Md5,
    /// What newer ones know.
    Sha256,
}

impl Algorithm {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Algorithm::Md5 => "MD5",
            Algorithm::Sha256 => "SHA-256",
        }
    }

    /// The algorithm of this name, in any case; no name means MD5.
    pub fn of(name: Option<&str>) -> Option<Self> {
        let Some(name) = name else { return Some(Algorithm::Md5) };
        [Algorithm::Md5, Algorithm::Sha256]
            .into_iter()
            .find(|known| known.as_str().eq_ignore_ascii_case(name))
    }

    /// The hash of `parts` with colons between them, in lower-case hexadecimal digits.
    pub(super) fn hash(self, parts: &[&str]) -> SmolStr {
        match self {
            Algorithm::Md5 => hash_with::<Md5>(parts),
            Algorithm::Sha256 => hash_with::<Sha256>(parts),
        }
    }
}

fn hash_with<D: Digest>(parts: &[&str]) -> SmolStr {
    let mut digest = D::new();
    for (position, part) in parts.iter().enumerate() {
        if position > 0 {
            digest.update(b":");
        }
        digest.update(part.as_bytes());
    }
    hex(&digest.finalize())
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> SmolStr {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    bytes
        .iter()
        .flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_hexadecimal() {
        assert_eq!(Algorithm::Md5.hash(&["abc"]), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(
            Algorithm::Sha256.hash(&["abc"]),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn names_have_no_case_and_md5_no_need_of_one() {
        assert_eq!(Algorithm::of(Some("sha-256")), Some(Algorithm::Sha256));
        assert_eq!(Algorithm::of(None), Some(Algorithm::Md5));
        assert_eq!(Algorithm::of(Some("MD5-sess")), None);
        assert_eq!(Algorithm::of(Some("SHA-512-256")), None);
    }
}
