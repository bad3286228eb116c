//! Runs the registrar machines: requests in, answers out, one alarm for all of them.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use parking_lot::Mutex;
use tokio::{
    sync::{Notify, mpsc},
    time::sleep_until,
};
use tracing::{debug, info};
use wigwag_model::{DeviceId, ExtensionId, TenantId};
use wigwag_pbx::{
    call::Phone,
    registrar::{Answer, Binding, BindingKey, Input, Output, Refusal, Registrar, Registration},
};
use wigwag_sansio::{Machine, Now, Tick};
use wigwag_sip::{
    transaction::{FlowId, ServerKey},
    wire::{
        HeaderName, Method, Request, Response, StatusCode,
        header::{CSeq, CallId, Contact, From, MaxForwards, MinExpires, NameAddr, Reason, RetryAfter, Route, To},
    },
};
use wigwag_sip_io::{Destination, Incoming};
use wigwag_store::BindingChange;

use super::keeping::{removed, saved};
use crate::{
    calls::Mail,
    core::Core,
    gate::Identity,
    metrics::add,
    owner::{Owner, ProbeRequest},
    reach::reach,
};

/// The registrars of all extensions that have registrations.
pub(crate) struct Registrations {
    inner: Mutex<Inner>,
    /// An alarm was set that is earlier than all others.
    earlier: Notify,
    changes: mpsc::Sender<BindingChange>,
}

#[derive(Default)]
struct Inner {
    extensions: HashMap<ExtensionId, Registered>,
    alarms: BTreeSet<(Tick, ExtensionId)>,
}

struct Registered {
    tenant_id: TenantId,
    registrar: Registrar,
    alarm: Option<Tick>,
    /// REGISTERs that wait for a probe.
    waiting: HashMap<ServerKey, Request>,
}

impl Registrations {
    /// Registrations whose changes go to `changes`.
    pub(crate) fn new(changes: mpsc::Sender<BindingChange>) -> Self {
        Registrations {
            inner: Mutex::default(),
            earlier: Notify::new(),
            changes,
        }
    }

    /// Answers a REGISTER of a device that has proved who it is, now or after a probe.
    pub(crate) fn register(&self, core: &Arc<Core>, incoming: &Incoming, identity: &Identity, now: Now) {
        let Incoming { key, request, flow } = incoming;
        let is_ours = |uri: &_| core.hosts.is_our_socket(uri);
        match Registration::read(request, identity.device_id, reach(flow), is_ours) {
            Ok(registration) => {
                let (tenant_id, extension_id) = (identity.extension.tenant_id, identity.extension.id);
                let input = Input::Register {
                    request: *key,
                    registration,
                };
                self.turn(core, tenant_id, extension_id, Some((*key, request)), input, now);
            }
            Err(refusal) => core.respond(*key, refused(request, refusal)),
        }
    }

    /// The phones of an extension that are registered now.
    pub(crate) fn phones(&self, core: &Core, extension_id: ExtensionId) -> Vec<Phone> {
        let bindings = self.bindings(extension_id);
        bindings
            .iter()
            .map(|binding| phone(core, extension_id, binding))
            .collect()
    }

    /// The bindings of an extension.
    pub(crate) fn bindings(&self, extension_id: ExtensionId) -> Vec<Binding> {
        let inner = self.inner.lock();
        inner
            .extensions
            .get(&extension_id)
            .map_or_else(Vec::new, |entry| entry.registrar.bindings().to_vec())
    }

    /// How many phones are registered.
    pub(crate) fn len(&self) -> u64 {
        let inner = self.inner.lock();
        let mut count = 0;
        for id in inner.alarms.iter().map(|(_, id)| id) {
            count += inner
                .extensions
                .get(id)
                .map_or(0, |entry| entry.registrar.bindings().len() as u64);
        }
        count
    }

    /// A probe was answered, or certainly was not.
    pub(crate) fn probed(&self, core: &Arc<Core>, probe: &ProbeRequest, alive: bool, now: Now) {
        let tenant_id = self
            .inner
            .lock()
            .extensions
            .get(&probe.extension)
            .map(|entry| entry.tenant_id);
        if let Some(tenant_id) = tenant_id {
            self.turn(
                core,
                tenant_id,
                probe.extension,
                None,
                Input::Probed {
                    key: probe.key.clone(),
                    alive,
                },
                now,
            );
        }
    }

    /// A connection is gone.
    pub(crate) fn flow_closed(&self, core: &Arc<Core>, flow: FlowId, now: Now) {
        let affected: Vec<(TenantId, ExtensionId)> = {
            let inner = self.inner.lock();
            let over = |entry: &Registered| entry.registrar.bindings().iter().any(|known| known.reach.flow == flow);
            let ids: BTreeSet<ExtensionId> = inner.alarms.iter().map(|(_, id)| *id).collect();
            let entries = ids.into_iter().filter_map(|id| Some((id, inner.extensions.get(&id)?)));
            entries
                .filter(|(_, entry)| over(entry))
                .map(|(id, entry)| (entry.tenant_id, id))
                .collect()
        };
        for (tenant_id, extension_id) in affected {
            self.turn(core, tenant_id, extension_id, None, Input::FlowClosed(flow), now);
        }
    }

    /// A device's password was revoked: its bindings end, and so do its connections.
    pub(crate) fn sign_out(
        &self,
        core: &Arc<Core>,
        tenant_id: TenantId,
        extension_id: ExtensionId,
        device_id: DeviceId,
        now: Now,
    ) {
        let bindings = self.bindings(extension_id);
        let flows = bindings
            .iter()
            .filter(|binding| binding.device_id == device_id)
            .map(|binding| binding.reach.flow);
        let flows: Vec<FlowId> = flows.collect();
        self.turn(core, tenant_id, extension_id, None, Input::SignedOut(device_id), now);
        flows.iter().for_each(|flow| core.endpoint.close(flow));
    }

    /// Bindings from before a restart.
    pub(crate) fn restore(
        &self,
        core: &Arc<Core>,
        tenant_id: TenantId,
        extension_id: ExtensionId,
        bindings: Vec<Binding>,
        now: Now,
    ) {
        self.turn(core, tenant_id, extension_id, None, Input::Restored(bindings), now);
    }

    /// Lets bindings expire, for as long as the server runs.
    pub(crate) async fn keep_time(core: Arc<Core>) {
        let registrations = &core.registrations;
        loop {
            let alarm = registrations.inner.lock().alarms.first().copied();
            let instant = alarm.map(|(tick, _)| core.clock.instant(tick));
            tokio::select! {
                () = registrations.earlier.notified() => continue,
                () = async { sleep_until(instant.expect("guarded by the condition")).await }, if instant.is_some() => {}
            }
            registrations.expire(&core, core.clock.now());
        }
    }

    fn expire(&self, core: &Arc<Core>, now: Now) {
        loop {
            let due = {
                let inner = self.inner.lock();
                let first = inner.alarms.first().filter(|(tick, _)| *tick <= now.tick);
                first.and_then(|(_, id)| Some((*id, inner.extensions.get(id)?.tenant_id)))
            };
            let Some((extension_id, tenant_id)) = due else { return };
            self.step(core, tenant_id, extension_id, None, now, |registrar| {
                registrar.handle_timeout(now)
            });
        }
    }

    fn turn(
        &self,
        core: &Arc<Core>,
        tenant_id: TenantId,
        extension_id: ExtensionId,
        request: Option<(ServerKey, &Request)>,
        input: Input,
        now: Now,
    ) {
        self.step(core, tenant_id, extension_id, request, now, |registrar| {
            registrar.handle(input, now)
        });
    }

    /// One step of one registrar under the lock; what it wants done is done after the lock is free.
    fn step(
        &self,
        core: &Arc<Core>,
        tenant_id: TenantId,
        extension_id: ExtensionId,
        request: Option<(ServerKey, &Request)>,
        now: Now,
        act: impl FnOnce(&mut Registrar),
    ) {
        let (outputs, answered) = {
            let inner = &mut *self.inner.lock();
            let entry = inner
                .extensions
                .entry(extension_id)
                .or_insert_with(|| Registered::new(tenant_id));
            if let Some((key, request)) = request {
                entry.waiting.insert(key, request.clone());
            }
            act(&mut entry.registrar);
            let outputs: Vec<Output> = std::iter::from_fn(|| entry.registrar.poll()).collect();
            let answered: Vec<(Request, ServerKey)> =
                outputs.iter().filter_map(|output| entry.answered(output)).collect();
            let earliest = inner.alarms.first().copied();
            let alarm = entry.registrar.deadline();
            if entry.alarm != alarm {
                entry.alarm.map(|old| inner.alarms.remove(&(old, extension_id)));
                alarm.map(|new| inner.alarms.insert((new, extension_id)));
                entry.alarm = alarm;
            }
            if entry.registrar.is_idle() {
                inner.extensions.remove(&extension_id);
            }
            if inner.alarms.first() < earliest.as_ref() || (earliest.is_none() && alarm.is_some()) {
                self.earlier.notify_one();
            }
            (outputs, answered)
        };
        let mut answered = answered.into_iter();
        for output in outputs {
            match output {
                Output::Answer { answer, .. } => {
                    if let Some((request, key)) = answered.next() {
                        core.respond(key, response(core, &request, answer));
                    }
                }
                Output::Probe(binding) => self.probe(core, extension_id, &binding),
                Output::Bound { binding, new } => self.bound(core, tenant_id, extension_id, &binding, new),
                Output::Unbound(key) => self.unbound(tenant_id, extension_id, key, now),
            }
        }
    }

    fn bound(&self, core: &Core, tenant_id: TenantId, extension_id: ExtensionId, binding: &Binding, new: bool) {
        if new {
            info!(extension.id = %extension_id, device.id = %binding.device_id, "a phone has registered");
        }
        if let Some(change) = saved(tenant_id, extension_id, binding) {
            self.keep(change);
        }
        for call in core.calls.of_extension(extension_id) {
            let phone = Box::new(phone(core, extension_id, binding));
            if !core.calls.send(call, Mail::Joined(phone)) {
                add(&core.metrics.mail_dropped);
            }
        }
    }

    fn unbound(&self, tenant_id: TenantId, extension_id: ExtensionId, key: BindingKey, _now: Now) {
        info!(extension.id = %extension_id, "a phone is no longer registered");
        self.keep(removed(tenant_id, extension_id, &key));
    }

    /// When the database is so far behind that the queue is full, a change is left out: the phone's next refresh makes
    /// up for it.
    fn keep(&self, change: BindingChange) {
        if self.changes.try_send(change).is_err() {
            debug!("a change of registrations is not kept over a restart");
        }
    }

    fn probe(&self, core: &Core, extension: ExtensionId, binding: &Binding) {
        let (call_id, tag) = {
            let mut entropy = core.entropy.lock();
            (entropy.word(24), entropy.word(12))
        };
        let us = NameAddr::new(
            wigwag_sip::wire::Uri::parse(&format!("sip:{}", core.config.domain))
                .unwrap_or_else(|_| binding.contact.clone()),
        );
        let mut request = Request::builder(Method::Options, &binding.contact)
            .header(&MaxForwards::new(70))
            .header(&From::new(us.with_tag(&tag)))
            .header(&To::new(binding.contact.clone()))
            .header(&CallId::new(&call_id).expect("letters and digits make a word"))
            .header(&CSeq::new(1, Method::Options))
            .header(&core.contact(&binding.reach));
        for path in &binding.path {
            request = request.header(&Route::new(path.0.clone()));
        }
        let owner = Owner::Probe(ProbeRequest {
            extension,
            key: binding.key.clone(),
        });
        if core
            .endpoint
            .request(owner, &Destination::Flow(binding.reach.flow), &request.build())
            .is_err()
        {
            debug!("a probe was not sent: the binding counts as silent");
        }
    }
}

impl Registered {
    fn new(tenant_id: TenantId) -> Self {
        Registered {
            tenant_id,
            registrar: Registrar::default(),
            alarm: None,
            waiting: HashMap::new(),
        }
    }

    /// The request that an output answers.
    fn answered(&mut self, output: &Output) -> Option<(Request, ServerKey)> {
        match output {
            Output::Answer { request: key, .. } => self.waiting.remove(key).map(|request| (request, *key)),
            Output::Probe(_) | Output::Bound { .. } | Output::Unbound(_) => None,
        }
    }
}

fn phone(core: &Core, extension_id: ExtensionId, binding: &Binding) -> Phone {
    Phone {
        extension_id,
        device_id: binding.device_id,
        contact: binding.contact.clone(),
        reach: binding.reach.clone(),
        path: binding.path.clone(),
        our_contact: core.contact(&binding.reach),
    }
}

fn response(core: &Core, request: &Request, answer: Answer) -> Response {
    match answer {
        Answer::Refused(refusal) => {
            if refusal == Refusal::TooManyDevices {
                add(&core.metrics.registrations_refused);
            }
            refused(request, refusal)
        }
        Answer::Bindings(contacts) => {
            let mut reply = Response::reply_to(request, StatusCode::OK).to_tag("registrar");
            for (uri, left) in contacts {
                let address = NameAddr::new(uri).with_param("expires", &left.as_secs().to_string());
                reply = reply.header(&Contact::new(address));
            }
            for path in request.headers(HeaderName::Path) {
                reply = reply.raw(HeaderName::Path, path);
            }
            reply.raw(HeaderName::Supported, "path").build()
        }
    }
}

fn refused(request: &Request, refusal: Refusal) -> Response {
    let (status, reason) = refusal.status();
    let status = StatusCode::new(status).expect("the table has valid codes");
    let reply = Response::reply_to(request, status)
        .to_tag("registrar")
        .header(&Reason::sip(status, reason));
    match refusal {
        Refusal::IntervalTooBrief => reply.header(&MinExpires::new(60)).build(),
        Refusal::OutOfOrder => reply.header(&RetryAfter::new(1)).build(),
        Refusal::TooManyDevices | Refusal::BadWildcard | Refusal::TooManyContacts | Refusal::BadContact => {
            reply.build()
        }
    }
}
