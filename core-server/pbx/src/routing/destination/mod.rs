//! What a call can be sent to; one file each.

pub(super) mod extension;
mod later;
pub(super) mod ring_group;

use wigwag_model::Destination;

use super::{plan::Plan, planner::Planner};

/// What is done with a call that goes to `destination`.
pub(super) fn plan(planner: &mut Planner<'_>, destination: Destination) -> Plan {
    match destination {
        Destination::Extension(id) => extension::plan(planner, id),
        Destination::RingGroup(id) => ring_group::plan(planner, id),
        Destination::Queue(_) | Destination::Menu(_) | Destination::Mailbox(_) | Destination::Announcement(_) => {
            later::plan(planner, destination)
        }
    }
}
