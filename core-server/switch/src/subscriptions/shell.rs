//! Runs the subscriptions: SUBSCRIBEs and facts in, NOTIFYs out, one task for all of them.

use std::sync::Arc;

use parking_lot::Mutex;
use smol_str::SmolStr;
use tokio::{
    sync::{Notify, mpsc},
    time::sleep_until,
};
use tracing::debug;
use wigwag_model::{CallEvent, CallId, DeviceId, Extension, TenantId};
use wigwag_pbx::{Home, TenantSnapshot, presence, registrar::Binding};
use wigwag_sansio::{Machine, Now};
use wigwag_sip::{
    event_body::Body,
    subscription::{Asked, End, Input, Subscription, Terms},
    transaction::Failure,
    wire::{Request, Response, Scheme, SipUri, StatusCode, Uri},
};
use wigwag_sip_io::{Destination, Incoming};
use wigwag_store::SubscriptionChange;

use super::{
    book::{Book, Effect, Entry},
    document::{self, Watched},
    keeping::{removed, saved},
    lamps::Lamps,
};
use crate::{
    core::Core,
    crowd::TooMuch,
    gate::Identity,
    metrics::add,
    owner::{NotifyRequest, Owner},
    reach::reach,
    sink::{later, plain, to_tag},
};

/// Subscriptions of one device: a desk phone with three extension modules has 200 lamps. Beyond this the oldest ends, as
/// it is most likely one that the phone has forgotten in a restart.
const MAX_OF_DEVICE: usize = 256;
/// Subscriptions of all phones together.
const MAX_IN_ALL: usize = 1_000_000;
/// How long somebody is sent away when there are too many, in seconds.
const FULL_SECS: u32 = 600;

/// Who watches what, and what there is to see.
#[derive(Debug)]
pub(crate) struct Subscriptions {
    /// Taken before `lamps` where both are.
    book: Mutex<Book>,
    lamps: Mutex<Lamps>,
    /// There is news, or an alarm that is earlier than all others.
    stir: Notify,
    changes: mpsc::Sender<SubscriptionChange>,
}

impl Subscriptions {
    /// Subscriptions whose changes go to `changes`.
    pub(crate) fn new(changes: mpsc::Sender<SubscriptionChange>) -> Self {
        Subscriptions {
            book: Mutex::default(),
            lamps: Mutex::default(),
            stir: Notify::new(),
            changes,
        }
    }

    /// Answers a SUBSCRIBE of a device that has proved who it is, outside of any dialog.
    pub(crate) fn subscribe(&self, core: &Core, incoming: &Incoming, identity: &Identity, now: Now) {
        match self.begin(core, incoming, identity, now) {
            Ok(effects) => self.carry_out(core, effects),
            Err(refusal) => core.respond(incoming.key, refusal),
        }
    }

    /// Whether a SUBSCRIBE with this To tag belongs to a subscription.
    pub(crate) fn knows(&self, tag: &str) -> bool {
        self.book.lock().get(tag).is_some()
    }

    /// Answers a SUBSCRIBE within a subscription.
    pub(crate) fn renew(&self, core: &Core, incoming: Incoming, tag: &str, now: Now) {
        let Incoming { key, request, flow } = incoming;
        let device = self.book.lock().get(tag).map(|entry| entry.device_id);
        let Some(device) = device else {
            return core.respond(key, plain(&request, StatusCode::CALL_DOES_NOT_EXIST));
        };
        if let Err(too_much) = core.crowd.device(device, now) {
            add(&core.metrics.devices_refused);
            let secs = match too_much {
                TooMuch::Later { secs } => secs,
                TooMuch::Silence => FULL_SECS,
            };
            return core.respond(key, later(&request, secs));
        }
        let reach = reach(&flow);
        self.step(core, &tag.into(), |entry| {
            entry.is_back(reach, now);
            entry.subscription.handle(Input::Request { key, request }, now);
        });
    }

    /// An answer to a NOTIFY.
    pub(crate) fn answered(&self, core: &Core, notify: &NotifyRequest, response: Response) {
        let now = core.clock.now();
        let token = notify.token;
        self.step(core, &notify.tag, |entry| {
            entry.subscription.handle(Input::Response { token, response }, now);
        });
    }

    /// A NOTIFY was not answered, or not even sent; who is cut off may come back.
    pub(crate) fn lost(&self, core: &Core, notify: &NotifyRequest, failure: Failure) {
        let now = core.clock.now();
        let token = notify.token;
        self.step(core, &notify.tag, |entry| {
            let may_come_back = failure == Failure::Transport && entry.is_connected();
            if may_come_back && entry.subscription.expires_at().is_some() {
                entry.is_adrift = true;
            } else {
                entry.subscription.handle(Input::Failed { token, failure }, now);
            }
        });
    }

    /// A phone has registered: what its connection cut off goes on.
    pub(crate) fn found_again(&self, core: &Core, binding: &Binding) {
        let now = core.clock.now();
        let tags = self.book.lock().of_device(binding.device_id);
        for tag in tags {
            self.step(core, &tag, |entry| {
                if entry.is_adrift {
                    entry.is_back(binding.reach.clone(), now);
                }
            });
        }
    }

    /// Phones of an extension have registered, or are registered no longer.
    pub(crate) fn phones_changed(&self, core: &Core, of: Home) {
        let is_news = {
            let mut lamps = self.lamps.lock();
            // Counted under the lock, so that of two changes at once the later is the last.
            let registered = core.registrations.bindings(of.extension_id).len();
            lamps.take(presence::Input::Phones { of, registered }, core.clock.now())
        };
        self.stir_if(is_news);
    }

    /// Something happened in a call.
    pub(crate) fn call_changed(&self, (tenant_id, call_id): (TenantId, CallId), event: &CallEvent, now: Now) {
        let fact = presence::Input::Call {
            tenant_id,
            call_id,
            event: event.clone(),
        };
        let is_news = self.lamps.lock().take(fact, now);
        self.stir_if(is_news);
    }

    /// A company's configuration has changed: what watches or is watched may be gone.
    pub(crate) fn configured(&self, core: &Core, tenant: TenantId, after: Option<&TenantSnapshot>) {
        let now = core.clock.now();
        if let Some(after) = after {
            self.wishes_known(after, now);
        }
        let tags = self.book.lock().of_tenant(tenant);
        for tag in tags {
            self.step(core, &tag, |entry| {
                let is_there = |extension| after.is_some_and(|after| after.extension(extension).is_some());
                let may_watch = after.is_some_and(|after| after.extension_of(entry.device_id).is_some());
                if !may_watch {
                    entry.end(End::Rejected, now);
                } else if !is_there(entry.extension_id) {
                    entry.end(End::NoResource, now);
                }
            });
        }
    }

    /// Who of a company wants to be left alone.
    pub(super) fn wishes_known(&self, snapshot: &TenantSnapshot, now: Now) {
        let mut is_news = false;
        let mut lamps = self.lamps.lock();
        for extension in snapshot.extensions() {
            let of = Home {
                tenant_id: extension.tenant_id,
                extension_id: extension.id,
            };
            let wanted = extension.do_not_disturb;
            is_news |= lamps.take(presence::Input::DoNotDisturb { of, wanted }, now);
        }
        drop(lamps);
        self.stir_if(is_news);
    }

    /// A device's password was revoked: it watches no longer.
    pub(crate) fn sign_out(&self, core: &Core, device: DeviceId) {
        let now = core.clock.now();
        let tags = self.book.lock().of_device(device);
        for tag in tags {
            self.step(core, &tag, |entry| entry.end(End::Rejected, now));
        }
    }

    /// A subscription from before a restart, which is told what is so now.
    pub(super) fn restore(&self, core: &Core, mut entry: Entry, now: Now) {
        let effects = self.with_book(|book| {
            let state = self.lamps.lock().state(entry.watched());
            let body = document(core, &entry, &state);
            entry.subscription.handle(Input::News(body), now);
            book.enter(entry)
        });
        self.carry_out(core, effects);
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.book.lock().len()
    }

    /// Tells the watchers what is new, and lets subscriptions expire, for as long as the server runs.
    pub(crate) async fn keep_time(core: Arc<Core>) {
        let subscriptions = &core.subscriptions;
        loop {
            let alarm = subscriptions.book.lock().alarm().map(|tick| core.clock.instant(tick));
            tokio::select! {
                () = subscriptions.stir.notified() => {}
                () = async { sleep_until(alarm.expect("guarded by the condition")).await }, if alarm.is_some() => {}
            }
            subscriptions.tell_news(&core);
            subscriptions.keep_appointments(&core);
        }
    }

    fn tell_news(&self, core: &Core) {
        let now = core.clock.now();
        let news = self.lamps.lock().take_news();
        for (of, state) in news {
            let watchers = self.book.lock().watching(of.extension_id);
            for tag in watchers {
                self.step(core, &tag, |entry| {
                    let body = document(core, entry, &state);
                    entry.subscription.handle(Input::News(body), now);
                });
            }
        }
    }

    fn keep_appointments(&self, core: &Core) {
        let now = core.clock.now();
        loop {
            let due = self.book.lock().due(now.tick);
            let Some(tag) = due else { return };
            self.step(core, &tag, |entry| {
                if entry.is_adrift {
                    entry.end(End::Timeout, now);
                } else {
                    entry.subscription.handle_timeout(now);
                }
            });
        }
    }

    fn begin(&self, core: &Core, incoming: &Incoming, identity: &Identity, now: Now) -> Result<Vec<Effect>, Response> {
        let Incoming { key, request, flow } = incoming;
        if to_tag(request).is_some() {
            return Err(plain(request, StatusCode::CALL_DOES_NOT_EXIST));
        }
        let asked = Asked::read(*key, request, Terms::default())?;
        let watched = watched(request, &identity.snapshot).ok_or_else(|| plain(request, StatusCode::NOT_FOUND))?;
        let (extension, entity) = watched;
        let (extension_id, wanted) = (extension.id, extension.do_not_disturb);
        let tenant_id = identity.extension.tenant_id;
        let of = Home {
            tenant_id,
            extension_id,
        };
        let reach = reach(flow);
        let contact = core.contact(&reach);
        self.with_book(|book| {
            if book.len() >= MAX_IN_ALL {
                return Err(later(request, FULL_SECS));
            }
            let seen = Watched {
                extension_id,
                entity: &entity,
            };
            // Looked up under the lock of the book, so that no news falls between this and the entry.
            let state = {
                let mut lamps = self.lamps.lock();
                lamps.take(presence::Input::DoNotDisturb { of, wanted }, now);
                lamps.state(of)
            };
            let body = document::body(asked.package, &seen, &state, &core.domain());
            let subscription = Subscription::begin(asked, body, contact, &mut core.entropy.lock(), now)?;
            let watcher = (tenant_id, identity.device_id, reach);
            let mut effects = make_room(book, identity.device_id, now);
            effects.extend(book.enter(Entry::new(subscription, watcher, (extension_id, entity))));
            Ok(effects)
        })
    }

    /// One step of one subscription under the lock; what it wants done is done after the lock is free.
    fn step(&self, core: &Core, tag: &SmolStr, act: impl FnOnce(&mut Entry)) {
        let effects = self.with_book(|book| book.step(tag, act));
        self.carry_out(core, effects);
    }

    /// Does something under the lock, and wakes the task when it has an appointment that is earlier than all others.
    fn with_book<R>(&self, act: impl FnOnce(&mut Book) -> R) -> R {
        let (result, is_earlier) = {
            let mut book = self.book.lock();
            let before = book.alarm();
            let result = act(&mut book);
            let is_earlier = |alarm| before.is_none_or(|before| alarm < before);
            (result, book.alarm().is_some_and(is_earlier))
        };
        self.stir_if(is_earlier);
        result
    }

    fn carry_out(&self, core: &Core, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Respond(key, response) => core.respond(key, response),
                Effect::Notify(notify, reach, request) => {
                    let owner = Owner::Notify(notify.clone());
                    let to = Destination::Flow(reach.flow);
                    if core.endpoint.request(owner, &to, &request).is_err() {
                        self.lost(core, &notify, Failure::Transport);
                    }
                }
                Effect::Renewed(tag) => {
                    let change = self.book.lock().get(&tag).and_then(|entry| saved(&tag, entry));
                    change.into_iter().for_each(|change| self.keep(change));
                }
                Effect::Ended(tenant_id, tag) => self.keep(removed(tenant_id, &tag)),
            }
        }
    }

    /// When the database is so far behind that the queue is full, a change is left out: after a restart its phone gets
    /// 481 to its next refresh, and subscribes anew.
    fn keep(&self, change: SubscriptionChange) {
        if self.changes.try_send(change).is_err() {
            debug!("a change of subscriptions is not kept over a restart");
        }
    }

    fn stir_if(&self, is_news: bool) {
        if is_news {
            self.stir.notify_one();
        }
    }
}

/// Ends the oldest subscription of a device that has too many.
fn make_room(book: &mut Book, device: DeviceId, now: Now) -> Vec<Effect> {
    let own = book.of_device(device);
    if own.len() < MAX_OF_DEVICE {
        return Vec::new();
    }
    let ends_at = |tag: &SmolStr| book.get(tag).and_then(|entry| entry.subscription.expires_at());
    let oldest = own.into_iter().min_by_key(ends_at).expect("there are many");
    book.step(&oldest, |entry| {
        entry.subscription.handle(Input::End(End::Forgotten), now);
    })
}

/// A state in the words of one subscription.
fn document(core: &Core, entry: &Entry, state: &presence::ExtensionState) -> Body {
    let seen = Watched {
        extension_id: entry.extension_id,
        entity: &entry.entity,
    };
    document::body(entry.subscription.package(), &seen, state, &core.domain())
}

/// The extension that a request is about, and what it is called there.
fn watched(request: &Request, snapshot: &TenantSnapshot) -> Option<(Arc<Extension>, Uri)> {
    let extension = extension_in(request, snapshot)?;
    let uri = request.uri().ok()?;
    let host = uri.as_sip()?.host().clone();
    let entity = SipUri::new(Scheme::Sip, host).with_user(&uri.user()?);
    Some((extension, entity.into()))
}

/// The extension of the company that a Request-URI names by its internal number or its username.
pub(crate) fn extension_in(request: &Request, snapshot: &TenantSnapshot) -> Option<Arc<Extension>> {
    let user = request.uri().ok()?.user()?;
    let by_number = user
        .parse()
        .ok()
        .and_then(|number| snapshot.extension_by_number(&number));
    let by_username = || {
        user.parse()
            .ok()
            .and_then(|username| snapshot.extension_by_username(&username))
    };
    by_number.or_else(by_username).cloned()
}
