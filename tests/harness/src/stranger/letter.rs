//! A request written by hand: valid unless told otherwise, whoever it claims to be from.

use std::hash::{BuildHasher, RandomState};
use std::net::SocketAddr;

use wigwag_sansio::{Entropy, Pii};
use wigwag_sip::sdp::{Capabilities, Codec, Direction, LocalAudio, Negotiation, Suite};
use wigwag_sip::wire::header::{Contact, To};
use wigwag_sip::wire::{HeaderName, Method, Request, Response};

/// A request written by hand. Each time it is sent it has a branch and a CSeq of its own.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Its method.
    pub method: Method,
    /// Its Request-URI.
    pub uri: String,
    /// Its From without the tag.
    pub from: String,
    /// Its To.
    pub to: String,
    /// Its Call-ID.
    pub call_id: String,
    /// How many hops are left.
    pub hops: u32,
    more: Vec<(HeaderName, Pii<String>)>,
    body: Option<(String, Vec<u8>)>,
    has_contact: bool,
    entropy: Entropy,
    tag: String,
    cseq: u32,
}

impl Letter {
    /// A request from one address to another.
    #[must_use]
    pub fn new(method: Method, from: &str, to: &str) -> Letter {
        let mut entropy = Entropy::from_number(RandomState::new().hash_one(to));
        Letter {
            method,
            uri: to.to_owned(),
            from: format!("<{from}>"),
            to: format!("<{to}>"),
            call_id: entropy.word(20),
            hops: 70,
            more: Vec::new(),
            body: None,
            has_contact: true,
            tag: entropy.word(10),
            entropy,
            cseq: 0,
        }
    }

    /// With another header.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: impl Into<String>) -> Letter {
        self.more.push((name, Pii::new(value.into())));
        self
    }

    /// Without a header that was added.
    #[must_use]
    pub fn without(mut self, name: &HeaderName) -> Letter {
        self.more.retain(|(added, _)| added != name);
        self
    }

    /// Without the Contact that leads back to the sender.
    #[must_use]
    pub fn without_contact(mut self) -> Letter {
        self.has_contact = false;
        self
    }

    /// With an offer of sound at this address, encrypted if so wished.
    #[must_use]
    pub fn offering(mut self, rtp: SocketAddr, is_encrypted: bool) -> Letter {
        let local = LocalAudio {
            rtp,
            suites: if is_encrypted { Suite::ALL.to_vec() } else { Vec::new() },
            direction: Direction::SendRecv,
        };
        let capabilities = Capabilities::of_codecs([Codec::PCMU]);
        let mut negotiation = Negotiation::new(self.entropy.fork());
        let offer = negotiation.offer(&local, &capabilities).to_bytes().to_vec();
        self.with_body("application/sdp", offer)
    }

    /// With this body.
    #[must_use]
    pub fn with_body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Letter {
        self.body = Some((content_type.to_owned(), body.into()));
        self
    }

    /// Its next requests belong to the dialog that `answer` has made.
    ///
    /// # Panics
    ///
    /// When the answer makes none.
    pub fn enter(&mut self, answer: &Response) {
        self.to = answer.require::<To>().expect("an answer has a To").to_string();
        let contact = answer
            .require::<Contact>()
            .expect("an answer to an INVITE has a Contact");
        let contact = contact.address().expect("a dialog has one place");
        self.uri = contact.uri().to_string();
    }

    /// A word that was never used before.
    pub fn word(&mut self) -> String {
        self.entropy.word(16)
    }

    /// The request as it is sent from `local` over `transport`.
    pub(super) fn write(&mut self, transport: &str, local: SocketAddr, proof: Option<&str>) -> Request {
        self.cseq += 1;
        let via = format!(
            "SIP/2.0/{transport} {local};rport;branch=z9hG4bK{}",
            self.entropy.word(16)
        );
        let mut request = Request::builder(self.method.clone(), &self.uri)
            .raw(HeaderName::Via, via)
            .raw(HeaderName::MaxForwards, self.hops.to_string())
            .raw(HeaderName::From, format!("{};tag={}", self.from, self.tag))
            .raw(HeaderName::To, &self.to)
            .raw(HeaderName::CallId, &self.call_id)
            .raw(HeaderName::CSeq, format!("{} {}", self.cseq, self.method));
        if self.has_contact {
            request = request.raw(HeaderName::Contact, format!("<sip:stranger@{local}>"));
        }
        for (name, value) in &self.more {
            request = request.raw(name.clone(), value.expose());
        }
        if let Some(proof) = proof {
            request = request.raw(HeaderName::Authorization, proof);
        }
        match &self.body {
            Some((content_type, body)) => request.body(content_type, body.clone()).build(),
            None => request.build(),
        }
    }

    /// The ACK to the last INVITE of the dialog.
    pub(super) fn acknowledge(&mut self, transport: &str, local: SocketAddr) -> Request {
        let via = format!(
            "SIP/2.0/{transport} {local};rport;branch=z9hG4bK{}",
            self.entropy.word(16)
        );
        Request::builder(Method::Ack, &self.uri)
            .raw(HeaderName::Via, via)
            .raw(HeaderName::MaxForwards, "70")
            .raw(HeaderName::From, format!("{};tag={}", self.from, self.tag))
            .raw(HeaderName::To, &self.to)
            .raw(HeaderName::CallId, &self.call_id)
            .raw(HeaderName::CSeq, format!("{} ACK", self.cseq))
            .build()
    }
}
