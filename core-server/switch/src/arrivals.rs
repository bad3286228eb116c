//! Requests that arrive before what they need has been loaded: they wait for it, and it is loaded once for all of them.

use std::{collections::HashMap, sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::time::timeout;
use tracing::warn;
use wigwag_model::TenantId;
use wigwag_pbx::Home;
use wigwag_sip_io::Incoming;

use crate::{core::Core, sink};

/// How long a call for help waits for the configuration of its company.
const PATIENCE: Duration = Duration::from_secs(2);

/// Requests of companies whose configuration is being loaded; each has its transaction, of which there are not too many.
#[derive(Default)]
pub(crate) struct Arrivals(Mutex<HashMap<TenantId, Vec<(Home, Incoming)>>>);

impl Arrivals {
    /// Lets a request wait for the configuration of its company.
    pub(crate) fn wait(core: &Arc<Core>, home: Home, incoming: Incoming) {
        if sink::is_emergency(&incoming.request) {
            core.runtime.spawn(hurry(core.clone(), home, incoming));
            return;
        }
        let mut waiting = core.arrivals.0.lock();
        let with_it = waiting.entry(home.tenant_id).or_default();
        with_it.push((home, incoming));
        if with_it.len() == 1 {
            tokio::spawn(load(core.clone(), home.tenant_id));
        }
    }

    fn take(&self, tenant: TenantId) -> Vec<(Home, Incoming)> {
        self.0.lock().remove(&tenant).unwrap_or_default()
    }
}

/// Lets a call for help wait only so long.
async fn hurry(core: Arc<Core>, home: Home, incoming: Incoming) {
    let loaded = timeout(PATIENCE, core.snapshots.load(home.tenant_id)).await;
    let snapshot = loaded.ok().and_then(Result::ok).flatten();
    sink::proceed(&core, &incoming, snapshot.map(|snapshot| (home, snapshot)));
}

/// Loads a company's configuration, and goes on with all that waited for it.
async fn load(core: Arc<Core>, tenant: TenantId) {
    let loaded = core.snapshots.load(tenant).await;
    let arrivals = core.arrivals.take(tenant);
    match loaded {
        Ok(snapshot) => {
            for (home, incoming) in arrivals {
                sink::proceed(&core, &incoming, snapshot.clone().map(|snapshot| (home, snapshot)));
            }
        }
        Err(error) => {
            warn!(%error, tenant.id = %tenant, "a company's configuration cannot be loaded");
            for (_, incoming) in arrivals {
                sink::put_off(&core, &incoming);
            }
        }
    }
}
