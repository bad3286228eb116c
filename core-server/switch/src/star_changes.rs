//! What star codes change: stored, live, and only then told to the call that asked for it.

use std::sync::Arc;

use tracing::{info, warn};
use wigwag_model::{Actor, Author, ExtensionDraft, ExtensionId, TenantId};
use wigwag_pbx::{
    call::{NotChanged, PinVerdict},
    guard::Standing,
    routing::Change,
};
use wigwag_sansio::{Now, Secret};
use wigwag_store::{ReadWrite, StoreError, TenantTx};

use crate::{calls::Mail, configuration, core::Core, owner::CallNumber};

/// Makes a change that `by` has dialled, and tells its call what came of it.
pub(crate) async fn make(core: Arc<Core>, call: CallNumber, (tenant, by): (TenantId, ExtensionId), change: Change) {
    let result = match store(&core, tenant, by, change).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(NotChanged::Refused),
        Err(error) => {
            warn!(tenant.id = %tenant, extension.id = %by, %error, "a star code could not change anything");
            Err(NotChanged::Failed)
        }
    };
    if result.is_ok() {
        info!(tenant.id = %tenant, extension.id = %by, "a star code has changed something");
    }
    core.calls.send(call, Mail::Changed(result));
}

/// Whether `digits` are the PIN of an extension; too many wrong ones make it wait (A27).
pub(crate) fn check_pin(
    core: &Core,
    tenant: TenantId,
    of: ExtensionId,
    digits: &Secret<String>,
    now: Now,
) -> PinVerdict {
    let mut guard = core.pins.lock();
    if let Standing::Waits(_) = guard.standing(of, now) {
        return PinVerdict::Locked;
    }
    let snapshot = core.snapshots.live(tenant);
    let pin = snapshot.as_ref().and_then(|snapshot| snapshot.handling().pin(of));
    if pin.is_some_and(|pin| pin.expose() == digits.expose()) {
        guard.succeeded(of);
        return PinVerdict::Right;
    }
    if guard.failed(of, now) {
        PinVerdict::Locked
    } else {
        PinVerdict::Wrong
    }
}

async fn store(core: &Arc<Core>, tenant: TenantId, by: ExtensionId, change: Change) -> Result<bool, StoreError> {
    let author = Author {
        actor: Actor::Extension { id: by },
        at: core.clock.now().utc,
    };
    let mut tx = core.snapshots.store().write(tenant, author).await?;
    if !apply(&mut tx, change).await? {
        return Ok(false);
    }
    if let Some(version) = tx.commit().await?.version {
        configuration::changed(core, tenant, version).await?;
    }
    Ok(true)
}

/// Whether there is still something to change.
async fn apply(tx: &mut TenantTx<ReadWrite>, change: Change) -> Result<bool, StoreError> {
    match change {
        Change::Rule { extension, rule, on } => {
            let Some((of, mut rule)) = tx.forwarding_rule(rule).await?.filter(|(of, _)| *of == extension) else {
                return Ok(false);
            };
            debug_assert_eq!(of, extension);
            rule.settings.enabled = on;
            Ok(tx.update_forwarding_rule(rule.id, &rule.settings).await?.is_some())
        }
        Change::DoNotDisturb { extension, on } => {
            let Some(before) = tx.extension(extension).await? else {
                return Ok(false);
            };
            let draft = ExtensionDraft {
                do_not_disturb: on,
                ..ExtensionDraft::from(before)
            };
            Ok(tx.update_extension(extension, &draft).await?.is_some())
        }
        Change::HotDesk { guest, host } => match tx.begin_hot_desk(guest, host, None).await {
            Ok(_) => Ok(true),
            Err(StoreError::Unknown { .. } | StoreError::Conflict { .. }) => Ok(false),
            Err(error) => Err(error),
        },
        Change::HotDeskEnd { guest } => Ok(tx.end_hot_desk(guest).await?.is_some()),
    }
}
