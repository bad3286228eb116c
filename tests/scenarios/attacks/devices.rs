//! A device made by hand: registered like a phone, and free to do what no phone does.

use harness::{Letter, SipAccount, Stranger};
use wigwag_sip::wire::{HeaderName, Method, Request, Response, StatusCode};

use crate::office::Office;

/// A registered device that does what it is told.
pub(super) struct Handset {
    pub(super) stranger: Stranger,
    pub(super) account: SipAccount,
}

impl Handset {
    pub(super) async fn register(office: &Office, index: usize) -> Handset {
        let account = office.account(index);
        let mut stranger = office.stranger().await;
        let mut letter = Letter::new(Method::Register, &account.uri(), &account.uri());
        letter.uri = format!("sip:{}", account.domain);
        assert_eq!(stranger.ask_as(&mut letter, &account).await.status().as_u16(), 200);
        Handset { stranger, account }
    }

    /// A request of this device; an INVITE offers sound.
    pub(super) fn letter(&self, method: Method, to: &str) -> Letter {
        let is_invite = method == Method::Invite;
        let letter = Letter::new(method, &self.account.uri(), to);
        if is_invite {
            letter.offering(self.stranger.address(), false)
        } else {
            letter
        }
    }

    /// The answer to a challenge, as the so-manieth use of its nonce.
    pub(super) fn prove(&self, challenge: &Response, letter: &Letter, count: u32) -> String {
        let proof = self
            .account
            .proof_again(challenge, &letter.method, &letter.uri, "cnonce", count);
        proof.expect("a challenge")
    }

    /// Answers a request of the server.
    pub(super) async fn answer(&mut self, request: &Request, status: u16) {
        let status = StatusCode::new(status).expect("tests use status codes");
        let mut answer = Response::reply_to(request, status).to_tag("handset");
        if status.as_u16() == 407 {
            let challenge = "Digest realm=\"wigwag.localhost\", nonce=\"leak\", algorithm=MD5, qop=\"auth\"";
            answer = answer.raw(HeaderName::ProxyAuthenticate, challenge);
        }
        self.stranger.send(answer.build().bytes()).await;
    }
}
