//! The server's side: challenge, and check what comes back (RFC 7616 §3.3, §3.4.5, §3.4.6).

use subtle::ConstantTimeEq;
use thiserror::Error;
use wigwag_sansio::Utc;

use super::{
    algorithm::Algorithm,
    ha1::{Ha1, Protection},
    nonce::{NONCE_LIFETIME, NonceKey, Stamp},
};
use crate::wire::{
    Method, Params, Request, Uri,
    header::{Challenge, Credentials, DigestChallenge, DigestCredentials},
};

/// A proof that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The nonce that it was made for.
    pub stamp: Stamp,
    /// How often the client says that it has used the nonce; `None` from phones of RFC 2069.
    pub count: Option<u32>,
}

/// Why credentials are not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DigestError {
    /// The scheme is not Digest.
    #[error("not digest credentials")]
    Scheme,
    /// A parameter that is needed is missing or cannot be read.
    #[error("incomplete digest credentials")]
    Incomplete,
    /// Made for another realm.
    #[error("another realm")]
    Realm,
    /// Made with another algorithm than the one asked for.
    #[error("another algorithm")]
    Algorithm,
    /// A quality of protection that was not offered.
    #[error("another quality of protection")]
    Protection,
    /// We did not issue the nonce, or not for this realm and algorithm.
    #[error("unknown nonce")]
    Nonce,
    /// The password is not the right one.
    #[error("wrong proof")]
    Wrong,
    /// The proof is right and the nonce too old.
    #[error("stale nonce")]
    Stale,
    /// The proof is right and was used before.
    #[error("replayed proof")]
    Replayed,
}

impl DigestError {
    /// Whether the client knows the password, and should try again with a new nonce without asking its user.
    pub fn is_stale(self) -> bool {
        match self {
            DigestError::Stale | DigestError::Replayed => true,
            DigestError::Scheme
            | DigestError::Incomplete
            | DigestError::Realm
            | DigestError::Algorithm
            | DigestError::Protection
            | DigestError::Nonce
            | DigestError::Wrong => false,
        }
    }
}

impl NonceKey {
    /// Asks for a proof, with an unpredictable `salt`; put it into a WWW-Authenticate or Proxy-Authenticate.
    pub fn challenge(&self, realm: &str, algorithm: Algorithm, now: Utc, salt: u32, stale: bool) -> Challenge {
        let mut params = Params::default();
        params.set_quoted("realm", realm);
        params.set_quoted("nonce", self.issue(realm, algorithm, now, salt));
        if stale {
            params.set("stale", "true");
        }
        params.set("algorithm", algorithm.as_str());
        params.set_quoted("qop", "auth");
        Challenge::Digest(DigestChallenge { params })
    }

    /// Checks a proof against the password that `ha1` stands for, in a time that tells nothing about either.
    ///
    /// The nonce count and the URI are the caller's to check, with [`NonceCounts`](super::NonceCounts) and [`is_for`].
    pub fn verify(
        &self,
        credentials: &Credentials,
        method: &Method,
        ha1: &Ha1,
        now: Utc,
    ) -> Result<Verified, DigestError> {
        let digest = credentials.as_digest().ok_or(DigestError::Scheme)?;
        let proof = Proof::read(digest)?;
        if proof.realm != ha1.realm {
            return Err(DigestError::Realm);
        }
        if Algorithm::of(digest.algorithm()) != Some(ha1.algorithm) {
            return Err(DigestError::Algorithm);
        }
        let stamp = self
            .stamp(proof.nonce, &ha1.realm, ha1.algorithm)
            .ok_or(DigestError::Nonce)?;
        let protection = proof.protection.map(|(protection, _)| protection);
        let expected = ha1.response(method.as_str(), proof.uri, proof.nonce, protection);
        let right: bool = expected
            .as_bytes()
            .ct_eq(proof.response.to_ascii_lowercase().as_bytes())
            .into();
        if !right {
            return Err(DigestError::Wrong);
        }
        // Or it is from the future, because the clock was set back: its uses are not remembered until then.
        if now.since(stamp.issued).max(stamp.issued.since(now)) > NONCE_LIFETIME {
            return Err(DigestError::Stale);
        }
        let count = proof.protection.map(|(_, count)| count);
        Ok(Verified { stamp, count })
    }
}

/// Whether the credentials were made for this request's URI, as it stands or as another spelling of the same.
pub fn is_for(credentials: &DigestCredentials, request: &Request) -> bool {
    let Some(authorised) = credentials.uri() else {
        return false;
    };
    if authorised == request.uri_text() {
        return true;
    }
    match (Uri::parse(authorised), request.uri()) {
        (Ok(authorised), Ok(asked)) => authorised.is_equivalent(&asked),
        (Ok(_) | Err(_), _) => false,
    }
}

/// What a proof is made of.
struct Proof<'a> {
    realm: &'a str,
    nonce: &'a str,
    uri: &'a str,
    response: &'a str,
    protection: Option<(Protection<'a>, u32)>,
}

impl<'a> Proof<'a> {
    fn read(digest: &'a DigestCredentials) -> Result<Self, DigestError> {
        let needed = |param: Option<&'a str>| param.filter(|value| !value.is_empty()).ok_or(DigestError::Incomplete);
        needed(digest.username())?;
        let protection = match digest.qop() {
            None => None,
            Some(qop) if qop.eq_ignore_ascii_case("auth") => {
                let (nc, cnonce) = (needed(digest.nc())?, needed(digest.cnonce())?);
                let count = count(nc).ok_or(DigestError::Incomplete)?;
                Some((Protection { nc, cnonce }, count))
            }
            Some(_) => return Err(DigestError::Protection),
        };
        Ok(Proof {
            realm: needed(digest.realm())?,
            nonce: needed(digest.nonce())?,
            uri: needed(digest.uri())?,
            response: needed(digest.response())?,
            protection,
        })
    }
}

/// Eight hexadecimal digits, counted from one.
fn count(nc: &str) -> Option<u32> {
    let digits = nc.len() == 8 && nc.bytes().all(|b| b.is_ascii_hexdigit());
    let count = u32::from_str_radix(nc, 16).ok().filter(|_| digits)?;
    (count > 0).then_some(count)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use wigwag_sansio::{Pii, Secret};

    use super::*;
    use crate::digest::{Login, NonceCounts, Question, answer};
    use crate::wire::header::{Authorization, Header};

    const REALM: &str = "pbx.example";
    const START: Utc = Utc::from_millis(1_800_000_000_000);

    fn key() -> NonceKey {
        NonceKey::new([42; 32])
    }

    fn ha1(algorithm: Algorithm) -> Ha1 {
        Ha1::new(algorithm, "1001", REALM, "secret")
    }

    /// What a phone answers to `challenge`, as text.
    fn answered(challenge: &Challenge, password: &str, count: u32) -> String {
        let login = Login {
            username: Pii::new("1001".to_owned()),
            password: Secret::new(password.to_owned()),
        };
        let question = Question {
            method: &Method::Register,
            uri: "sip:pbx.example",
            cnonce: "c",
            count,
        };
        answer(std::slice::from_ref(challenge), &login, &question)
            .unwrap()
            .to_string()
    }

    fn check(credentials: &str, ha1: &Ha1, now: Utc) -> Result<Verified, DigestError> {
        let credentials = Authorization::parse(credentials.as_bytes()).expect(credentials);
        key().verify(&credentials, &Method::Register, ha1, now)
    }

    fn challenge(algorithm: Algorithm) -> Challenge {
        key().challenge(REALM, algorithm, START, 7, false)
    }

    #[test]
    fn the_right_password_is_accepted_with_either_algorithm() {
        for algorithm in [Algorithm::Md5, Algorithm::Sha256] {
            let credentials = answered(&challenge(algorithm), "secret", 1);
            let verified = check(&credentials, &ha1(algorithm), START).unwrap();
            assert_eq!((verified.stamp.issued, verified.count), (START, Some(1)));
            assert_eq!(
                check(&answered(&challenge(algorithm), "guess", 1), &ha1(algorithm), START),
                Err(DigestError::Wrong)
            );
        }
    }

    #[test]
    fn old_phones_answer_without_quality_of_protection() {
        let Challenge::Digest(mut old) = challenge(Algorithm::Md5) else {
            panic!()
        };
        old.params.remove("qop");
        old.params.remove("algorithm");
        let credentials = answered(&Challenge::Digest(old), "secret", 1);
        assert!(!credentials.contains("nc="), "{credentials}");
        assert_eq!(check(&credentials, &ha1(Algorithm::Md5), START).unwrap().count, None);
    }

    #[test]
    fn a_nonce_gets_stale_and_a_guess_does_not_learn_so() {
        let late = START + NONCE_LIFETIME + Duration::from_millis(1);
        let right = answered(&challenge(Algorithm::Md5), "secret", 1);
        assert!(check(&right, &ha1(Algorithm::Md5), START + NONCE_LIFETIME).is_ok());
        assert_eq!(check(&right, &ha1(Algorithm::Md5), late), Err(DigestError::Stale));
        let wrong = answered(&challenge(Algorithm::Md5), "guess", 1);
        assert_eq!(check(&wrong, &ha1(Algorithm::Md5), late), Err(DigestError::Wrong));
        let early = Utc::from_millis(START.as_millis() - late.since(START).as_millis() as i64);
        assert_eq!(check(&right, &ha1(Algorithm::Md5), early), Err(DigestError::Stale));
        let again = key().challenge(REALM, Algorithm::Md5, late, 7, true);
        assert!(again.as_digest().unwrap().is_stale());
        assert!(DigestError::Stale.is_stale() && !DigestError::Wrong.is_stale());
    }

    #[test]
    fn a_replayed_proof_is_refused() {
        let mut counts = NonceCounts::default();
        let verified = |count| {
            check(
                &answered(&challenge(Algorithm::Md5), "secret", count),
                &ha1(Algorithm::Md5),
                START,
            )
            .unwrap()
        };
        assert_eq!(counts.accept(&verified(2), START), Ok(()));
        assert_eq!(counts.accept(&verified(2), START), Err(DigestError::Replayed));
        assert_eq!(counts.accept(&verified(3), START), Ok(()));
    }

    #[test]
    fn a_changed_count_breaks_the_proof() {
        let credentials = answered(&challenge(Algorithm::Md5), "secret", 1).replace("nc=00000001", "nc=00000002");
        assert_eq!(
            check(&credentials, &ha1(Algorithm::Md5), START),
            Err(DigestError::Wrong)
        );
    }

    #[test]
    fn nonces_of_another_realm_server_or_nobody_are_refused() {
        let elsewhere = key().challenge("other.example", Algorithm::Md5, START, 7, false);
        let borrowed = elsewhere.as_digest().unwrap().nonce().unwrap().to_owned();
        let Challenge::Digest(mut mixed) = challenge(Algorithm::Md5) else {
            panic!()
        };
        for nonce in [borrowed.as_str(), "x", "", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
            mixed.params.set_quoted("nonce", nonce);
            let error = check(
                &answered(&Challenge::Digest(mixed.clone()), "secret", 1),
                &ha1(Algorithm::Md5),
                START,
            );
            assert!(
                matches!(error, Err(DigestError::Nonce | DigestError::Incomplete)),
                "{error:?}"
            );
        }
        let foreign = NonceKey::new([43; 32]).challenge(REALM, Algorithm::Md5, START, 7, false);
        assert_eq!(
            check(&answered(&foreign, "secret", 1), &ha1(Algorithm::Md5), START),
            Err(DigestError::Nonce)
        );
    }

    #[test]
    fn a_realm_that_was_never_issued_is_refused() {
        let forged = key().challenge("evil.example", Algorithm::Md5, START, 7, false);
        assert_eq!(
            check(&answered(&forged, "secret", 1), &ha1(Algorithm::Md5), START),
            Err(DigestError::Realm)
        );
    }

    #[test]
    fn the_algorithm_cannot_be_downgraded() {
        let md5 = answered(&challenge(Algorithm::Md5), "secret", 1);
        assert_eq!(check(&md5, &ha1(Algorithm::Sha256), START), Err(DigestError::Algorithm));
        let unnamed = md5.replace(", algorithm=MD5", "");
        assert_eq!(
            check(&unnamed, &ha1(Algorithm::Sha256), START),
            Err(DigestError::Algorithm)
        );
        let renamed = md5.replace("algorithm=MD5", "algorithm=SHA-256");
        assert_eq!(check(&renamed, &ha1(Algorithm::Sha256), START), Err(DigestError::Nonce));
    }

    #[test]
    fn incomplete_or_odd_credentials_are_refused() {
        let whole = answered(&challenge(Algorithm::Md5), "secret", 1);
        let ha1 = ha1(Algorithm::Md5);
        for (part, instead) in [
            (", cnonce=\"c\"", ""),
            (", cnonce=\"c\"", ", cnonce=\"\""),
            (", nc=00000001", ""),
            ("nc=00000001", "nc=1"),
            ("nc=00000001", "nc=00000000"),
            ("nc=00000001", "nc=+0000001"),
            (", uri=\"sip:pbx.example\"", ""),
            ("username=\"1001\"", "username=\"\""),
        ] {
            let broken = whole.replace(part, instead);
            assert_ne!(broken, whole);
            assert_eq!(
                check(&broken, &ha1, START),
                Err(DigestError::Incomplete),
                "{part} → {instead}"
            );
        }
        assert_eq!(
            check(&whole.replace("qop=auth", "qop=auth-int"), &ha1, START),
            Err(DigestError::Protection)
        );
        assert_eq!(check("Basic abc", &ha1, START), Err(DigestError::Scheme));
        assert_eq!(
            check(&whole.replace("qop=auth, ", ""), &ha1, START),
            Err(DigestError::Wrong)
        );
    }

    #[test]
    fn odd_user_names_are_only_names() {
        let whole = answered(&challenge(Algorithm::Md5), "secret", 1);
        for name in ["\0", "a\\\"b", &"x".repeat(4096), "../../etc", "1001\r\n x"] {
            let odd = whole.replace("username=\"1001\"", &format!("username=\"{name}\""));
            // The name chooses the password to check against; the proof is over that password.
            assert!(check(&odd, &ha1(Algorithm::Md5), START).is_ok());
            let decoy = key().decoy(Algorithm::Md5, name, REALM);
            assert_eq!(check(&odd, &decoy, START), Err(DigestError::Wrong));
        }
    }

    #[test]
    fn a_proof_for_another_uri_is_noticed() {
        let credentials = answered(&challenge(Algorithm::Md5), "secret", 1);
        let credentials = Authorization::parse(credentials.as_bytes()).unwrap();
        let digest = credentials.as_digest().unwrap();
        assert!(is_for(
            digest,
            &Request::builder(Method::Register, "sip:pbx.example").build()
        ));
        assert!(is_for(
            digest,
            &Request::builder(Method::Register, "sip:PBX.example;x=1").build()
        ));
        assert!(!is_for(
            digest,
            &Request::builder(Method::Register, "sip:other.example").build()
        ));
    }
}
