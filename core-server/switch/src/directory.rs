//! The platform-wide directory: loaded at the start, patched when somebody changes something.

use std::sync::Arc;

use tracing::{info, warn};
use wigwag_pbx::{Directory, Gateways, Home, NumberHome};
use wigwag_store::{Store, StoreError};

use crate::core::Core;

/// Reads all of it.
pub(crate) async fn load(store: &Store) -> Result<Directory, StoreError> {
    let mut directory = Directory::default();
    let mut left_out = store
        .load_directory(|entry| {
            let home = Home {
                tenant_id: entry.tenant_id,
                extension_id: entry.extension_id,
            };
            directory.insert(entry.sip_username, home);
        })
        .await?;
    left_out += store
        .load_numbers(|entry| {
            let home = NumberHome {
                tenant_id: entry.tenant_id,
                number_id: entry.number_id,
            };
            directory.insert_number(entry.number, home);
        })
        .await?;
    let (extensions, numbers) = (directory.len(), directory.number_count());
    directory.set_gateways(gateways(store).await?);
    let gateways = directory.gateways().len();
    info!(extensions, numbers, gateways, left_out, "the directory is loaded");
    Ok(directory)
}

/// Puts the gateways as they are stored in place of those in use.
pub(crate) async fn reload_gateways(core: &Arc<Core>, store: &Store) -> Result<(), StoreError> {
    // One after the other, so that an older list never replaces a newer one.
    let _turn = core.gateways_turn.lock().await;
    let gateways = gateways(store).await?;
    core.directory.write().set_gateways(gateways);
    core.outside.configure(core);
    Ok(())
}

async fn gateways(store: &Store) -> Result<Gateways, StoreError> {
    let loaded = store.gateways().await?;
    if loaded.left_out > 0 {
        warn!(
            left_out = loaded.left_out,
            "gateways that cannot be read are left out: their secrets cannot be opened, or their rows are broken"
        );
    }
    Ok(Gateways::new(loaded.gateways))
}
