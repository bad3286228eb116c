//! Provisional answers that the caller confirms by PRACK, one at a time (RFC 3262 §3, §5).
//!
//! | state   | Progress      | PRACK for it           | T1, 2·T1, 4·T1, … | 64·T1         |
//! |---------|---------------|------------------------|-------------------|---------------|
//! | nothing | send → unconfirmed | 481               | –                 | –             |
//! | unconfirmed | wait      | 200 → nothing, or next | send again        | refuse by 504 |
//!
//! Only those who insist on it get them: a phone that merely can, and cannot well, would lose its calls by it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wigwag_sansio::{Now, Tick};

use super::{Extra, Sdp, agreement::Agreement, manners, read::Read, shared::Shared, unacked::Patience};
use crate::{
    transaction::{ServerKey, Timers},
    wire::{
        HeaderName, Method, Request, Response, StatusCode,
        header::{RAck, RSeq},
    },
};

/// The option tag.
pub(super) const RELIABLE: &str = "100rel";
/// The first number is below this, so that none comes near 2³¹ (RFC 3262 §3).
const FIRST_NUMBERS: u32 = 1_000_000;

const TIMERS: Timers = Timers::RFC_3261;

/// The provisional answers to one INVITE.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Reliable {
    last_rseq: u32,
    said: Said,
    unconfirmed: Option<Pending>,
    waiting: Option<Provisional>,
}

/// What an owner wants to tell a caller before the answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Provisional {
    pub(super) status: StatusCode,
    pub(super) sdp: Option<Sdp>,
    pub(super) headers: Vec<Extra>,
}

/// How far offer and answer have come in provisional answers and their PRACKs.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) enum Said {
    /// Nothing has been said but what the INVITE says.
    #[default]
    Nothing,
    /// Our answer to the INVITE's offer is under way.
    Answer(Sdp),
    /// Our offer is under way, because the INVITE made none.
    Offer(Sdp),
    /// All has been said.
    All(Agreement),
}

/// A provisional answer that is sent again until its PRACK comes.
#[derive(Debug, Serialize, Deserialize)]
struct Pending {
    response: Response,
    numbers: Unconfirmed,
    describes: bool,
    pause: Duration,
    resend_at: Tick,
    give_up_at: Tick,
}

/// The provisional answer that a PRACK confirms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Confirmed {
    /// It carried our description.
    Described,
    /// It carried none.
    Bare,
}

/// By what a PRACK names a provisional answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Unconfirmed {
    rseq: u32,
    cseq: u32,
}

impl Reliable {
    /// For a caller who insists.
    pub(super) fn required_by(invite: &Request, shared: &mut Shared) -> Option<Self> {
        invite.requires(RELIABLE).then(|| Reliable {
            last_rseq: shared.entropy.below(FIRST_NUMBERS),
            said: Said::Nothing,
            unconfirmed: None,
            waiting: None,
        })
    }

    /// Whether a description has been given that stands, whatever is answered finally.
    pub(super) fn has_described(&self) -> bool {
        !matches!(self.said, Said::Nothing)
    }

    pub(super) fn said(&mut self) -> &mut Said {
        &mut self.said
    }

    /// Sends a provisional answer, now or when the one before is confirmed; of those that wait, the one that describes
    /// the session is sent, or the last. A second description is left out; without any, an INVITE without offer gets no provisional answer, whose first would have to bring one (RFC 3261 §13.2.1).
    pub(super) fn send(
        &mut self,
        mut provisional: Provisional,
        (key, invite): (ServerKey, &Request),
        shared: &mut Shared,
        now: Now,
    ) {
        let has_offer = invite.sdp().is_some();
        if self.has_described() {
            provisional.sdp = None;
        }
        match &provisional.sdp {
            Some(sdp) if has_offer => self.said = Said::Answer(sdp.clone()),
            Some(sdp) => self.said = Said::Offer(sdp.clone()),
            None if !has_offer && !self.has_described() => return,
            None => {}
        }
        if self.unconfirmed.is_some() {
            let describes = |waiting: &Provisional| waiting.sdp.is_some();
            if !self.waiting.as_ref().is_some_and(describes) {
                self.waiting = Some(provisional);
            }
            return;
        }
        self.send_now(provisional, (key, invite), shared, now);
    }

    fn send_now(
        &mut self,
        provisional: Provisional,
        (key, invite): (ServerKey, &Request),
        shared: &mut Shared,
        now: Now,
    ) {
        self.last_rseq += 1;
        let describes = provisional.sdp.is_some();
        let reply = shared.reply(invite, provisional.status).record_route();
        let reply = manners::with_capabilities(reply, shared);
        let reply = reply
            .raw(HeaderName::Require, RELIABLE)
            .header(&RSeq::new(self.last_rseq));
        let reply = manners::with_extras(reply, &provisional.headers);
        let response = manners::with_sdp(reply, provisional.sdp).build();
        shared.respond(key, response.clone());
        let pause = Duration::from_millis(u64::from(TIMERS.t1_ms));
        self.unconfirmed = Some(Pending {
            response,
            numbers: Unconfirmed {
                rseq: self.last_rseq,
                cseq: invite.cseq_number().unwrap_or_default(),
            },
            describes,
            pause,
            resend_at: now.tick + pause,
            give_up_at: now.tick + TIMERS.give_up(),
        });
    }

    /// Takes a PRACK and says what it confirms, if anything.
    pub(super) fn confirm(&mut self, prack: &Request) -> Option<Confirmed> {
        let is_meant = |pending: &mut Pending| pending.numbers.is_confirmed_by(prack);
        let pending = self.unconfirmed.take_if(is_meant)?;
        Some(if pending.describes {
            Confirmed::Described
        } else {
            Confirmed::Bare
        })
    }

    /// What has waited for a PRACK.
    pub(super) fn release(&mut self, invite: (ServerKey, &Request), shared: &mut Shared, now: Now) {
        if let Some(next) = self.waiting.take() {
            self.send_now(next, invite, shared, now);
        }
    }

    /// Whether a 2xx has to wait: a description is not confirmed (RFC 3262 §3).
    pub(super) fn holds_back(&self) -> bool {
        self.unconfirmed.as_ref().is_some_and(|pending| pending.describes)
    }

    /// The call is answered: what has been said so far, and what a late PRACK is about.
    pub(super) fn finish(self) -> (Said, Option<Unconfirmed>) {
        let said = match self.waiting {
            Some(Provisional { sdp: Some(_), .. }) => Said::Nothing,
            Some(_) | None => self.said,
        };
        (said, self.unconfirmed.map(|pending| pending.numbers))
    }

    pub(super) fn deadline(&self) -> Option<Tick> {
        let pending = self.unconfirmed.as_ref()?;
        Some(pending.resend_at.min(pending.give_up_at))
    }

    pub(super) fn handle_timeout(&mut self, key: ServerKey, shared: &mut Shared, now: Now) -> Patience {
        let Some(pending) = &mut self.unconfirmed else {
            return Patience::Left;
        };
        if pending.give_up_at <= now.tick {
            return Patience::Lost;
        }
        if pending.resend_at <= now.tick {
            shared.respond(key, pending.response.clone());
            pending.pause *= 2;
            pending.resend_at = now.tick + pending.pause;
        }
        Patience::Left
    }
}

impl Unconfirmed {
    /// Whether this PRACK names it.
    pub(super) fn is_confirmed_by(&self, prack: &Request) -> bool {
        let Some(rack) = prack.one::<RAck>() else { return false };
        *rack.cseq().method() == Method::Invite && (rack.rseq(), rack.cseq().number()) == (self.rseq, self.cseq)
    }
}
