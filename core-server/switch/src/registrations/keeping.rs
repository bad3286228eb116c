//! Registrations over UDP outlive a restart of the server.

use std::{collections::BTreeMap, sync::Arc};

use tracing::warn;
use wigwag_model::{ExtensionId, TenantId};
use wigwag_pbx::{
    Home,
    registrar::{Binding, BindingKey, Reach},
};
use wigwag_sansio::Now;
use wigwag_sip::{
    transaction::Link,
    wire::{
        Header, Uri,
        header::{CallId, Path},
    },
};
use wigwag_store::{BindingChange, Store, StoreError, StoredBinding};

use crate::core::Core;

/// What to write of a binding; nothing when it ends with its connection.
pub(super) fn saved(home: Home, binding: &Binding) -> Option<BindingChange> {
    if let Link::Connection(_) = binding.reach.flow.link {
        return None;
    }
    Some(BindingChange::Save(Box::new(StoredBinding {
        tenant_id: home.tenant_id,
        extension_id: home.extension_id,
        device_id: binding.device_id,
        key: binding.key.as_str().to_owned(),
        contact_uri: binding.contact.to_string(),
        flow: serde_json::to_string(&binding.reach).expect("addresses and numbers are always JSON"),
        instance: None,
        user_agent: binding.user_agent.as_ref().map(ToString::to_string),
        path: binding.path.iter().map(ToString::to_string).collect(),
        registered_at: binding.registered_at,
        expires_at: binding.expires_at,
        call_id: binding.call_id.to_string(),
        cseq: binding.cseq,
    })))
}

pub(super) fn removed(home: Home, key: &BindingKey) -> BindingChange {
    BindingChange::Remove {
        tenant_id: home.tenant_id,
        extension_id: home.extension_id,
        key: key.as_str().to_owned(),
    }
}

/// Brings back the registrations from before a restart.
pub(crate) async fn restore(core: &Arc<Core>, store: &Store) -> Result<(), StoreError> {
    let now = core.clock.now();
    let mut found: BTreeMap<(TenantId, ExtensionId), Vec<Binding>> = BTreeMap::new();
    store
        .load_bindings(now.utc, |stored| {
            let key = (stored.tenant_id, stored.extension_id);
            match read(stored, now) {
                Some(binding) => found.entry(key).or_default().push(binding),
                None => warn!(extension.id = %key.1, "a stored registration cannot be read and is left out"),
            }
        })
        .await?;
    for ((tenant_id, extension_id), bindings) in found {
        let home = Home {
            tenant_id,
            extension_id,
        };
        core.registrations.restore(core, home, bindings, now);
    }
    Ok(())
}

fn read(stored: StoredBinding, now: Now) -> Option<Binding> {
    Some(Binding {
        key: BindingKey::from_text(&stored.key),
        device_id: stored.device_id,
        contact: Uri::parse(&stored.contact_uri).ok()?,
        reach: serde_json::from_str::<Reach>(&stored.flow).ok()?,
        path: stored
            .path
            .iter()
            .map(|path| Path::parse(path.as_bytes()).ok())
            .collect::<Option<_>>()?,
        user_agent: stored.user_agent.map(Into::into),
        call_id: CallId::new(&stored.call_id).ok()?,
        cseq: stored.cseq,
        registered_at: stored.registered_at,
        expires: now.tick + stored.expires_at.since(now.utc),
        expires_at: stored.expires_at,
    })
}
