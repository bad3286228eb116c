//! Digest credentials as the server checks them, and challenges as the client answers them.

use wigwag_sansio::{Pii, Secret, Utc};
use wigwag_sip::{
    digest::{self, Algorithm, Ha1, Login, NonceKey, Question},
    wire::{
        Header, Method,
        header::{Authorization, WwwAuthenticate},
    },
};

/// The value of an Authorization or WWW-Authenticate header: nobody is let in by chance, and nobody panics.
pub(crate) fn proof(input: &[u8]) {
    let now = Utc::from_millis(1_767_258_000_000);
    if let Ok(authorization) = Authorization::parse(input) {
        let key = NonceKey::new([7; 32]);
        for algorithm in [Algorithm::Md5, Algorithm::Sha256] {
            let ha1 = Ha1::new(algorithm, "100001", "wigwag.localhost", "secret");
            let verified = key.verify(&authorization, &Method::Register, &ha1, now);
            assert!(verified.is_err(), "no input knows the key of the nonces");
        }
    }
    if let Ok(WwwAuthenticate(challenge)) = WwwAuthenticate::parse(input) {
        let login = Login {
            username: Pii::new("100001".to_owned()),
            password: Secret::new("secret".to_owned()),
        };
        let question = Question {
            method: &Method::Register,
            uri: "sip:wigwag.localhost",
            cnonce: "cnonce",
            count: 1,
        };
        if let Ok(answer) = digest::answer(&[challenge], &login, &question) {
            assert!(Authorization::parse(answer.to_string().as_bytes()).is_ok(), "{answer}");
        }
    }
}
