//! REGISTER, with the answer to the challenge (RFC 3261 §10.2, §22).

use tokio::sync::oneshot;
use wigwag_sansio::Entropy;
use wigwag_sip::wire::header::{CSeq, MaxForwards};
use wigwag_sip::wire::{HeaderName, Method, Request, Response, StatusCode};

use super::account::SipAccount;

/// What a REGISTER was answered with.
#[derive(Clone, Debug)]
pub struct Registered {
    /// The final answer; none when none came.
    pub response: Option<Response>,
}

/// The registration of one phone.
#[derive(Debug)]
pub(super) struct Registration {
    account: SipAccount,
    contact: String,
    call_id: String,
    tag: String,
    cseq: u32,
    /// What is under way: for how long, whether the challenge was answered already, and who waits.
    attempt: Option<(u32, bool, oneshot::Sender<Registered>)>,
}

impl Registered {
    /// The status of the answer.
    ///
    /// # Panics
    ///
    /// When none came.
    #[must_use]
    pub fn status(&self) -> u16 {
        let response = self.response.as_ref().expect("the REGISTER was answered");
        response.status().as_u16()
    }

    /// The Reason header of the answer.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        let reason = self.response.as_ref()?.header(HeaderName::Reason)?;
        Some(String::from_utf8_lossy(reason).into_owned())
    }
}

impl Registration {
    pub(super) fn new(account: SipAccount, contact: String, entropy: &mut Entropy) -> Registration {
        Registration {
            account,
            contact,
            call_id: entropy.word(20),
            tag: entropy.word(10),
            cseq: 0,
            attempt: None,
        }
    }

    /// The first REGISTER of an attempt.
    pub(super) fn begin(&mut self, expires: u32, reply: oneshot::Sender<Registered>) -> Request {
        self.attempt = Some((expires, false, reply));
        self.request(expires, None)
    }

    /// The next REGISTER, when the answer was a challenge; otherwise the attempt is over.
    pub(super) fn answered(&mut self, response: Response, entropy: &mut Entropy) -> Option<Request> {
        if response.status().is_provisional() {
            return None;
        }
        let (expires, was_signed, reply) = self.attempt.take()?;
        let proof = (response.status() == StatusCode::UNAUTHORIZED && !was_signed)
            .then(|| {
                let uri = self.request_uri();
                self.account
                    .proof(&response, &Method::Register, &uri, &entropy.word(20))
            })
            .flatten();
        match proof {
            Some(proof) => {
                self.attempt = Some((expires, true, reply));
                Some(self.request(expires, Some(&proof)))
            }
            None => {
                // Nobody may wait any more.
                let _ = reply.send(Registered {
                    response: Some(response),
                });
                None
            }
        }
    }

    pub(super) fn failed(&mut self) {
        if let Some((_, _, reply)) = self.attempt.take() {
            // Nobody may wait any more.
            let _ = reply.send(Registered { response: None });
        }
    }

    fn request_uri(&self) -> String {
        format!("sip:{}", self.account.domain)
    }

    fn request(&mut self, expires: u32, proof: Option<&str>) -> Request {
        self.cseq += 1;
        let address = format!("<{}>", self.account.uri());
        let request = Request::builder(Method::Register, self.request_uri().as_str())
            .header(&MaxForwards::new(70))
            .raw(HeaderName::From, format!("{address};tag={}", self.tag))
            .raw(HeaderName::To, address)
            .raw(HeaderName::CallId, self.call_id.as_str())
            .header(&CSeq::new(self.cseq, Method::Register))
            .raw(HeaderName::Contact, self.contact.as_str())
            .raw(HeaderName::Expires, expires.to_string());
        match proof {
            Some(proof) => request.raw(HeaderName::Authorization, proof).build(),
            None => request.build(),
        }
    }
}
