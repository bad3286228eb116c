//! The end: every leg is ended, its sound measured, the end recorded, and the last messages are seen off.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wigwag_model::{CallEvent, CallId, HangupCause, LegId, LegRole};
use wigwag_sansio::{Now, Pii, Tick};

use super::{Call, MediaCommand, Output, Phase, Progress, Sound, answering::closing_command};

/// How long the end of a call waits for the figures of its legs.
const MEASURING: Duration = Duration::from_secs(2);

/// All legs have been told to end.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Closing {
    cause: HangupCause,
    pub(super) until: Tick,
    recorded: bool,
    /// The call in which this one goes on.
    into: Option<CallId>,
}

impl Closing {
    fn new(cause: HangupCause, now: Now) -> Self {
        Closing {
            cause,
            until: now.tick + MEASURING,
            recorded: false,
            into: None,
        }
    }

    /// What is left of a call that goes on in another one.
    pub(super) fn merged(into: CallId, now: Now) -> Self {
        Closing {
            into: Some(into),
            ..Closing::new(HangupCause::NormalClearing, now)
        }
    }

    pub(super) fn deadline(&self) -> Option<Tick> {
        (!self.recorded).then_some(self.until)
    }
}

impl Call {
    pub(super) fn journal_start(&mut self, id: LegId, role: LegRole, now: Now) {
        let Some(leg) = self.legs.get(&id) else { return };
        let event = CallEvent::LegStarted {
            leg: id,
            role,
            extension_id: leg.who.extension(),
            device_id: leg.who.device(),
            gateway_id: leg.who.gateway(),
            address: Pii::new(leg.reach.to_string()),
        };
        self.journal(event, now);
    }

    /// Records a leg to the outside that never was, and why, so that people see what did not ring (A61).
    pub(super) fn journal_skipped(&mut self, cause: HangupCause, now: Now) {
        let leg = self.new_leg_id();
        let started = CallEvent::LegStarted {
            leg,
            role: LegRole::Callee,
            extension_id: None,
            device_id: None,
            gateway_id: None,
            address: Pii::new(String::new()),
        };
        self.journal(started, now);
        self.journal(CallEvent::LegEnded { leg, cause }, now);
    }

    /// Ends whatever is left of the call.
    pub(super) fn end(&mut self, cause: HangupCause, now: Now) {
        if matches!(self.phase, Phase::Closing(_) | Phase::Over) {
            return;
        }
        self.close(Closing::new(cause, now), cause, now);
    }

    pub(super) fn close(&mut self, closing: Closing, cause: HangupCause, now: Now) {
        if let Phase::Parked(_) = self.phase {
            self.outputs.push_back(Output::Unpark);
        }
        self.phase = Phase::Closing(closing);
        let live: Vec<LegId> = self
            .legs
            .iter()
            .filter(|(_, leg)| leg.is_live())
            .map(|(id, _)| *id)
            .collect();
        for id in live {
            self.end_leg(id, cause, now);
            self.command(id, closing_command(cause), now);
        }
    }

    /// Records that a leg is over and gives its ports back; its session is told by whoever calls this.
    pub(super) fn end_leg(&mut self, id: LegId, cause: HangupCause, now: Now) {
        let Some(leg) = self.legs.get_mut(&id).filter(|leg| leg.is_live()) else {
            return;
        };
        leg.progress = Progress::Ended;
        let open = matches!(leg.sound, Sound::Open(_));
        if open {
            leg.sound = Sound::Closing;
        }
        self.journal(CallEvent::LegEnded { leg: id, cause }, now);
        if open {
            self.media(MediaCommand::Close { leg: id });
        }
    }

    /// Records the end once all is known, and finishes once the last message has been seen off.
    pub(super) fn settle(&mut self, now: Now) {
        let Phase::Closing(closing) = &mut self.phase else {
            return;
        };
        if !closing.recorded && self.legs.values().all(super::Leg::is_settled) {
            closing.recorded = true;
            let cause = closing.cause;
            let event = closing
                .into
                .map_or(CallEvent::Ended { cause }, |into| CallEvent::Merged { into });
            self.journal(event, now);
        }
        if let Phase::Closing(Closing { recorded: true, .. }) = self.phase
            && self.legs.values().all(|leg| leg.session.is_over())
            && self.away.is_none()
        {
            self.phase = Phase::Over;
            self.outputs.push_back(Output::Finished);
        }
    }

    pub(super) fn give_up_measuring(&mut self, now: Now) {
        for leg in self.legs.values_mut() {
            if leg.sound == Sound::Closing {
                leg.sound = Sound::Measured;
            }
        }
        self.settle(now);
    }
}
