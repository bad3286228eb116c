//! 2xx answers to our INVITE that come too late: of other branches, or after we gave up (RFC 3261 §13.2.2.4, §9.1).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use wigwag_sansio::{Now, Tick};

use super::{
    Extra, RequestToken,
    dialog::{AckOf, Acked, Dialog},
    draft::{Draft, InFlight},
    shared::Shared,
};
use crate::{
    transaction::Timers,
    wire::{Response, StatusCode, Uri, header::Reason},
};

/// How many branches are sent home; what else answers is left to its own timers.
const MAX_BRANCHES: usize = 16;

/// What branches that lose are told (RFC 3326 §2).
const COMPLETED_ELSEWHERE: &str = "Call completed elsewhere";

/// Watches over an INVITE whose further answers nobody wants.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Strays {
    token: RequestToken,
    /// Whom the INVITE reached for, in case an answer does not say where it came from.
    request_uri: Uri,
    /// The INVITE's answer to a challenge.
    auth: Option<Extra>,
    /// Why those who answer are sent home.
    reasons: Vec<Reason>,
    /// The To tag of the branch that is the call.
    winner: Option<SmolStr>,
    dismissed: BTreeMap<SmolStr, Dismissed>,
    watch: Watch,
}

#[derive(Debug, Serialize, Deserialize)]
struct Dismissed {
    dialog: Dialog,
    ack: Acked,
    bye: Option<InFlight>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum Watch {
    /// Until the INVITE is finally answered, or fails.
    Open,
    /// A 2xx came: others may, until then.
    Until(Tick),
    /// Nothing more can come.
    Over,
}

impl Strays {
    /// Every 2xx is one too many.
    pub(super) fn new(token: RequestToken, request_uri: Uri, auth: Option<Extra>) -> Self {
        Strays {
            token,
            request_uri,
            auth,
            reasons: Vec::new(),
            winner: None,
            dismissed: BTreeMap::new(),
            watch: Watch::Open,
        }
    }

    /// Every 2xx but that of the branch `winner` is one too many.
    pub(super) fn after(mut self, winner: SmolStr, now: Now) -> Self {
        self.winner = Some(winner);
        self.reasons = vec![Reason::sip(StatusCode::OK, COMPLETED_ELSEWHERE)];
        self.watch = Watch::Until(now.tick + Timers::RFC_3261.give_up());
        self
    }

    /// The same, because the owner has given up for these reasons.
    pub(super) fn given_up(mut self, reasons: Vec<Reason>) -> Self {
        self.reasons = reasons;
        self
    }

    /// The ACK to the 2xx to the INVITE that has just made `dialog`.
    pub(super) fn ack_of(&self, dialog: &Dialog) -> AckOf {
        AckOf::new(self.token, dialog.local_cseq(), self.auth.clone())
    }

    pub(super) fn is_over(&self) -> bool {
        matches!(self.watch, Watch::Over)
    }

    pub(super) fn deadline(&self) -> Option<Tick> {
        match self.watch {
            Watch::Until(tick) => Some(tick),
            Watch::Open | Watch::Over => None,
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Now) {
        if self.deadline().is_some_and(|tick| tick <= now.tick) {
            self.watch = Watch::Over;
        }
    }

    /// Takes an answer, if it is to the INVITE or to one of the BYEs, and not from the branch that is the call.
    pub(super) fn take(&mut self, token: RequestToken, response: &Response, shared: &mut Shared, now: Now) {
        if token != self.token {
            return self.take_bye(token, response, shared);
        }
        if response.status().is_success() {
            self.dismiss(response, shared, now);
        } else if response.status().is_final() && matches!(self.watch, Watch::Open) {
            self.watch = Watch::Over;
        }
    }

    /// Takes the end of the INVITE's transaction.
    pub(super) fn fail(&mut self, token: RequestToken) {
        if token == self.token && matches!(self.watch, Watch::Open) {
            self.watch = Watch::Over;
        }
    }

    /// Acknowledges a branch and says good-bye to it; once more only the former when it repeats itself.
    fn dismiss(&mut self, response: &Response, shared: &mut Shared, now: Now) {
        let Some(mut dialog) = Dialog::from_response(response, &self.request_uri) else {
            return;
        };
        if self.winner.as_ref() == Some(dialog.remote_tag()) {
            return;
        }
        if let Some(dismissed) = self.dismissed.get(dialog.remote_tag()) {
            return dismissed.ack.send_again(shared);
        }
        if self.dismissed.len() == MAX_BRANCHES {
            return;
        }
        if matches!(self.watch, Watch::Open) {
            self.watch = Watch::Until(now.tick + Timers::RFC_3261.give_up());
        }
        let ack = self.ack_of(&dialog).send(&dialog, None, shared);
        let bye = InFlight::send(Draft::bye(&self.reasons), &mut dialog, shared);
        let tag = dialog.remote_tag().clone();
        let dismissed = Dismissed {
            dialog,
            ack,
            bye: Some(bye),
        };
        self.dismissed.insert(tag, dismissed);
    }

    fn take_bye(&mut self, token: RequestToken, response: &Response, shared: &mut Shared) {
        let found = self
            .dismissed
            .values_mut()
            .find(|dismissed| dismissed.bye.as_ref().is_some_and(|bye| bye.is(token)));
        let Some(Dismissed { dialog, bye, .. }) = found else {
            return;
        };
        let again = bye
            .as_mut()
            .is_some_and(|bye| bye.answer_challenge(response, dialog, shared));
        if response.status().is_final() && !again {
            *bye = None;
        }
    }
}
