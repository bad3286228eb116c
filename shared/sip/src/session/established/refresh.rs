//! Keeping the session alive, and ending it when the other side does not (RFC 4028 §7.2, §10).

use wigwag_sansio::Now;

use super::usage::{Established, Step};
use crate::{
    session::{
        Breakdown, Ended, EndedBy,
        draft::{Draft, InFlight},
        shared::Shared,
        timer::Due,
    },
    transaction::Failure,
    wire::{Method, Response, StatusCode, header::Reason},
};

impl Established {
    pub(super) fn refresh_times_out(&mut self, shared: &mut Shared, now: Now) -> Step {
        match self.timer.due(now) {
            Due::Nothing => {}
            Due::Refresh if self.refresh.is_some() => self.timer.postpone(now),
            Due::Refresh if self.peer_allows_update => self.send_update(shared),
            Due::Refresh if self.propose_refresh(shared) => self.timer.refreshing(),
            Due::Refresh => self.timer.postpone(now),
            Due::End => {
                let reasons = vec![Reason::sip(StatusCode::REQUEST_TIMEOUT, "Session timer expired")];
                let ended = Ended::new(EndedBy::Failure(Breakdown::Expired)).with_reasons(reasons.clone());
                return Step::end_with_bye(ended, reasons);
            }
        }
        Step::Stay
    }

    pub(super) fn receive_for_refresh(&mut self, response: &Response, shared: &mut Shared, now: Now) -> Step {
        let status = response.status();
        if status.is_provisional() {
            return Step::Stay;
        }
        let Some(mut refresh) = self.refresh.take() else {
            return Step::Stay;
        };
        if status.is_success() {
            self.dialog.refresh_target(response);
            self.timer.granted(response, now);
            return Step::Stay;
        }
        if refresh.answer_challenge(response, &mut self.dialog, shared) {
            self.refresh = Some(refresh);
            return Step::Stay;
        }
        match status {
            StatusCode::SESSION_INTERVAL_TOO_SMALL if self.timer.raise(response) => self.send_update(shared),
            StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED => {
                self.peer_allows_update = false;
                if !self.propose_refresh(shared) {
                    self.timer.postpone(now);
                }
            }
            _ => self.timer.postpone(now),
        }
        Step::after(status)
    }

    pub(super) fn fail_refresh(&mut self, failure: Failure, now: Now) -> Step {
        self.timer.postpone(now);
        Step::after_failure(failure)
    }

    fn send_update(&mut self, shared: &mut Shared) {
        let draft = Draft {
            method: Method::Update,
            headers: self.timer.request_headers(),
            content: None,
        };
        self.refresh = Some(InFlight::send(draft, &mut self.dialog, shared));
        self.timer.refreshing();
    }
}
