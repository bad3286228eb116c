//! A 2xx to INVITE that is repeated until its ACK comes (RFC 3261 §13.3.1.4).

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wigwag_sansio::{Now, Tick};

use super::{Sdp, shared::Shared};
use crate::{
    transaction::{ServerKey, Timers},
    wire::Response,
};

const TIMERS: Timers = Timers::RFC_3261;

/// Our 2xx, and when it is sent again.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Unacked {
    key: ServerKey,
    response: Response,
    cseq: u32,
    /// Which INVITE it answers.
    pub(super) answers: Answers,
    /// What the ACK has to bring.
    pub(super) expects: Expects,
    pause: Duration,
    resend_at: Tick,
    give_up_at: Tick,
}

/// Which INVITE a 2xx answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Answers {
    /// The one that began the call.
    Initial,
    /// A re-INVITE.
    Renewal,
}

/// What an ACK has to bring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Expects {
    /// Nothing: the 2xx completed the exchange.
    Nothing,
    /// The answer to this offer of ours.
    AnswerTo(Sdp),
}

/// How waiting goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Patience {
    /// There is still hope.
    Left,
    /// 64·T1 are over.
    Lost,
}

impl Unacked {
    /// Sends `response` for the first time.
    pub(super) fn send(
        key: ServerKey,
        response: Response,
        (cseq, answers, expects): (u32, Answers, Expects),
        shared: &mut Shared,
        now: Now,
    ) -> Self {
        shared.respond(key, response.clone());
        let pause = Duration::from_millis(u64::from(TIMERS.t1_ms));
        Unacked {
            key,
            response,
            cseq,
            answers,
            expects,
            pause,
            resend_at: now.tick + pause,
            give_up_at: now.tick + TIMERS.give_up(),
        }
    }

    /// Whether an ACK with this CSeq number is the one.
    pub(super) fn is_acked_by(&self, cseq: u32) -> bool {
        self.cseq == cseq
    }

    pub(super) fn deadline(&self) -> Tick {
        self.resend_at.min(self.give_up_at)
    }

    pub(super) fn handle_timeout(&mut self, shared: &mut Shared, now: Now) -> Patience {
        if self.give_up_at <= now.tick {
            return Patience::Lost;
        }
        if self.resend_at <= now.tick {
            shared.respond(self.key, self.response.clone());
            self.pause = (self.pause * 2).min(Duration::from_millis(u64::from(TIMERS.t2_ms)));
            self.resend_at = now.tick + self.pause;
        }
        Patience::Left
    }
}
