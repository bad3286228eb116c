//! Feels the pulse: how late the exchange's turns come, and how full it is.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep_until;
use tracing::{info, warn};
use wigwag_pbx::guard::{Load, Overload};

use crate::core::Core;

const BEAT: Duration = Duration::from_millis(200);

/// Measures for as long as the server runs, and closes the door to new work while there is too much of it.
pub(crate) async fn feel(core: Arc<Core>) {
    let mut overload = Overload::default();
    loop {
        let due = core.clock.now().tick + BEAT;
        sleep_until(core.clock.instant(due)).await;
        let now = core.clock.now();
        let load = Load {
            delay: now.tick.since(due).max(core.endpoint.behind(now)),
            transactions: core.endpoint.transactions(),
            allowed_transactions: core.endpoint.limits().transactions,
        };
        let is_overloaded = overload.measured(load, now);
        if core.crowd.set_overloaded(is_overloaded) {
            if is_overloaded {
                warn!(
                    turn.delay_ms = load.delay.as_millis(),
                    transactions = load.transactions,
                    "there is too much to do: new calls and registrations are sent away for a while"
                );
            } else {
                info!("new calls and registrations are taken again");
            }
        }
    }
}
