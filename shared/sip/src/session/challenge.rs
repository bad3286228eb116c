//! Answers to challenges, by those who were given credentials for exactly that (RFC 3261 §22, RFC 8760).

use super::{Credentials, Extra, read::Read, shared::Shared};
use crate::{
    digest::{self, Question},
    wire::{
        HeaderName, Method, Response, StatusCode, Uri,
        header::{Challenge, ProxyAuthenticate, WwwAuthenticate},
    },
};

/// Symbols of a client nonce: 100 bits.
const CNONCE_SYMBOLS: usize = 20;

/// The header that answers the challenge in `response` to a request with this method and Request-URI.
pub(super) fn answer(response: &Response, method: &Method, uri: &Uri, shared: &mut Shared) -> Option<Extra> {
    let credentials = shared.settings.credentials.as_ref()?;
    let (name, challenges) = challenges(response)?;
    let challenges: Vec<Challenge> = challenges
        .into_iter()
        .filter(|challenge| credentials.are_for(challenge))
        .collect();
    let login = credentials.login.clone();
    let cnonce = shared.entropy.word(CNONCE_SYMBOLS);
    let question = Question {
        method,
        uri: &uri.to_string(),
        cnonce: &cnonce,
        count: 1,
    };
    let answer = digest::answer(&challenges, &login, &question).ok()?;
    Some(Extra::new(name, answer.to_string()))
}

fn challenges(response: &Response) -> Option<(HeaderName, Vec<Challenge>)> {
    match response.status() {
        StatusCode::UNAUTHORIZED => {
            let challenges: Vec<WwwAuthenticate> = response.all().ok()?;
            let challenges = challenges.into_iter().map(|WwwAuthenticate(challenge)| challenge);
            Some((HeaderName::Authorization, challenges.collect()))
        }
        StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
            let challenges: Vec<ProxyAuthenticate> = response.all().ok()?;
            let challenges = challenges.into_iter().map(|ProxyAuthenticate(challenge)| challenge);
            Some((HeaderName::ProxyAuthorization, challenges.collect()))
        }
        _ => None,
    }
}

impl Credentials {
    /// Whether this challenge may have an answer.
    fn are_for(&self, challenge: &Challenge) -> bool {
        let realm = challenge.as_digest().and_then(|digest| digest.realm());
        match &self.realm {
            Some(own) => realm == Some(own.as_str()),
            None => realm.is_some(),
        }
    }
}
