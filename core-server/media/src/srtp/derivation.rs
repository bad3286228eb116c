//! Session keys from a master key and salt (RFC 3711 §4.3; RFC 6188 §3 and RFC 7714 §11 for the longer keys).

use ctr::{
    Ctr128BE,
    cipher::{KeyIvInit, StreamCipher},
};
use thiserror::Error;
use wigwag_sip::sdp::{KeySalt, Suite};

/// What a key is derived for; the number is the label of RFC 3711 §4.3.2.
#[derive(Clone, Copy, Debug)]
pub(super) enum Label {
    RtpEncryption = 0,
    RtpAuthentication = 1,
    RtpSalt = 2,
    RtcpEncryption = 3,
    RtcpAuthentication = 4,
    RtcpSalt = 5,
}

/// A master key of the wrong length for its suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a master key of the wrong length for its suite")]
pub(crate) struct WrongKeyLength;

/// Fills `key` with the session key for `label`; the key derivation rate is zero, as SDES has it unless told otherwise.
pub(super) fn derive(suite: Suite, master: &KeySalt, label: Label, key: &mut [u8]) -> Result<(), WrongKeyLength> {
    let master = master.expose();
    if master.len() != suite.key_bytes() + suite.salt_bytes() {
        return Err(WrongKeyLength);
    }
    let (master_key, master_salt) = master.split_at(suite.key_bytes());
    // The salt of the GCM suites is two bytes shorter: the missing ones are zero.
    let mut iv = [0; 16];
    iv[..master_salt.len()].copy_from_slice(master_salt);
    iv[7] ^= label as u8;
    key.fill(0);
    match suite.key_bytes() {
        16 => apply::<Ctr128BE<aes::Aes128>>(master_key, &iv, key),
        _ => apply::<Ctr128BE<aes::Aes256>>(master_key, &iv, key),
    }
}

fn apply<C: KeyIvInit + StreamCipher>(key: &[u8], iv: &[u8], bytes: &mut [u8]) -> Result<(), WrongKeyLength> {
    C::new_from_slices(key, iv)
        .map_err(|_| WrongKeyLength)?
        .apply_keystream(bytes);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::srtp::transform::tests::hex;
    use wigwag_sansio::Secret;

    fn derived<const N: usize>(suite: Suite, master: &str, label: Label) -> [u8; N] {
        let mut key = [0xff; N];
        derive(suite, &Secret::new(hex(master)), label, &mut key).expect("a key of the right length");
        key
    }

    #[test]
    fn the_vectors_of_rfc_3711_b_3() {
        let master = "E1F97A0D3E018BE0D64FA32C06DE4139 0EC675AD498AFEEBB6960B3AABE6";
        let suite = Suite::AesCm128HmacSha1_80;
        assert_eq!(
            derived::<16>(suite, master, Label::RtpEncryption)[..],
            hex("C61E7A93744F39EE10734AFE3FF7A087")
        );
        assert_eq!(
            derived::<14>(suite, master, Label::RtpSalt)[..],
            hex("30CBBC08863D8C85D49DB34A9AE1")
        );
        let authentication = "CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4";
        assert_eq!(
            derived::<20>(suite, master, Label::RtpAuthentication)[..],
            hex(authentication)
        );
    }

    #[test]
    fn the_vectors_of_rfc_6188_7_2() {
        let master = "f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b6 3b04803de51ee7c96423ab5b78d2";
        let suite = Suite::AesCm256HmacSha1_80;
        let encryption = "5ba1064e30ec51613cad926c5a28ef731ec7fb397f70a960653caf06554cd8c4";
        assert_eq!(derived::<32>(suite, master, Label::RtpEncryption)[..], hex(encryption));
        assert_eq!(
            derived::<14>(suite, master, Label::RtpSalt)[..],
            hex("fa31791685ca444a9e07c6c64e93")
        );
        let authentication = "fd9c32d39ed5fbb5a9dc96b30818454d1313dc05";
        assert_eq!(
            derived::<20>(suite, master, Label::RtpAuthentication)[..],
            hex(authentication)
        );
    }

    #[test]
    fn a_key_of_the_wrong_length_is_refused() {
        let short = Secret::new(vec![0; 29]);
        let refused = derive(Suite::AesCm128HmacSha1_80, &short, Label::RtpSalt, &mut [0; 14]);
        assert_eq!(refused, Err(WrongKeyLength));
    }
}
