//! All registrar machines, and what is indexed over them; what the lock of the shell guards.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use wigwag_model::{ExtensionId, TenantId};
use wigwag_pbx::{
    Home,
    registrar::{Answer, Binding, BindingKey, Output, Registrar},
};
use wigwag_sansio::{Machine, Tick};
use wigwag_sip::{
    transaction::{FlowId, Link, ServerKey},
    wire::Request,
};

/// The registrars of all extensions that have registrations.
#[derive(Debug, Default)]
pub(super) struct Book {
    extensions: HashMap<ExtensionId, Entry>,
    /// REGISTERs that wait for their answer.
    waiting: HashMap<ServerKey, Request>,
    alarms: BTreeSet<(Tick, ExtensionId)>,
    /// Which extensions have registered over a connection, since it was opened.
    by_connection: HashMap<FlowId, BTreeSet<ExtensionId>>,
    bindings: usize,
}

#[derive(Debug)]
struct Entry {
    tenant_id: TenantId,
    registrar: Registrar,
    alarm: Option<Tick>,
}

/// What a step of a registrar wants done, once the lock is free.
#[derive(Debug)]
pub(super) enum Effect {
    /// Answer this REGISTER.
    Answer(ServerKey, Request, Answer),
    /// Ask a phone for a sign of life.
    Probe(Arc<Binding>),
    /// A phone has registered, or refreshed what was there when it is not `new`.
    Bound { binding: Arc<Binding>, new: bool },
    /// A phone is registered no longer.
    Unbound(BindingKey),
}

impl Book {
    /// One step of one extension's registrar; `request` is the REGISTER that causes it, if one does.
    pub(super) fn step(
        &mut self,
        home: Home,
        request: Option<(ServerKey, &Request)>,
        act: impl FnOnce(&mut Registrar),
    ) -> Vec<Effect> {
        let id = home.extension_id;
        let entry = self.extensions.entry(id).or_insert_with(|| Entry::new(home.tenant_id));
        self.waiting
            .extend(request.map(|(key, request)| (key, request.clone())));
        let bindings = entry.registrar.bindings().len();
        act(&mut entry.registrar);
        let outputs = std::iter::from_fn(|| entry.registrar.poll());
        let effects = outputs.filter_map(|output| effect(&mut self.waiting, output)).collect();
        for binding in entry.registrar.bindings() {
            if let Link::Connection(_) = binding.reach.flow.link {
                self.by_connection.entry(binding.reach.flow).or_default().insert(id);
            }
        }
        self.bindings = self.bindings + entry.registrar.bindings().len() - bindings;
        let alarm = entry.registrar.deadline();
        if entry.alarm != alarm {
            entry.alarm.map(|old| self.alarms.remove(&(old, id)));
            alarm.map(|new| self.alarms.insert((new, id)));
            entry.alarm = alarm;
        }
        if entry.registrar.is_idle() {
            self.extensions.remove(&id);
        }
        effects
    }

    /// When the next registrar wants to be called.
    pub(super) fn alarm(&self) -> Option<Tick> {
        self.alarms.first().map(|(tick, _)| *tick)
    }

    /// An extension whose registrar wants to be called by `tick`.
    pub(super) fn due(&self, tick: Tick) -> Option<Home> {
        let (_, id) = self.alarms.first().filter(|(alarm, _)| *alarm <= tick)?;
        self.home(*id)
    }

    /// Whose extension it is, if it has registrations.
    pub(super) fn home(&self, id: ExtensionId) -> Option<Home> {
        self.extensions.get(&id).map(|entry| Home {
            tenant_id: entry.tenant_id,
            extension_id: id,
        })
    }

    /// The bindings of an extension.
    pub(super) fn bindings(&self, id: ExtensionId) -> &[Arc<Binding>] {
        self.extensions.get(&id).map_or(&[], |entry| entry.registrar.bindings())
    }

    /// The extensions that have registered over a connection that is gone; it is forgotten.
    pub(super) fn take_connection(&mut self, flow: FlowId) -> Vec<Home> {
        let ids = self.by_connection.remove(&flow).unwrap_or_default();
        ids.into_iter().filter_map(|id| self.home(id)).collect()
    }

    /// How many bindings there are in all.
    pub(super) fn len(&self) -> usize {
        self.bindings
    }
}

impl Entry {
    fn new(tenant_id: TenantId) -> Self {
        Entry {
            tenant_id,
            registrar: Registrar::default(),
            alarm: None,
        }
    }
}

fn effect(waiting: &mut HashMap<ServerKey, Request>, output: Output) -> Option<Effect> {
    Some(match output {
        Output::Answer { request: key, answer } => Effect::Answer(key, waiting.remove(&key)?, answer),
        Output::Probe(binding) => Effect::Probe(binding),
        Output::Bound { binding, new } => Effect::Bound { binding, new },
        Output::Unbound(key) => Effect::Unbound(key),
    })
}
