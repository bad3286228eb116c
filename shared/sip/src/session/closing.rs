//! After the end: what is still owed to the other side (RFC 3261 §15, §13.2.2.4).

use serde::{Deserialize, Serialize};
use wigwag_sansio::{Now, Tick};

use super::{
    Command, Input, RequestToken,
    dialog::{Acked, Dialog},
    draft::{Draft, InFlight},
    machine::State,
    read::Read,
    referrals::Referrals,
    shared::Shared,
    strays::Strays,
    unacked::{Patience, Unacked},
};
use crate::{
    transaction::ServerKey,
    wire::{Method, Request, Response, StatusCode, header::Reason},
};

/// A call that is over for its owner.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Closing {
    farewell: Option<Farewell>,
    renewal: Option<Renewal>,
    strays: Option<Strays>,
    /// Sent again when the 2xx that it acknowledges comes again.
    acked: Option<Acked>,
    aftermath: Option<Aftermath>,
}

/// A BYE, waiting to be sent or answered.
#[derive(Debug, Serialize, Deserialize)]
enum Farewell {
    /// Not before our 2xx is acknowledged, or nobody can say any more that it is not (RFC 3261 §15).
    AfterAck {
        dialog: Dialog,
        unacked: Unacked,
        reasons: Vec<Reason>,
    },
    /// It waits for its answer.
    Sent { dialog: Dialog, bye: InFlight },
}

/// Whoever hung up has referred somebody before, and is still told how that goes (RFC 5057 §3).
#[derive(Debug, Serialize, Deserialize)]
struct Aftermath {
    referrals: Referrals,
    dialog: Dialog,
}

/// A re-INVITE of ours that was not answered when the call ended.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Renewal {
    pub(super) request: InFlight,
    pub(super) dialog: Dialog,
}

impl Closing {
    /// A call that we gave up before it was answered.
    pub(super) fn cancelled(strays: Strays) -> State {
        Closing {
            farewell: None,
            renewal: None,
            strays: Some(strays),
            acked: None,
            aftermath: None,
        }
        .state()
    }

    /// An answered call that ends without a BYE of ours.
    pub(super) fn silent(renewal: Option<Renewal>, strays: Option<Strays>, acked: Option<Acked>) -> Self {
        Closing {
            farewell: None,
            renewal,
            strays,
            acked,
            aftermath: None,
        }
    }

    /// The same while referrals go on.
    pub(super) fn with_referrals(mut self, referrals: Referrals, dialog: Dialog) -> Self {
        self.aftermath = Some(Aftermath { referrals, dialog });
        self
    }

    /// The same with a BYE, which waits for the ACK that is still missing.
    pub(super) fn with_bye(
        mut self,
        mut dialog: Dialog,
        unacked: Option<Unacked>,
        reasons: Vec<Reason>,
        shared: &mut Shared,
    ) -> Self {
        self.farewell = Some(match unacked {
            Some(unacked) => Farewell::AfterAck {
                dialog,
                unacked,
                reasons,
            },
            None => Farewell::Sent {
                bye: InFlight::send(Draft::bye(&reasons), &mut dialog, shared),
                dialog,
            },
        });
        self
    }

    /// Closing, as long as something is owed.
    pub(super) fn state(mut self) -> State {
        self.strays = self.strays.filter(|strays| !strays.is_over());
        self.aftermath.take_if(|aftermath| aftermath.referrals.are_over());
        let is_quiet = self.farewell.is_none() && self.renewal.is_none() && self.strays.is_none();
        if is_quiet && self.aftermath.is_none() {
            return State::Over;
        }
        State::Closing(Box::new(self))
    }

    pub(super) fn handle(mut self: Box<Self>, input: Input, shared: &mut Shared, now: Now) -> State {
        match input {
            Input::Request { key, request } => self.take_request(key, &request, shared, now),
            Input::Ack(request) => self.acknowledged(&request, shared),
            Input::Response { token, response } => self.receive(token, &response, shared, now),
            Input::Failed { token, .. } => self.fail(token),
            Input::Command(Command::TellReferral { id, status }) => {
                if let Some(Aftermath { referrals, dialog }) = &mut self.aftermath {
                    referrals.tell(id, status, dialog, shared, now);
                }
            }
            Input::Cancel { .. } | Input::Command(_) => {}
        }
        self.state()
    }

    pub(super) fn handle_timeout(mut self: Box<Self>, shared: &mut Shared, now: Now) -> State {
        if let Some(strays) = &mut self.strays {
            strays.handle_timeout(now);
        }
        if let Some(Aftermath { referrals, dialog }) = &mut self.aftermath {
            referrals.handle_timeout(dialog, shared, now);
        }
        if let Some(Farewell::AfterAck { unacked, .. }) = &mut self.farewell
            && unacked.deadline() <= now.tick
            && unacked.handle_timeout(shared, now) == Patience::Lost
        {
            self.send_bye(shared);
        }
        self.state()
    }

    pub(super) fn deadline(&self) -> Option<Tick> {
        let unacked = match &self.farewell {
            Some(Farewell::AfterAck { unacked, .. }) => Some(unacked.deadline()),
            Some(Farewell::Sent { .. }) | None => None,
        };
        let strays = self.strays.as_ref().and_then(Strays::deadline);
        let aftermath = self.aftermath.as_ref();
        let referrals = aftermath.and_then(|aftermath| aftermath.referrals.deadline());
        unacked.into_iter().chain(strays).chain(referrals).min()
    }

    fn take_request(&mut self, key: ServerKey, request: &Request, shared: &mut Shared, now: Now) {
        if *request.method() == Method::Subscribe
            && let Some(Aftermath { referrals, dialog }) = &mut self.aftermath
            && dialog.is_of(request)
            && referrals.subscribe((key, request), dialog, shared, now)
        {
            return;
        }
        if request.method() != &Method::Bye {
            return shared.answer(key, request, StatusCode::CALL_DOES_NOT_EXIST);
        }
        shared.answer(key, request, StatusCode::OK);
        self.farewell
            .take_if(|farewell| matches!(farewell, Farewell::AfterAck { .. }));
    }

    fn acknowledged(&mut self, ack: &Request, shared: &mut Shared) {
        if let Some(Farewell::AfterAck { dialog, unacked, .. }) = &self.farewell
            && dialog.is_of(ack)
            && ack.cseq_number().is_some_and(|cseq| unacked.is_acked_by(cseq))
        {
            self.send_bye(shared);
        }
    }

    fn send_bye(&mut self, shared: &mut Shared) {
        if let Some(Farewell::AfterAck {
            mut dialog, reasons, ..
        }) = self.farewell.take()
        {
            let bye = InFlight::send(Draft::bye(&reasons), &mut dialog, shared);
            self.farewell = Some(Farewell::Sent { dialog, bye });
        }
    }

    fn receive(&mut self, token: RequestToken, response: &Response, shared: &mut Shared, now: Now) {
        if let Some(Farewell::Sent { dialog, bye }) = &mut self.farewell
            && bye.is(token)
        {
            if response.status().is_final() && !bye.answer_challenge(response, dialog, shared) {
                self.farewell = None;
            }
            return;
        }
        if let Some(renewal) = self.renewal.take_if(|renewal| renewal.request.is(token)) {
            return self.receive_renewal(renewal, response, shared);
        }
        if let Some(acked) = self.acked.as_ref().filter(|acked| acked.acknowledges(token, response)) {
            return acked.send_again(shared);
        }
        if let Some(Aftermath { referrals, dialog }) = &mut self.aftermath
            && referrals.receive(token, response, dialog, shared, now)
        {
            return;
        }
        if let Some(strays) = &mut self.strays {
            strays.take(token, response, shared, now);
        }
    }

    fn receive_renewal(&mut self, renewal: Renewal, response: &Response, shared: &mut Shared) {
        if response.status().is_success() {
            let ack = renewal.request.ack_of();
            self.acked = Some(ack.send(&renewal.dialog, None, shared));
        } else if response.status().is_provisional() {
            self.renewal = Some(renewal);
        }
    }

    fn fail(&mut self, token: RequestToken) {
        if let Some(Farewell::Sent { bye, .. }) = &self.farewell
            && bye.is(token)
        {
            self.farewell = None;
        }
        self.renewal.take_if(|renewal| renewal.request.is(token));
        if let Some(Aftermath { referrals, .. }) = &mut self.aftermath {
            referrals.fail(token);
        }
        if let Some(strays) = &mut self.strays {
            strays.fail(token);
        }
    }
}
