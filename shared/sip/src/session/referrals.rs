//! The referrals of one dialog and the subscriptions that come with them (RFC 3515 §2.4, RFC 6665 §4.2, RFC 7647).
//!
//! | state   | accept                    | tell            | SUBSCRIBE            | expires            |
//! |---------|---------------------------|-----------------|----------------------|--------------------|
//! | asked   | 202, NOTIFY 100 → told    | –               | –                    | –                  |
//! | told    | –                         | NOTIFY          | 200, NOTIFY          | NOTIFY timeout → over |
//! | over    | –                         | –               | 481                  | –                  |
//!
//! A NOTIFY waits for the answer to the one before, and tells then what has come of it meanwhile.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};
use wigwag_sansio::{Now, Tick};

use super::{
    Extra, ReferralId, RequestToken,
    dialog::Dialog,
    draft::{Draft, InFlight},
    manners,
    read::Read,
    referral::wants_silence,
    shared::Shared,
};
use crate::{
    event_body::Sipfrag,
    transaction::ServerKey,
    wire::{
        HeaderName, Method, Request, Response, StatusCode, Token,
        header::{self, Expires, SubscriptionState},
    },
};

/// How many may be open at once.
const MAX_OPEN: usize = 4;
/// How long whoever refers is told without asking again: longer than a phone rings.
const PATIENCE_SECS: u32 = 180;

/// All referrals of a dialog that are not over.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Referrals {
    asked: BTreeMap<ReferralId, Asked>,
    told: BTreeMap<ReferralId, Told>,
    /// The first of the dialog, whose NOTIFYs name no id (RFC 3515 §2.4.6).
    first: Option<ReferralId>,
}

/// A REFER that the owner has not answered.
#[derive(Debug, Serialize, Deserialize)]
struct Asked {
    key: ServerKey,
    request: Request,
}

/// A subscription to what becomes of a referral.
#[derive(Debug, Serialize, Deserialize)]
struct Told {
    event: header::Event,
    status: StatusCode,
    end: Option<End>,
    expires_at: Tick,
    /// Whether something has not been told yet.
    is_behind: bool,
    notify: Option<InFlight>,
}

/// Why nothing more is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum End {
    /// All is told.
    Done,
    /// Nobody wants to know any more.
    Expired,
}

impl Referrals {
    /// Whether nothing more has to be told.
    pub(super) fn are_over(&self) -> bool {
        self.told.is_empty()
    }

    /// Remembers a REFER until the owner answers it; false when there are too many, and it was refused.
    pub(super) fn ask(&mut self, id: ReferralId, key: ServerKey, request: Request, shared: &mut Shared) -> bool {
        if self.asked.len() + self.told.len() >= MAX_OPEN {
            shared.answer_later(key, &request);
            return false;
        }
        self.asked.insert(id, Asked { key, request });
        true
    }

    /// The owner takes it: says 202, and tells at once that it tries (RFC 3515 §2.4.4).
    pub(super) fn accept(&mut self, id: ReferralId, dialog: &mut Dialog, shared: &mut Shared, now: Now) {
        let Some(Asked { key, request }) = self.asked.remove(&id) else {
            return;
        };
        let is_silent = wants_silence(&request);
        let no_subscription = is_silent.then(|| Extra::new(HeaderName::ReferSub, "false"));
        let headers: Vec<Extra> = no_subscription.into_iter().collect();
        manners::respond((key, &request), StatusCode::ACCEPTED, &headers, None, shared);
        if is_silent {
            return;
        }
        let is_first = *self.first.get_or_insert(id) == id;
        let event = header::Event::new(Token::new("refer").expect("a word is a token"));
        let told = Told {
            event: if is_first {
                event
            } else {
                event.with_id(&id.0.to_string())
            },
            status: StatusCode::TRYING,
            end: None,
            expires_at: now.tick + Duration::from_secs(u64::from(PATIENCE_SECS)),
            is_behind: true,
            notify: None,
        };
        self.told.insert(id, told);
        self.catch_up(dialog, shared, now);
    }

    /// The owner refuses it.
    pub(super) fn refuse(&mut self, id: ReferralId, status: StatusCode, shared: &mut Shared) {
        if let Some(Asked { key, request }) = self.asked.remove(&id) {
            let is_refusal = status.is_final() && !status.is_success();
            let status = if is_refusal { status } else { StatusCode::DECLINE };
            shared.answer(key, &request, status);
        }
    }

    /// The owner tells how it goes; a final status is the last word.
    pub(super) fn tell(
        &mut self,
        id: ReferralId,
        status: StatusCode,
        dialog: &mut Dialog,
        shared: &mut Shared,
        now: Now,
    ) {
        if let Some(told) = self.told.get_mut(&id).filter(|told| told.end.is_none()) {
            told.is_behind |= told.status != status;
            told.status = status;
            told.end = status.is_final().then_some(End::Done);
        }
        self.catch_up(dialog, shared, now);
    }

    /// Whoever referred asks again, for longer or for the last time (RFC 6665 §4.2.1); false when it is not about this.
    pub(super) fn subscribe(
        &mut self,
        (key, request): (ServerKey, &Request),
        dialog: &mut Dialog,
        shared: &mut Shared,
        now: Now,
    ) -> bool {
        let Some(event) = request
            .one::<header::Event>()
            .filter(|event| event.package() == "refer")
        else {
            return false;
        };
        let id = match event.id() {
            Some(id) => id.parse().ok().map(ReferralId),
            None => self.first,
        };
        let Some(told) = id.and_then(|id| self.told.get_mut(&id)) else {
            shared.answer(key, request, StatusCode::CALL_DOES_NOT_EXIST);
            return true;
        };
        let seconds = request
            .one()
            .map_or(PATIENCE_SECS, |expires: Expires| expires.seconds());
        let seconds = seconds.min(PATIENCE_SECS);
        told.expires_at = now.tick + Duration::from_secs(u64::from(seconds));
        told.is_behind = true;
        if seconds == 0 {
            told.end = Some(told.end.unwrap_or(End::Expired));
        }
        let expires = Extra::new(HeaderName::Expires, seconds.to_string());
        manners::respond((key, request), StatusCode::OK, &[expires], None, shared);
        self.catch_up(dialog, shared, now);
        true
    }

    /// Takes the answer to a NOTIFY; false when it is to something else.
    pub(super) fn receive(
        &mut self,
        token: RequestToken,
        response: &Response,
        dialog: &mut Dialog,
        shared: &mut Shared,
        now: Now,
    ) -> bool {
        let Some((id, told)) = self.told.iter_mut().find(|(_, told)| told.is_sent(token)) else {
            return false;
        };
        let id = *id;
        let again = |notify: &mut InFlight| notify.answer_challenge(response, dialog, shared);
        if response.status().is_provisional() || told.notify.as_mut().is_some_and(again) {
            return true;
        }
        told.notify = None;
        if !response.status().is_success() {
            self.told.remove(&id);
        }
        self.catch_up(dialog, shared, now);
        true
    }

    /// A NOTIFY finds no answer: nobody listens (RFC 6665 §4.2.2). False when it was something else.
    pub(super) fn fail(&mut self, token: RequestToken) -> bool {
        let before = self.told.len();
        self.told.retain(|_, told| !told.is_sent(token));
        self.told.len() < before
    }

    pub(super) fn deadline(&self) -> Option<Tick> {
        let open = self.told.values().filter(|told| told.end.is_none());
        open.map(|told| told.expires_at).min()
    }

    pub(super) fn handle_timeout(&mut self, dialog: &mut Dialog, shared: &mut Shared, now: Now) {
        for told in self.told.values_mut() {
            if told.end.is_none() && told.expires_at <= now.tick {
                told.end = Some(End::Expired);
                told.is_behind = true;
            }
        }
        self.catch_up(dialog, shared, now);
    }

    /// The call ends: what was asked will not be done.
    pub(super) fn drop_asked(&mut self, shared: &mut Shared) {
        for Asked { key, request } in std::mem::take(&mut self.asked).into_values() {
            shared.answer(key, &request, StatusCode::REQUEST_TERMINATED);
        }
    }

    /// We end the dialog: everybody is told the last word, whether or not the one before was answered.
    pub(super) fn finish(mut self, dialog: &mut Dialog, shared: &mut Shared, now: Now) {
        for told in self.told.values_mut() {
            if told.end.is_none() {
                told.end = Some(End::Expired);
                told.is_behind = true;
            }
            if told.is_behind {
                told.notify = Some(told.send(dialog, shared, now));
            }
        }
    }

    /// Sends what has not been told where nothing is in the way, and forgets those to whom all is told.
    fn catch_up(&mut self, dialog: &mut Dialog, shared: &mut Shared, now: Now) {
        for told in self.told.values_mut() {
            if told.is_behind && told.notify.is_none() {
                told.is_behind = false;
                told.notify = Some(told.send(dialog, shared, now));
            }
        }
        self.told.retain(|_, told| told.end.is_none() || told.notify.is_some());
    }
}

impl Told {
    fn is_sent(&self, token: RequestToken) -> bool {
        self.notify.as_ref().is_some_and(|notify| notify.is(token))
    }

    fn send(&self, dialog: &mut Dialog, shared: &mut Shared, now: Now) -> InFlight {
        let left = self.expires_at.since(now.tick).as_secs();
        let state = match self.end {
            None => SubscriptionState::active(u32::try_from(left).unwrap_or(PATIENCE_SECS)),
            Some(End::Done) => SubscriptionState::terminated("noresource"),
            Some(End::Expired) => SubscriptionState::terminated("timeout"),
        };
        let draft = Draft {
            method: Method::Notify,
            headers: vec![
                Extra::new(HeaderName::Event, self.event.to_string()),
                Extra::new(HeaderName::SubscriptionState, state.to_string()),
            ],
            content: Some(Sipfrag(self.status).content()),
        };
        InFlight::send(draft, dialog, shared)
    }
}
