//! An INVITE from a carrier: whose number is it for (S047)?

use std::sync::Arc;

use tracing::{info, warn};
use wigwag_model::Gateway;
use wigwag_pbx::{NumberHome, gateways};
use wigwag_sip::wire::StatusCode;
use wigwag_sip_io::Incoming;

use crate::{
    core::Core,
    invite::{self, FromOutside},
    sink::{plain, put_off},
};

/// Begins a call that a carrier brings, or answers why not.
pub(crate) fn begin(core: &Arc<Core>, incoming: Incoming, gateway: Gateway) {
    let home = {
        let directory = core.directory.read();
        let mut called = gateways::called(&gateway.settings, &incoming.request);
        called.find_map(|number| Some((directory.number(&number)?, number)))
    };
    let Some((home, number)) = home else {
        info!(gateway.id = %gateway.id, "a call came for a number that nobody has");
        core.respond(incoming.key, plain(&incoming.request, StatusCode::NOT_FOUND));
        return;
    };
    let outside = FromOutside {
        caller: gateways::outsider(&gateway.settings, &incoming.request),
        gateway: gateway.id,
        number_id: home.number_id,
        number,
    };
    match core.snapshots.live(home.tenant_id) {
        Some(snapshot) => invite::begin_from_outside(core, &incoming, snapshot, outside, core.clock.now()),
        None => {
            core.runtime.spawn(load(core.clone(), incoming, home, outside));
        }
    }
}

/// Loads the configuration of the company first.
async fn load(core: Arc<Core>, incoming: Incoming, home: NumberHome, outside: FromOutside) {
    match core.snapshots.load(home.tenant_id).await {
        Ok(Some(snapshot)) => invite::begin_from_outside(&core, &incoming, snapshot, outside, core.clock.now()),
        Ok(None) => core.respond(incoming.key, plain(&incoming.request, StatusCode::NOT_FOUND)),
        Err(error) => {
            warn!(%error, tenant.id = %home.tenant_id, "a company's configuration cannot be loaded");
            put_off(&core, &incoming);
        }
    }
}
