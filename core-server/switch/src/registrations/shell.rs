//! Runs the registrar machines: requests in, answers out, one alarm for all of them.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::{
    sync::{Notify, mpsc},
    time::sleep_until,
};
use tracing::{debug, info};
use wigwag_model::{DeviceId, ExtensionId};
use wigwag_pbx::{
    Home,
    call::{Phone, Who},
    registrar::{Answer, Binding, BindingKey, Input, Refusal, Registrar, Registration},
};
use wigwag_sansio::{Machine, Now};
use wigwag_sip::{
    transaction::{FlowId, ServerKey},
    wire::{Request, header::Contact},
};
use wigwag_sip_io::{Destination, Flow, Incoming};
use wigwag_store::BindingChange;

use super::{
    book::{Book, Effect},
    keeping::{removed, saved},
    messages,
};
use crate::{
    calls::Mail,
    core::Core,
    gate::Identity,
    gruu::OnlyDevice,
    metrics::add,
    owner::{Owner, ProbeRequest},
    reach::reach,
};

/// The registrars of all extensions that have registrations.
#[derive(Debug)]
pub(crate) struct Registrations {
    book: Mutex<Book>,
    /// An alarm was set that is earlier than all others.
    earlier: Notify,
    changes: mpsc::Sender<BindingChange>,
}

impl Registrations {
    /// Registrations whose changes go to `changes`.
    pub(crate) fn new(changes: mpsc::Sender<BindingChange>) -> Self {
        Registrations {
            book: Mutex::default(),
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
                let home = Home {
                    tenant_id: identity.extension.tenant_id,
                    extension_id: identity.extension.id,
                };
                let input = Input::Register {
                    request: *key,
                    registration: Box::new(registration),
                };
                self.step(core, home, Some((*key, request)), now, |registrar| {
                    registrar.handle(input, now)
                });
            }
            Err(refusal) => core.respond(*key, messages::refused(request, refusal)),
        }
    }

    /// The phones of an extension that are registered now, or the one of them that is meant; a phone with several
    /// flows by its newest (RFC 5626 §6).
    pub(crate) fn phones(&self, core: &Core, extension_id: ExtensionId, only: Option<&OnlyDevice>) -> Vec<Phone> {
        let book = self.book.lock();
        let bindings = book.bindings(extension_id);
        let is_meant = |binding: &Arc<Binding>| only.is_none_or(|only| only.is(binding, &core.gruus));
        let meant = bindings.iter().filter(|binding| is_meant(binding));
        meant
            .filter(|binding| !bindings.iter().any(|other| other.is_newer_flow_of(binding)))
            .map(|binding| phone(core, extension_id, binding))
            .collect()
    }

    /// The bindings of an extension.
    pub(crate) fn bindings(&self, extension_id: ExtensionId) -> Vec<Arc<Binding>> {
        self.book.lock().bindings(extension_id).to_vec()
    }

    /// The device that a request without proof is from, as it seems: by its name, or by the way it came.
    pub(crate) fn device_of(&self, extension_id: ExtensionId, request: &Request, flow: &Flow) -> Option<DeviceId> {
        let contact = request.typed_all::<Contact>().ok()?.into_iter().next();
        let instance = contact.as_ref().and_then(Contact::instance);
        let book = self.book.lock();
        let mut bindings = book.bindings(extension_id).iter();
        let is_from = |binding: &&Arc<Binding>| {
            binding.reach.flow == flow.id || (instance.is_some() && binding.key.instance() == instance)
        };
        bindings.find(is_from).map(|binding| binding.device_id)
    }

    /// How many phones are registered.
    pub(crate) fn len(&self) -> usize {
        self.book.lock().len()
    }

    /// A probe was answered, or certainly was not.
    pub(crate) fn probed(&self, core: &Arc<Core>, probe: &ProbeRequest, alive: bool, now: Now) {
        let home = self.book.lock().home(probe.extension);
        if let Some(home) = home {
            self.turn(
                core,
                home,
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
        let affected = self.book.lock().take_connection(flow);
        affected
            .into_iter()
            .for_each(|home| self.turn(core, home, Input::FlowClosed(flow), now));
    }

    /// A device's password was revoked: its bindings end, and so do its connections.
    pub(crate) fn sign_out(&self, core: &Arc<Core>, home: Home, device_id: DeviceId, now: Now) {
        let bindings = self.bindings(home.extension_id);
        self.turn(core, home, Input::SignedOut(device_id), now);
        let own = bindings.iter().filter(|binding| binding.device_id == device_id);
        own.for_each(|binding| core.endpoint.close(&binding.reach.flow));
    }

    /// Bindings from before a restart.
    pub(crate) fn restore(&self, core: &Arc<Core>, home: Home, bindings: Vec<Binding>, now: Now) {
        self.turn(core, home, Input::Restored(bindings), now);
    }

    /// Lets bindings expire, for as long as the server runs.
    pub(crate) async fn keep_time(core: Arc<Core>) {
        let registrations = &core.registrations;
        loop {
            let alarm = registrations.book.lock().alarm().map(|tick| core.clock.instant(tick));
            tokio::select! {
                () = registrations.earlier.notified() => continue,
                () = async { sleep_until(alarm.expect("guarded by the condition")).await }, if alarm.is_some() => {}
            }
            let now = core.clock.now();
            while let Some(home) = registrations.due(now) {
                registrations.step(&core, home, None, now, |registrar| registrar.handle_timeout(now));
            }
        }
    }

    fn due(&self, now: Now) -> Option<Home> {
        self.book.lock().due(now.tick)
    }

    fn turn(&self, core: &Arc<Core>, home: Home, input: Input, now: Now) {
        self.step(core, home, None, now, |registrar| registrar.handle(input, now));
    }

    /// One step of one registrar under the lock; what it wants done is done after the lock is free.
    fn step(
        &self,
        core: &Arc<Core>,
        home: Home,
        request: Option<(ServerKey, &Request)>,
        now: Now,
        act: impl FnOnce(&mut Registrar),
    ) {
        let (mut effects, is_earlier, has_other_phones) = {
            let mut book = self.book.lock();
            let (before, phones) = (book.alarm(), book.bindings(home.extension_id).len());
            let effects = book.step(home, request, act);
            (
                effects,
                book.alarm()
                    .is_some_and(|alarm| before.is_none_or(|before| alarm < before)),
                book.bindings(home.extension_id).len() != phones,
            )
        };
        if is_earlier {
            self.earlier.notify_one();
        }
        if has_other_phones {
            core.subscriptions.phones_changed(core, home);
        }
        // A phone hears that it is registered before a call rings it.
        effects.sort_by_key(|effect| !matches!(effect, Effect::Answer(..)));
        for effect in effects {
            match effect {
                Effect::Answer(key, request, answer) => answer_with(core, home, key, &request, answer),
                Effect::Probe(binding) => self.probe(core, home, &binding, now),
                Effect::Bound { binding, new } => self.bound(core, home, &binding, new),
                Effect::Unbound(key) => self.unbound(home, &key),
            }
        }
    }

    fn bound(&self, core: &Core, home: Home, binding: &Binding, new: bool) {
        let extension_id = home.extension_id;
        if new {
            info!(extension.id = %extension_id, device.id = %binding.device_id, "a phone has registered");
            core.subscriptions.found_again(core, binding);
        }
        if let Some(change) = saved(home, binding) {
            self.keep(change);
        }
        for call in core.calls.of_extension(extension_id) {
            if !core
                .calls
                .send(call, Mail::Joined(extension_id, Box::new(binding.clone())))
            {
                add(&core.metrics.mail_dropped);
            }
        }
    }

    fn unbound(&self, home: Home, key: &BindingKey) {
        info!(extension.id = %home.extension_id, "a phone is no longer registered");
        self.keep(removed(home, key));
    }

    /// When the database is so far behind that the queue is full, a change is left out: the phone's next refresh makes
    /// up for it.
    fn keep(&self, change: BindingChange) {
        if self.changes.try_send(change).is_err() {
            debug!("a change of registrations is not kept over a restart");
        }
    }

    /// Asks a phone for a sign of life; one to which nothing can be sent has none.
    fn probe(&self, core: &Arc<Core>, home: Home, binding: &Binding, now: Now) {
        let probe = ProbeRequest {
            extension: home.extension_id,
            key: binding.key.clone(),
        };
        let to = Destination::Flow(binding.reach.flow);
        if core
            .endpoint
            .request(Owner::Probe(probe.clone()), &to, &messages::probe(core, binding))
            .is_err()
        {
            self.probed(core, &probe, false, now);
        }
    }
}

fn answer_with(core: &Core, home: Home, key: ServerKey, request: &Request, answer: Answer) {
    if answer == Answer::Refused(Refusal::TooManyDevices) {
        add(&core.metrics.registrations_refused);
        info!(extension.id = %home.extension_id, "a sixth device was refused: five are connected");
    }
    core.respond(key, messages::response(core, request, answer));
}

/// The phone that has registered so.
pub(crate) fn phone(core: &Core, extension_id: ExtensionId, binding: &Binding) -> Phone {
    Phone {
        who: Who::Device {
            extension_id,
            device_id: binding.device_id,
        },
        contact: binding.contact.clone(),
        reach: binding.reach.clone(),
        path: binding.path.clone(),
        our_contact: core.contact(&binding.reach),
        letter: None,
    }
}
