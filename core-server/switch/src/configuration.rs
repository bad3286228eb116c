//! A company's stored configuration becomes the live one.

use std::sync::Arc;

use wigwag_model::TenantId;
use wigwag_pbx::Home;
use wigwag_store::StoreError;

use crate::core::Core;

/// Makes the stored configuration of `tenant` the live one, unless that is as new as `version`, and ends the
/// registrations of devices that are gone.
pub(crate) async fn changed(core: &Arc<Core>, tenant: TenantId, version: u64) -> Result<(), StoreError> {
    let before = core.snapshots.live(tenant);
    if before.as_ref().is_some_and(|live| live.version() >= version) {
        return Ok(());
    }
    let after = core.snapshots.reload(tenant).await?;
    core.subscriptions.configured(core, tenant, after.as_deref());
    let Some(before) = before else { return Ok(()) };
    let now = core.clock.now();
    for extension in before.extensions() {
        for credential in before.credentials(extension.id) {
            let device = credential.device_id;
            let kept = after
                .as_ref()
                .is_some_and(|after| after.extension_of(device) == Some(extension.id));
            if !kept {
                let home = Home {
                    tenant_id: tenant,
                    extension_id: extension.id,
                };
                core.registrations.sign_out(core, home, device, now);
            }
        }
    }
    Ok(())
}
