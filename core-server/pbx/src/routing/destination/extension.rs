//! A phone extension: all its devices ring at once for the extension's ring timeout (S079, S084).

use std::time::Duration;

use wigwag_model::Extension;

use crate::routing::plan::{Plan, Ring, Target};

pub(in crate::routing) fn plan(extension: &Extension) -> Plan {
    Plan::Ring(Ring {
        targets: vec![Target::Extension(extension.id)],
        timeout: Duration::from_secs(u64::from(extension.ring_timeout_s)),
    })
}
