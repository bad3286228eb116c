//! What is shown of a running call: its journal, folded.

use wigwag_model::{
    CallEvent, CallId, LegId,
    api::{LiveCall, LiveLeg, LiveLegState},
};
use wigwag_pbx::call::Rings;
use wigwag_sansio::Utc;

/// A running call as it can be shown; nothing before its first event.
#[derive(Debug)]
pub(crate) struct Live {
    id: CallId,
    started_at: Utc,
    view: Option<LiveCall>,
    /// Where it rings, and may be picked up.
    pub(super) rings: Option<Rings>,
}

impl Live {
    pub(crate) fn new(id: CallId, started_at: Utc) -> Self {
        Live {
            id,
            started_at,
            view: None,
            rings: None,
        }
    }

    pub(crate) fn view(&self) -> Option<&LiveCall> {
        self.view.as_ref()
    }

    /// Takes the call's next event, which happened at `at`.
    pub(crate) fn see(&mut self, event: &CallEvent, at: Utc) {
        if let CallEvent::Attempted {
            caller,
            dialled,
            direction,
        } = event
        {
            self.view = Some(LiveCall {
                id: self.id,
                direction: *direction,
                caller: caller.clone().into(),
                dialled: dialled.clone(),
                callee: None,
                started_at: self.started_at.into(),
                answered_at: None,
                legs: Vec::new(),
            });
        }
        let Some(view) = &mut self.view else { return };
        match event {
            CallEvent::Addressed { callee } => view.callee = Some(callee.clone().into()),
            CallEvent::LegStarted {
                leg,
                role,
                extension_id,
                device_id,
                ..
            } => view.legs.push(LiveLeg {
                leg: leg.0,
                role: *role,
                extension_id: *extension_id,
                device_id: *device_id,
                state: LiveLegState::Trying,
            }),
            CallEvent::LegRinging { leg } => set(view, *leg, LiveLegState::Ringing),
            CallEvent::LegAnswered { leg } => {
                set(view, *leg, LiveLegState::Answered);
                view.answered_at.get_or_insert(at.into());
            }
            CallEvent::LegHeld { leg } => set(view, *leg, LiveLegState::Holding),
            CallEvent::LegResumed { leg } => set(view, *leg, LiveLegState::Answered),
            CallEvent::LegEnded { leg, .. } => view.legs.retain(|known| known.leg != leg.0),
            CallEvent::CallerChanged { caller } => view.caller = caller.clone().into(),
            CallEvent::Attempted { .. }
            | CallEvent::LegMeasured { .. }
            | CallEvent::Bridged { .. }
            | CallEvent::Merged { .. }
            | CallEvent::Ended { .. } => {}
        }
    }
}

fn set(view: &mut LiveCall, leg: LegId, state: LiveLegState) {
    if let Some(known) = view.legs.iter_mut().find(|known| known.leg == leg.0) {
        known.state = state;
    }
}
