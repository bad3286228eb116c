//! What a carrier has seen of the calls to it, for those who want to know what an exchange really sends.

use std::collections::VecDeque;

use serde::Serialize;
use tokio::sync::watch;
use wigwag_sip::{
    session::EndedBy,
    wire::{
        HeaderName, Request,
        header::{CSeq, CallId},
    },
};

use crate::number::digits;

/// How many calls are remembered; the oldest is forgotten for the next.
const MOST: usize = 1000;
/// How many values of one header are kept of a call.
const MOST_VALUES: usize = 16;

/// One call to the carrier, its headers as they were spelled.
///
/// Names and numbers stand here in clear: they are those of made-up people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SeenCall {
    /// The user part of the Request-URI, as it was spelled.
    pub called: String,
    /// The same, digits only.
    pub number: String,
    /// The account that it proved to have, where that was demanded.
    pub account: Option<String>,
    /// Where it came from: address and port.
    pub source: String,
    /// The Call-ID.
    pub call_id: String,
    /// From.
    pub from: String,
    /// To.
    pub to: String,
    /// P-Asserted-Identity, one string for each line.
    pub p_asserted_identity: Vec<String>,
    /// Remote-Party-ID.
    pub remote_party_id: Vec<String>,
    /// Privacy.
    pub privacy: Option<String>,
    /// Diversion.
    pub diversion: Vec<String>,
    /// History-Info.
    pub history_info: Vec<String>,
    /// The keys that the exchange has pressed (RFC 4733, or INFO).
    pub keys: String,
    /// Whether the exchange holds the call.
    pub is_held: bool,
    /// What has become of it so far.
    pub outcome: Outcome,
    #[serde(skip)]
    cseq: u32,
    /// Of the log, when this was last changed.
    #[serde(skip)]
    revision: u64,
}

/// What has become of a call to the carrier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Nothing was answered, and nothing will be.
    Silent,
    /// It is not answered yet.
    Waiting,
    /// It is answered.
    Talking,
    /// It was refused with this status.
    Refused(u16),
    /// The exchange gave up before there was an answer.
    GivenUp,
    /// It was answered, and is over.
    Ended(EndedBy),
}

/// The calls that were seen.
#[derive(Clone, Debug)]
pub(crate) struct SeenLog(watch::Sender<Book>);

#[derive(Debug, Default)]
struct Book {
    calls: VecDeque<SeenCall>,
    /// Rises with every change.
    revision: u64,
}

/// Calls as they are seen, and as they change.
#[derive(Debug)]
pub struct Sightings {
    book: watch::Receiver<Book>,
    told: u64,
    news: VecDeque<SeenCall>,
}

/// Which call of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SeenKey {
    call_id: String,
    cseq: u32,
}

impl SeenCall {
    /// A call with this INVITE, which has a valid Call-ID and CSeq.
    pub(crate) fn of(invite: &Request, account: Option<String>, source: String) -> SeenCall {
        let all = |name: HeaderName| -> Vec<String> {
            let values = invite.headers(name).take(MOST_VALUES);
            values
                .map(|value| String::from_utf8_lossy(value).into_owned())
                .collect()
        };
        let one = |name| all(name).into_iter().next();
        let called = called(invite);
        let SeenKey { call_id, cseq } = SeenKey::of(invite);
        SeenCall {
            number: digits(&called),
            called,
            account,
            source,
            call_id,
            from: one(HeaderName::From).unwrap_or_default(),
            to: one(HeaderName::To).unwrap_or_default(),
            p_asserted_identity: all(HeaderName::PAssertedIdentity),
            remote_party_id: all(HeaderName::RemotePartyId),
            privacy: one(HeaderName::Privacy),
            diversion: all(HeaderName::Diversion),
            history_info: all(HeaderName::HistoryInfo),
            keys: String::new(),
            is_held: false,
            outcome: Outcome::Waiting,
            cseq,
            revision: 0,
        }
    }
}

/// Whom a request is for: the user part of its URI.
pub(crate) fn called(request: &Request) -> String {
    let user = request.uri().ok().and_then(|uri| uri.user());
    user.map(|user| user.to_string()).unwrap_or_default()
}

impl SeenKey {
    pub(crate) fn of(invite: &Request) -> SeenKey {
        let call_id = invite.typed::<CallId>().ok().flatten();
        let cseq = invite.typed::<CSeq>().ok().flatten();
        SeenKey {
            call_id: call_id.map(|id| id.as_str().to_owned()).unwrap_or_default(),
            cseq: cseq.map(|cseq| cseq.number()).unwrap_or_default(),
        }
    }
}

impl SeenLog {
    pub(crate) fn new() -> SeenLog {
        SeenLog(watch::Sender::new(Book::default()))
    }

    /// Takes note of a call, unless it is there already: an INVITE that is not answered comes again.
    pub(crate) fn note(&self, mut call: SeenCall) {
        self.0.send_if_modified(|book| {
            let key = (&call.call_id, call.cseq);
            if book.calls.iter().rev().any(|known| (&known.call_id, known.cseq) == key) {
                return false;
            }
            if book.calls.len() == MOST {
                book.calls.pop_front();
            }
            book.revision += 1;
            call.revision = book.revision;
            book.calls.push_back(call);
            true
        });
    }

    /// Changes what is known of a call, if it is remembered.
    pub(crate) fn change(&self, key: &SeenKey, change: impl FnOnce(&mut SeenCall)) {
        self.0.send_if_modified(|book| {
            let mut calls = book.calls.iter_mut().rev();
            let Some(call) = calls.find(|call| (&call.call_id, call.cseq) == (&key.call_id, key.cseq)) else {
                return false;
            };
            let before = call.clone();
            change(call);
            if *call == before {
                return false;
            }
            book.revision += 1;
            call.revision = book.revision;
            true
        });
    }

    pub(crate) fn all(&self) -> Vec<SeenCall> {
        self.0.borrow().calls.iter().cloned().collect()
    }

    /// All that is remembered, and then all that changes.
    pub(crate) fn sightings(&self) -> Sightings {
        let mut book = self.0.subscribe();
        book.mark_changed();
        Sightings {
            book,
            told: 0,
            news: VecDeque::new(),
        }
    }
}

impl Sightings {
    /// The next call that is seen, or has changed since it was told; of several changes the last is told. `None` once
    /// the carrier has ended.
    pub async fn next(&mut self) -> Option<SeenCall> {
        loop {
            if let Some(call) = self.news.pop_front() {
                return Some(call);
            }
            self.book.changed().await.ok()?;
            let book = self.book.borrow_and_update();
            let news = book.calls.iter().filter(|call| call.revision > self.told);
            self.news = news.cloned().collect();
            self.told = book.revision;
        }
    }
}

#[cfg(test)]
mod tests {
    use wigwag_sip::wire::Method;

    use super::*;

    fn invite(call_id: &str) -> Request {
        Request::builder(Method::Invite, "sip:+44-1632-960100@carrier.example")
            .raw(HeaderName::From, "\"Ann\" <sip:+441632960001@x>;tag=1")
            .raw(HeaderName::To, "<sip:+441632960100@carrier.example>")
            .raw(HeaderName::CallId, call_id)
            .raw(HeaderName::CSeq, "7 INVITE")
            .raw(HeaderName::PAssertedIdentity, "<sip:+441632960002@x>")
            .raw(HeaderName::PAssertedIdentity, "<tel:+441632960002>")
            .raw(HeaderName::Privacy, "id")
            .build()
    }

    #[test]
    fn headers_are_told_as_they_were_spelled() {
        let call = SeenCall::of(&invite("a"), None, "127.0.0.1:5060".to_owned());
        assert_eq!(
            (call.called.as_str(), call.number.as_str()),
            ("+44-1632-960100", "441632960100")
        );
        assert_eq!(call.p_asserted_identity.len(), 2);
        assert_eq!(call.privacy.as_deref(), Some("id"));
        assert_eq!(call.from, "\"Ann\" <sip:+441632960001@x>;tag=1");
    }

    #[test]
    fn an_invite_that_comes_again_is_one_call_and_the_oldest_is_forgotten() {
        let log = SeenLog::new();
        for n in 0..=MOST {
            let invite = invite(&n.to_string());
            for _ in 0..2 {
                log.note(SeenCall::of(&invite, None, String::new()));
            }
        }
        assert_eq!(log.all().len(), MOST);
        assert_eq!(log.all()[0].call_id, "1");
        log.change(&SeenKey::of(&invite("5")), |call| call.outcome = Outcome::Talking);
        log.change(&SeenKey::of(&invite("0")), |_| panic!("it is forgotten"));
        assert_eq!(log.all()[4].outcome, Outcome::Talking);
    }
}
