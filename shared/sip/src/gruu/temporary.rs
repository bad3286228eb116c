//! Temporary GRUUs (RFC 5627 §3.1.2, §6.2): new ones with each registration, good for as long as the device registers
//! under the same Call-ID, and kept nowhere: salt, sealed user and device, proof.

use std::fmt;

use crate::{
    digest::{hex, hmac_sha256},
    wire::{Host, Scheme, SipUri},
};

/// What the users of temporary GRUUs begin with.
const PREFIX: &str = "tgruu.";
const SALT: usize = 8;
const USER: usize = 4;
const DEVICE: usize = 8;
const PROOF: usize = 8;
const ALL: usize = SALT + USER + DEVICE + PROOF;

/// Makes temporary GRUUs and reads them again.
#[derive(Clone)]
pub struct GruuKey([u8; 32]);

/// What a temporary GRUU says to its maker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TemporaryGruu {
    /// Whose it is.
    pub user: u32,
    device: [u8; DEVICE],
}

impl GruuKey {
    /// A key that nobody can guess.
    pub fn new(key: [u8; 32]) -> Self {
        GruuKey(key)
    }

    /// The temporary GRUU of a device that has registered with `call_id`; `salt` makes it differ from all others.
    pub fn temporary(&self, user: u32, instance: &str, call_id: &str, salt: u64, domain: Host) -> SipUri {
        let mut token = [0; ALL];
        token[..SALT].copy_from_slice(&salt.to_be_bytes());
        token[SALT..SALT + USER].copy_from_slice(&user.to_be_bytes());
        token[SALT + USER..ALL - PROOF].copy_from_slice(&self.device(instance, call_id));
        self.seal(&mut token);
        let proof = self.proof(&token);
        token[ALL - PROOF..].copy_from_slice(&proof);
        SipUri::new(Scheme::Sip, domain)
            .with_user(&format!("{PREFIX}{}", hex(&token)))
            .with_param(super::GR, None)
    }

    /// Reads the user part of a temporary GRUU; nothing when it is not one of ours.
    pub fn read(&self, user: &str) -> Option<TemporaryGruu> {
        let mut token = unhex(user.strip_prefix(PREFIX)?)?;
        if token[ALL - PROOF..] != self.proof(&token) {
            return None;
        }
        self.seal(&mut token);
        let user = u32::from_be_bytes(token[SALT..SALT + USER].try_into().ok()?);
        let device = token[SALT + USER..ALL - PROOF].try_into().ok()?;
        Some(TemporaryGruu { user, device })
    }

    /// Whether `gruu` was made for this device, registered with this Call-ID.
    pub fn is_of(&self, gruu: &TemporaryGruu, instance: &str, call_id: &str) -> bool {
        gruu.device == self.device(instance, call_id)
    }

    fn device(&self, instance: &str, call_id: &str) -> [u8; DEVICE] {
        let length = (instance.len() as u64).to_be_bytes();
        first(&hmac_sha256(
            &self.0,
            &[b"device", &length, instance.as_bytes(), call_id.as_bytes()],
        ))
    }

    /// Hides what is open, or opens what is hidden.
    fn seal(&self, token: &mut [u8; ALL]) {
        let stream = hmac_sha256(&self.0, &[b"stream", &token[..SALT]]);
        let sealed = &mut token[SALT..ALL - PROOF];
        sealed.iter_mut().zip(stream).for_each(|(byte, mask)| *byte ^= mask);
    }

    fn proof(&self, token: &[u8; ALL]) -> [u8; PROOF] {
        first(&hmac_sha256(&self.0, &[b"proof", &token[..ALL - PROOF]]))
    }
}

impl fmt::Debug for GruuKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GruuKey")
    }
}

fn first(code: &[u8; 32]) -> [u8; 8] {
    std::array::from_fn(|index| code[index])
}

fn unhex(text: &str) -> Option<[u8; ALL]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * ALL {
        return None;
    }
    let mut token = [0; ALL];
    for (byte, pair) in token.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |digit: u8| char::from(digit).to_digit(16);
        *byte = u8::try_from(16 * digit(pair[0])? + digit(pair[1])?).ok()?;
    }
    Some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    const INSTANCE: &str = "<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>";

    fn made(salt: u64) -> (GruuKey, String) {
        let key = GruuKey::new([7; 32]);
        let gruu = key.temporary(200_100, INSTANCE, "call-1", salt, Host::parse("example.com").unwrap());
        let user = gruu.user().unwrap();
        assert_eq!(gruu.to_string(), format!("sip:{user}@example.com;gr"));
        (key, user.to_string())
    }

    #[test]
    fn its_maker_reads_whose_it_is() {
        let (key, user) = made(1);
        let gruu = key.read(&user).unwrap();
        assert_eq!(gruu.user, 200_100);
        assert!(key.is_of(&gruu, INSTANCE, "call-1"));
        assert!(
            !key.is_of(&gruu, INSTANCE, "call-2"),
            "it ends when the device registers anew"
        );
        assert!(!key.is_of(&gruu, "<urn:uuid:0>", "call-1"));
    }

    #[test]
    fn nobody_else_does_and_no_two_have_anything_in_common() {
        let ((_, one), (_, two)) = (made(1), made(2));
        let same = one.bytes().zip(two.bytes()).skip(PREFIX.len() + 2 * SALT);
        assert!(same.filter(|(one, two)| one == two).count() < 16);
        assert_eq!(GruuKey::new([8; 32]).read(&one), None);
    }

    #[test]
    fn what_was_changed_or_is_something_else_is_refused() {
        let (key, user) = made(1);
        let last = if user.ends_with('0') { '1' } else { '0' };
        let changed = format!("{}{last}", &user[..user.len() - 1]);
        for text in [&changed, "tgruu.", "tgruu.zz", "200100", "", &user[..20]] {
            assert_eq!(key.read(text), None, "{text}");
        }
    }
}
