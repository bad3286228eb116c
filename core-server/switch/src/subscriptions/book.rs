//! All subscriptions, and what is indexed over them; what the lock of the shell guards.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use wigwag_model::{DeviceId, ExtensionId, TenantId};
use wigwag_pbx::{Home, registrar::Reach};
use wigwag_sansio::{Machine, Now, Tick};
use wigwag_sip::{
    subscription::{End, Input, Output, Subscription},
    transaction::{Link, ServerKey},
    wire::{Request, Response, Uri},
};

use crate::owner::NotifyRequest;

/// The subscriptions of all phones.
#[derive(Debug, Default)]
pub(super) struct Book {
    entries: HashMap<SmolStr, Entry>,
    by_watched: Index<ExtensionId>,
    by_device: Index<DeviceId>,
    by_tenant: Index<TenantId>,
    alarms: BTreeSet<(Tick, SmolStr)>,
}

type Index<K> = HashMap<K, BTreeSet<SmolStr>>;

/// One subscription; as it stands here, it is kept over a restart.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) subscription: Subscription,
    pub(super) tenant_id: TenantId,
    /// Who subscribed.
    pub(super) device_id: DeviceId,
    /// What is watched.
    pub(super) extension_id: ExtensionId,
    /// What the watcher calls it.
    pub(super) entity: Uri,
    /// The way to the watcher.
    pub(super) reach: Reach,
    /// Its connection is gone: it is told everything when its phone is back.
    #[serde(skip)]
    pub(super) is_adrift: bool,
    #[serde(skip)]
    alarm: Option<Tick>,
}

/// What a step of a subscription wants done, once the lock is free.
#[derive(Debug)]
pub(super) enum Effect {
    Respond(ServerKey, Response),
    Notify(NotifyRequest, Reach, Request),
    /// It has to be kept as it is now.
    Renewed(SmolStr),
    /// It is over.
    Ended(TenantId, SmolStr),
}

impl Entry {
    pub(super) fn new(
        subscription: Subscription,
        watcher: (TenantId, DeviceId, Reach),
        watched: (ExtensionId, Uri),
    ) -> Self {
        let (tenant_id, device_id, reach) = watcher;
        let (extension_id, entity) = watched;
        Entry {
            subscription,
            tenant_id,
            device_id,
            extension_id,
            entity,
            reach,
            is_adrift: false,
            alarm: None,
        }
    }

    /// The extension that is watched.
    pub(super) fn watched(&self) -> Home {
        Home {
            tenant_id: self.tenant_id,
            extension_id: self.extension_id,
        }
    }

    /// Ends it; a watcher that cannot be told is not.
    pub(super) fn end(&mut self, end: End, now: Now) {
        let end = if self.is_adrift { End::Forgotten } else { end };
        self.subscription.handle(Input::End(end), now);
    }

    /// The watcher is reached this way from now on.
    pub(super) fn is_back(&mut self, reach: Reach, now: Now) {
        self.reach = reach;
        if std::mem::take(&mut self.is_adrift) {
            self.subscription.resume(Duration::ZERO, now);
        }
    }

    /// When it has to be looked at: while its watcher is cut off, only to end it.
    fn appointment(&self) -> Option<Tick> {
        if self.is_adrift {
            self.subscription.expires()
        } else {
            self.subscription.deadline()
        }
    }

    /// Whether the way to the watcher ends when its connection does.
    pub(super) fn is_connected(&self) -> bool {
        matches!(self.reach.flow.link, Link::Connection(_))
    }
}

impl Book {
    /// Adds a subscription, and says what its beginning wants done.
    pub(super) fn enter(&mut self, entry: Entry) -> Vec<Effect> {
        let tag = entry.subscription.local_tag().clone();
        add(&mut self.by_watched, entry.extension_id, &tag);
        add(&mut self.by_device, entry.device_id, &tag);
        add(&mut self.by_tenant, entry.tenant_id, &tag);
        self.entries.insert(tag.clone(), entry);
        self.step(&tag, |_| {})
    }

    /// One step of one subscription; nothing when it is over.
    pub(super) fn step(&mut self, tag: &SmolStr, act: impl FnOnce(&mut Entry)) -> Vec<Effect> {
        let Some(entry) = self.entries.get_mut(tag) else {
            return Vec::new();
        };
        act(entry);
        let mut effects = Vec::new();
        let mut is_over = false;
        while let Some(output) = entry.subscription.poll() {
            effects.push(match output {
                Output::Respond { key, response } => Effect::Respond(key, response),
                Output::Notify { token, request, .. } => {
                    let tag = tag.clone();
                    Effect::Notify(NotifyRequest { tag, token }, entry.reach.clone(), request)
                }
                Output::Renewed => Effect::Renewed(tag.clone()),
                Output::Ended(_) => {
                    is_over = true;
                    Effect::Ended(entry.tenant_id, tag.clone())
                }
            });
        }
        let alarm = entry.appointment().filter(|_| !is_over);
        if entry.alarm != alarm {
            entry.alarm.map(|old| self.alarms.remove(&(old, tag.clone())));
            alarm.map(|new| self.alarms.insert((new, tag.clone())));
            entry.alarm = alarm;
        }
        if is_over {
            self.forget(tag);
        }
        effects
    }

    /// The subscription with this tag.
    pub(super) fn get(&self, tag: &str) -> Option<&Entry> {
        self.entries.get(tag)
    }

    /// The subscriptions to an extension.
    pub(super) fn watching(&self, extension: ExtensionId) -> Vec<SmolStr> {
        all(&self.by_watched, &extension)
    }

    /// The subscriptions of a device.
    pub(super) fn of_device(&self, device: DeviceId) -> Vec<SmolStr> {
        all(&self.by_device, &device)
    }

    /// The subscriptions of a company's devices.
    pub(super) fn of_tenant(&self, tenant: TenantId) -> Vec<SmolStr> {
        all(&self.by_tenant, &tenant)
    }

    /// When the next subscription wants to be called.
    pub(super) fn alarm(&self) -> Option<Tick> {
        self.alarms.first().map(|(tick, _)| *tick)
    }

    /// A subscription that wants to be called by `tick`.
    pub(super) fn due(&self, tick: Tick) -> Option<SmolStr> {
        let (_, tag) = self.alarms.first().filter(|(alarm, _)| *alarm <= tick)?;
        Some(tag.clone())
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    fn forget(&mut self, tag: &SmolStr) {
        if let Some(entry) = self.entries.remove(tag) {
            remove(&mut self.by_watched, &entry.extension_id, tag);
            remove(&mut self.by_device, &entry.device_id, tag);
            remove(&mut self.by_tenant, &entry.tenant_id, tag);
        }
    }
}

fn all<K: std::hash::Hash + Eq>(index: &Index<K>, key: &K) -> Vec<SmolStr> {
    index.get(key).into_iter().flatten().cloned().collect()
}

fn add<K: std::hash::Hash + Eq>(index: &mut Index<K>, key: K, tag: &SmolStr) {
    index.entry(key).or_default().insert(tag.clone());
}

fn remove<K: std::hash::Hash + Eq>(index: &mut Index<K>, key: &K, tag: &SmolStr) {
    if let Some(tags) = index.get_mut(key) {
        tags.remove(tag);
        if tags.is_empty() {
            index.remove(key);
        }
    }
}
