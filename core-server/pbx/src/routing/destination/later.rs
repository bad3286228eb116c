//! Destinations that come with the voice applications: refused, and the trace says so.

use wigwag_model::{Destination, HangupCause};

use crate::routing::{plan::Plan, planner::Planner, trace::TraceStep};

pub(super) fn plan(planner: &mut Planner<'_>, destination: Destination) -> Plan {
    planner.tell(TraceStep::ComesLater {
        kind: destination.kind().into(),
    });
    Plan::Reject(HangupCause::NotAvailable)
}
