//! The ciphers with their session keys: counter mode with HMAC (RFC 3711 §4.1, §4.2), Galois/counter mode (RFC 7714).

use aes::{Aes128, Aes256};
use aes_gcm::{Aes128Gcm, Aes256Gcm, aead::AeadInOut};
use ctr::{
    Ctr128BE, CtrCore,
    cipher::{BlockCipherEncrypt, BlockSizeUser, InnerIvInit, KeyInit, StreamCipher, consts::U16},
};
use hmac::{Hmac, Mac};
use sha1::Sha1;
use wigwag_sip::sdp::{KeySalt, Suite};

use super::derivation::{Label, WrongKeyLength, derive};

/// One direction's keys for RTP, or for RTCP.
pub(super) enum Transform {
    Counter {
        cipher: Box<CounterCipher>,
        salt: [u8; 14],
        authentication: Box<Hmac<Sha1>>,
        tag_bytes: usize,
    },
    Galois {
        cipher: Box<GaloisCipher>,
        salt: [u8; 12],
    },
}

pub(super) enum CounterCipher {
    Aes128(Aes128),
    Aes256(Aes256),
}

pub(super) enum GaloisCipher {
    Aes128(Aes128Gcm),
    Aes256(Aes256Gcm),
}

/// The tag does not fit the packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotAuthentic;

/// Bytes of a GCM tag.
pub(super) const GALOIS_TAG: usize = 16;

/// Which packets a transform is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Rtp,
    Rtcp,
}

impl Transform {
    pub(super) fn new(suite: Suite, master: &KeySalt, protocol: Protocol) -> Result<Self, WrongKeyLength> {
        let [encryption, authentication, salt] = match protocol {
            Protocol::Rtp => [Label::RtpEncryption, Label::RtpAuthentication, Label::RtpSalt],
            Protocol::Rtcp => [Label::RtcpEncryption, Label::RtcpAuthentication, Label::RtcpSalt],
        };
        let (mut short_key, mut long_key) = ([0; 16], [0; 32]);
        let (mut counter_salt, mut galois_salt) = ([0; 14], [0; 12]);
        let mut authentication_key = [0; 20];
        let key = if suite.key_bytes() == 16 {
            &mut short_key[..]
        } else {
            &mut long_key[..]
        };
        derive(suite, master, encryption, key)?;
        match suite {
            Suite::AeadAes128Gcm | Suite::AeadAes256Gcm => derive(suite, master, salt, &mut galois_salt)?,
            Suite::AesCm128HmacSha1_80
            | Suite::AesCm128HmacSha1_32
            | Suite::AesCm256HmacSha1_80
            | Suite::AesCm256HmacSha1_32 => {
                derive(suite, master, salt, &mut counter_salt)?;
                derive(suite, master, authentication, &mut authentication_key)?;
            }
        }
        let counter = |cipher, short_tag| Transform::Counter {
            cipher: Box::new(cipher),
            salt: counter_salt,
            authentication: Box::new(keyed(&authentication_key)),
            // RTCP has 80 bits in every suite (RFC 4568 §6.2.2).
            tag_bytes: if short_tag && protocol == Protocol::Rtp { 4 } else { 10 },
        };
        let galois = |cipher| Transform::Galois {
            cipher: Box::new(cipher),
            salt: galois_salt,
        };
        Ok(match suite {
            Suite::AesCm128HmacSha1_80 => counter(CounterCipher::Aes128(Aes128::new(&short_key.into())), false),
            Suite::AesCm128HmacSha1_32 => counter(CounterCipher::Aes128(Aes128::new(&short_key.into())), true),
            Suite::AesCm256HmacSha1_80 => counter(CounterCipher::Aes256(Aes256::new(&long_key.into())), false),
            Suite::AesCm256HmacSha1_32 => counter(CounterCipher::Aes256(Aes256::new(&long_key.into())), true),
            Suite::AeadAes128Gcm => galois(GaloisCipher::Aes128(Aes128Gcm::new(&short_key.into()))),
            Suite::AeadAes256Gcm => galois(GaloisCipher::Aes256(Aes256Gcm::new(&long_key.into()))),
        })
    }
}

impl CounterCipher {
    /// Encrypts or decrypts in place the packet with this 48-bit `index` (RFC 3711 §4.1.1).
    pub(super) fn apply(&self, salt: &[u8; 14], ssrc: u32, index: u64, bytes: &mut [u8]) {
        let mut iv = [0; 16];
        iv[..14].copy_from_slice(salt);
        xor(&mut iv[4..8], &ssrc.to_be_bytes());
        xor(&mut iv[8..14], &index.to_be_bytes()[2..]);
        match self {
            CounterCipher::Aes128(cipher) => apply_counter(cipher, iv, bytes),
            CounterCipher::Aes256(cipher) => apply_counter(cipher, iv, bytes),
        }
    }
}

impl GaloisCipher {
    /// Encrypts in place and answers the tag.
    pub(super) fn seal(&self, nonce: [u8; 12], associated: &[u8], bytes: &mut [u8]) -> [u8; GALOIS_TAG] {
        let tag = match self {
            GaloisCipher::Aes128(cipher) => cipher.encrypt_inout_detached(&nonce.into(), associated, bytes.into()),
            GaloisCipher::Aes256(cipher) => cipher.encrypt_inout_detached(&nonce.into(), associated, bytes.into()),
        };
        tag.expect("a datagram is shorter than the 64 GiB that GCM encrypts at once")
            .into()
    }

    /// Decrypts in place what the tag fits.
    pub(super) fn open(
        &self,
        nonce: [u8; 12],
        associated: &[u8],
        bytes: &mut [u8],
        tag: [u8; GALOIS_TAG],
    ) -> Result<(), NotAuthentic> {
        let (nonce, tag) = (nonce.into(), tag.into());
        match self {
            GaloisCipher::Aes128(cipher) => cipher.decrypt_inout_detached(&nonce, associated, bytes.into(), &tag),
            GaloisCipher::Aes256(cipher) => cipher.decrypt_inout_detached(&nonce, associated, bytes.into(), &tag),
        }
        .map_err(|_| NotAuthentic)
    }
}

/// A GCM nonce: two zero bytes, source, and six bytes of index, mixed with the salt (RFC 7714 §8.1, §9.1).
pub(super) fn galois_nonce(salt: &[u8; 12], ssrc: u32, index: u64) -> [u8; 12] {
    let mut nonce = *salt;
    xor(&mut nonce[2..6], &ssrc.to_be_bytes());
    xor(&mut nonce[6..12], &index.to_be_bytes()[2..]);
    nonce
}

/// The tag over a packet and the index word that goes with it (RFC 3711 §4.2).
pub(super) fn tag(key: &Hmac<Sha1>, packet: &[u8], index: u32) -> [u8; 20] {
    let mut authentication = key.clone();
    authentication.update(packet);
    authentication.update(&index.to_be_bytes());
    authentication.finalize().into_bytes().into()
}

/// Checks such a tag, or its beginning, in constant time.
pub(super) fn check_tag(key: &Hmac<Sha1>, packet: &[u8], index: u32, tag: &[u8]) -> Result<(), NotAuthentic> {
    let mut authentication = key.clone();
    authentication.update(packet);
    authentication.update(&index.to_be_bytes());
    authentication.verify_truncated_left(tag).map_err(|_| NotAuthentic)
}

fn keyed(key: &[u8; 20]) -> Hmac<Sha1> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of every length")
}

fn apply_counter<C>(cipher: &C, iv: [u8; 16], bytes: &mut [u8])
where
    C: BlockCipherEncrypt + BlockSizeUser<BlockSize = U16>,
{
    Ctr128BE::from_core(CtrCore::inner_iv_init(cipher, &iv.into())).apply_keystream(bytes);
}

fn xor(bytes: &mut [u8], with: &[u8]) {
    bytes.iter_mut().zip(with).for_each(|(byte, with)| *byte ^= with);
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::srtp) fn hex(text: &str) -> Vec<u8> {
        let digits: Vec<u8> = text.bytes().filter(|digit| !digit.is_ascii_whitespace()).collect();
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        digits.chunks(2).map(byte).collect()
    }

    fn array<const N: usize>(text: &str) -> [u8; N] {
        hex(text).try_into().unwrap()
    }

    #[test]
    fn the_key_stream_of_rfc_3711_b_2() {
        let key: [u8; 16] = array("2B7E151628AED2A6ABF7158809CF4F3C");
        let cipher = CounterCipher::Aes128(Aes128::new(&key.into()));
        let mut stream = [0; 32];
        cipher.apply(&array("F0F1F2F3F4F5F6F7F8F9FAFBFCFD"), 0, 0, &mut stream);
        assert_eq!(
            stream[..],
            hex("E03EAD0935C95E80E166B16DD92B4EB4 D23513162B02D0F72A43A2FE4A5F97AB")
        );
    }

    #[test]
    fn the_key_stream_of_rfc_6188_7_1() {
        let key: [u8; 32] = array("57f82fe3613fd170a85ec93c40b1f0922ec4cb0dc025b58272147cc438944a98");
        let cipher = CounterCipher::Aes256(Aes256::new(&key.into()));
        let mut stream = [0; 32];
        cipher.apply(&array("f0f1f2f3f4f5f6f7f8f9fafbfcfd"), 0, 0, &mut stream);
        assert_eq!(
            stream[..],
            hex("92bdd28a93c3f52511c677d08b5515a4 9da71b2378a854f67050756ded165bac")
        );
    }

    #[test]
    fn the_rtp_packets_of_rfc_7714_16() {
        let salt = array("517569642070726f2071756f");
        let header = hex("8040f17b 8041f8d3 5501a0b2");
        let plain = b"Gallia est omnis divisa in partes tres";
        let nonce = galois_nonce(&salt, 0x5501_a0b2, 0xf17b);
        assert_eq!(nonce[..], hex("51753c6580c2726f20718414"));
        let key: [u8; 16] = array("000102030405060708090a0b0c0d0e0f");
        let cipher = GaloisCipher::Aes128(Aes128Gcm::new(&key.into()));
        let mut bytes = *plain;
        let tag = cipher.seal(nonce, &header, &mut bytes);
        let sealed = "f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833
                      899d7f27beb16a9152cf765ee4390cce";
        assert_eq!([&bytes[..], &tag].concat(), hex(sealed));
        assert_eq!(cipher.open(nonce, &header, &mut bytes, tag), Ok(()));
        assert_eq!(bytes, *plain);
        assert_eq!(cipher.open(nonce, &header, &mut bytes, tag), Err(NotAuthentic));

        let key: [u8; 32] = std::array::from_fn(|n| n as u8);
        let cipher = GaloisCipher::Aes256(Aes256Gcm::new(&key.into()));
        let mut bytes = *plain;
        let tag = cipher.seal(nonce, &header, &mut bytes);
        let sealed = "32b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799b87b
                      7aa3db36dfffd6b0f9bb7878d7a76c13";
        assert_eq!([&bytes[..], &tag].concat(), hex(sealed));
    }
}
