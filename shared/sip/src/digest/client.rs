//! The client's side: answer a challenge (RFC 7616 §3.4).

use serde::{Deserialize, Serialize};
use thiserror::Error;
use wigwag_sansio::{Pii, Secret};

use super::{
    algorithm::Algorithm,
    ha1::{Ha1, Protection},
};
use crate::wire::{
    Method, Params,
    header::{Challenge, Credentials, DigestChallenge, DigestCredentials},
};

/// Who we are to the other side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// The user name.
    pub username: Pii<String>,
    /// The password.
    pub password: Secret<String>,
}

/// The request that was challenged, and what makes its proof our own.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// The request's method.
    pub method: &'a Method,
    /// Its Request-URI, as it will be sent.
    pub uri: &'a str,
    /// A word that nobody can predict.
    pub cnonce: &'a str,
    /// How often the challenge's nonce has been used, this time included.
    pub count: u32,
}

/// None of the challenges is one that we can answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("no challenge that can be answered")]
pub struct Unanswerable;

/// Answers the first challenge whose algorithm and quality of protection we know: servers put their favourite first.
pub fn answer(challenges: &[Challenge], login: &Login, question: &Question<'_>) -> Result<Credentials, Unanswerable> {
    challenges
        .iter()
        .filter_map(Challenge::as_digest)
        .find_map(|challenge| answer_one(challenge, login, question))
        .map(Credentials::Digest)
        .ok_or(Unanswerable)
}

fn answer_one(challenge: &DigestChallenge, login: &Login, question: &Question<'_>) -> Option<DigestCredentials> {
    let algorithm = Algorithm::of(challenge.algorithm())?;
    let (realm, nonce) = (challenge.realm()?, challenge.nonce()?);
    let nc = format!("{:08x}", question.count);
    let protection = match (challenge.has_qop(), challenge.offers_qop("auth")) {
        (_, true) => Some(Protection {
            nc: &nc,
            cnonce: question.cnonce,
        }),
        (false, false) => None,
        (true, false) => return None,
    };
    let ha1 = Ha1::new(algorithm, login.username.expose(), realm, login.password.expose());
    let mut params = Params::default();
    params.set_quoted("username", login.username.expose());
    params.set_quoted("realm", realm);
    params.set_quoted("nonce", nonce);
    params.set_quoted("uri", question.uri);
    params.set_quoted(
        "response",
        ha1.response(question.method.as_str(), question.uri, nonce, protection),
    );
    if challenge.algorithm().is_some() {
        params.set("algorithm", algorithm.as_str());
    }
    if let Some(Protection { nc, cnonce }) = protection {
        params.set("qop", "auth");
        params.set("nc", nc);
        params.set_quoted("cnonce", cnonce);
    }
    if let Some(opaque) = challenge.opaque() {
        params.set_quoted("opaque", opaque);
    }
    Some(DigestCredentials { params })
}

impl std::fmt::Debug for Question<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Question({}, {})", self.method, self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::header::{Header, WwwAuthenticate};

    fn ask(challenges: &[&str]) -> Result<String, Unanswerable> {
        let challenges: Vec<Challenge> = challenges
            .iter()
            .map(|text| WwwAuthenticate::parse(text.as_bytes()).unwrap().0)
            .collect();
        let login = Login {
            username: Pii::new("bob".to_owned()),
            password: Secret::new("zanzibar".to_owned()),
        };
        let question = Question {
            method: &Method::Invite,
            uri: "sip:bob@biloxi.com",
            cnonce: "0a4f113b",
            count: 1,
        };
        answer(&challenges, &login, &question).map(|credentials| credentials.to_string())
    }

    #[test]
    fn the_example_of_draft_smith_sip_auth() {
        let plain = ask(&[r#"Digest realm="biloxi.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093""#]).unwrap();
        assert!(
            plain.contains(r#"response="bf57e4e0d0bffc0fbaedce64d59add5e""#),
            "{plain}"
        );
        let auth = ask(&[
            r#"Digest realm="biloxi.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41""#,
        ])
        .unwrap();
        assert!(
            auth.contains(r#"response="89eb0059246c02b2f6ee02c7961d5ea3""#),
            "{auth}"
        );
        assert!(
            auth.ends_with(r#"qop=auth, nc=00000001, cnonce="0a4f113b", opaque="5ccc069c403ebaf9f0171e9517f40e41""#)
        );
    }

    #[test]
    fn the_first_challenge_that_we_know_is_answered() {
        let answer = ask(&[
            r#"Bearer realm="x""#,
            r#"Digest realm="x", nonce="1", algorithm=SHA-512-256"#,
            r#"Digest realm="x", nonce="2", qop="auth-int""#,
            r#"Digest realm="x", nonce="3", algorithm=SHA-256, qop="auth""#,
            r#"Digest realm="x", nonce="4""#,
        ])
        .unwrap();
        assert!(
            answer.contains(r#"nonce="3""#) && answer.contains("algorithm=SHA-256"),
            "{answer}"
        );
        assert_eq!(ask(&[r#"Basic realm="x""#]), Err(Unanswerable));
    }
}
