//! A switch that carries no calls: it tells what it was given and remembers what it was told.

use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use wigwag_model::{
    CallId, DeviceId, ExtensionId, TenantId,
    api::{Binding, CallTrace, LiveCall},
};

use crate::{DirectoryChange, Reply, SwitchPort, SwitchUnavailable};

/// What the switch was told, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    ConfigurationChanged(TenantId, u64),
    DirectoryChanged(DirectoryChange),
    DeviceSignedOut(TenantId, DeviceId),
}

/// The switch.
#[derive(Default)]
pub(crate) struct RememberingSwitch {
    pub(crate) live_calls: Mutex<Vec<(TenantId, LiveCall)>>,
    pub(crate) bindings: Mutex<Vec<(ExtensionId, Binding)>>,
    pub(crate) traces: Mutex<Vec<(CallId, CallTrace)>>,
    told: Mutex<Vec<Told>>,
    away: AtomicBool,
}

impl RememberingSwitch {
    /// What it was told since it was last asked.
    pub(crate) fn told(&self) -> Vec<Told> {
        std::mem::take(&mut self.told.lock())
    }

    /// Lets it answer nothing any more.
    pub(crate) fn go_away(&self) {
        self.away.store(true, Ordering::Relaxed);
    }

    fn answer<T: Send + 'static>(&self, answer: T) -> Reply<'_, T> {
        let away = self.away.load(Ordering::Relaxed);
        Box::pin(async move { if away { Err(SwitchUnavailable) } else { Ok(answer) } })
    }

    fn remember(&self, told: Told) -> Reply<'_, ()> {
        self.told.lock().push(told);
        self.answer(())
    }
}

impl SwitchPort for RememberingSwitch {
    fn configuration_changed(&self, tenant: TenantId, version: u64) -> Reply<'_, ()> {
        self.remember(Told::ConfigurationChanged(tenant, version))
    }

    fn directory_changed(&self, change: DirectoryChange) -> Reply<'_, ()> {
        self.remember(Told::DirectoryChanged(change))
    }

    fn live_calls(&self, tenant: TenantId) -> Reply<'_, Vec<LiveCall>> {
        let calls = self.live_calls.lock();
        let own = calls.iter().filter(|(owner, _)| *owner == tenant);
        self.answer(own.map(|(_, call)| call.clone()).collect())
    }

    fn bindings(&self, _tenant: TenantId, extension: ExtensionId) -> Reply<'_, Vec<Binding>> {
        let bindings = self.bindings.lock();
        let own = bindings.iter().filter(|(owner, _)| *owner == extension);
        self.answer(own.map(|(_, binding)| binding.clone()).collect())
    }

    fn sign_out_device(&self, tenant: TenantId, device: DeviceId) -> Reply<'_, ()> {
        self.remember(Told::DeviceSignedOut(tenant, device))
    }

    /// Careless on purpose: whose call it is, the API has to know by itself.
    fn trace(&self, _tenant: TenantId, call: CallId) -> Reply<'_, Option<CallTrace>> {
        let traces = self.traces.lock();
        let trace = traces.iter().find(|(id, _)| *id == call);
        self.answer(trace.map(|(_, trace)| trace.clone()))
    }

    fn ready(&self) -> Reply<'_, bool> {
        self.answer(true)
    }

    fn metrics(&self) -> Reply<'_, String> {
        self.answer("wigwag_calls_running 0\n".to_owned())
    }
}
