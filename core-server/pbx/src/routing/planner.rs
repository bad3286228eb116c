//! The walk from an attempt to a plan: one step leads to the next, and each leaves its trace.

use std::cell::OnceCell;

use jiff::civil::DateTime;
use wigwag_model::{Destination, Extension, HangupCause, IntervalId, Party};
use wigwag_sansio::Utc;

use super::{
    attempt::{Attempt, Called, Caller},
    clock,
    course::{Course, Detour},
    destination, feature, incoming, outside,
    plan::{Decision, Plan},
    trace::TraceStep,
};
use crate::{Handling, TenantSnapshot};

/// One walk.
pub(super) struct Planner<'a> {
    pub(super) snapshot: &'a TenantSnapshot,
    pub(super) handling: &'a Handling,
    pub(super) attempt: &'a Attempt,
    pub(super) course: Course,
    at: Utc,
    /// What the company's clock shows, once it has been looked at.
    now: OnceCell<DateTime>,
    callee: Option<Party>,
    trace: Vec<TraceStep>,
}

impl<'a> Planner<'a> {
    pub(super) fn new(snapshot: &'a TenantSnapshot, attempt: &'a Attempt, course: Course, at: Utc) -> Self {
        let handling = snapshot.handling();
        Planner {
            snapshot,
            handling,
            attempt,
            course,
            at,
            now: OnceCell::new(),
            callee: None,
            trace: Vec::with_capacity(8),
        }
    }

    /// From the beginning.
    pub(super) fn begin(mut self) -> Decision {
        self.tell_caller();
        let plan = match &self.attempt.called {
            Called::Dialled(text) => feature::dialled(&mut self, text),
            Called::Number(id) => incoming::number(&mut self, *id),
            Called::Transfer { by, text } => feature::transferred(&mut self, *by, text),
            Called::Destination(destination) => self.go_to(*destination),
        };
        self.decide(plan)
    }

    /// The decision, once the plan is known.
    pub(super) fn decide(mut self, plan: Plan) -> Decision {
        if let Plan::Reject(cause) = plan {
            self.tell(TraceStep::Refused { cause });
        }
        Decision {
            plan,
            callee: self.callee,
            trace: self.trace,
        }
    }

    /// Sends the call to a destination; one where it has been already refuses it.
    pub(super) fn go_to(&mut self, destination: Destination) -> Plan {
        match self.course.enter(destination) {
            Ok(()) => destination::plan(self, destination),
            Err(detour) => {
                self.tell(TraceStep::NoFurther { detour });
                Plan::Reject(HangupCause::NetworkFailure)
            }
        }
    }

    /// Whether the call may go to `destination`; if not, the trace tells why.
    pub(super) fn may_go_to(&mut self, destination: Destination) -> bool {
        let caller = match self.attempt.caller {
            Caller::Extension(id) => Some(Destination::Extension(id)),
            Caller::Outside(_) => None,
        };
        let detour = match self.course.hop() {
            Ok(()) if self.course.visited.contains(&destination) || caller == Some(destination) => Detour::Loop,
            Ok(()) => return true,
            Err(detour) => detour,
        };
        self.tell(TraceStep::NoFurther { detour });
        false
    }

    pub(super) fn tell(&mut self, step: TraceStep) {
        self.trace.push(step);
    }

    /// The call is for this extension, as the caller sees it; the first one stays.
    pub(super) fn calls(&mut self, party: Party) {
        self.callee.get_or_insert(party);
    }

    /// Whether an interval holds now, and its name; one that is gone never does.
    pub(super) fn holds(&self, id: IntervalId) -> (bool, &'a str) {
        let interval = self.handling.interval(id);
        interval.map_or((false, ""), |interval| {
            (
                clock::holds(&interval.settings.when, self.now()),
                &interval.settings.name,
            )
        })
    }

    fn now(&self) -> DateTime {
        *self.now.get_or_init(|| clock::local(self.at, self.handling.clock()))
    }

    pub(super) fn extension(&self, id: wigwag_model::ExtensionId) -> Option<&'a Extension> {
        self.snapshot.extension(id).map(std::sync::Arc::as_ref)
    }

    fn tell_caller(&mut self) {
        let step = match &self.attempt.caller {
            Caller::Extension(id) => self.extension(*id).map(|caller| TraceStep::Caller {
                extension: caller.number.clone(),
                name: caller.name.as_str().into(),
            }),
            Caller::Outside(outsider) => Some(TraceStep::Outsider {
                number: outsider.number.clone(),
            }),
        };
        self.trace.extend(step);
    }

    pub(super) fn into_trace(self) -> Vec<TraceStep> {
        self.trace
    }

    pub(super) fn outside(&mut self) -> outside::Line<'_, 'a> {
        outside::Line(self)
    }
}
