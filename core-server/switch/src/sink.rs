//! What the endpoint receives, sorted: to a running call, a subscription, the registrar, or the beginning of a new call.

use std::sync::Arc;

use tracing::debug;
use wigwag_model::Gateway;
use wigwag_pbx::{Home, routing::Dialled};
use wigwag_sansio::Now;
use wigwag_sip::{
    digest::Algorithm,
    event_body::Package,
    session::{ACCEPT, ALLOW, SUPPORTED},
    transaction::{Failure, FlowId, ServerKey},
    wire::{
        HeaderName, Method, Request, Response, StatusCode, Uri,
        header::{Authorization, Require, RetryAfter, To},
    },
};
use wigwag_sip_io::{Flow, Incoming, Offered, Sink, Verdict};

use crate::{
    arrivals::Arrivals,
    calls::Mail,
    core::Core,
    crowd::TooMuch,
    gate::{Doubt, Gate, Identity, asked_algorithm},
    gateways, invite,
    metrics::add,
    owner::{LegRequest, Owner},
    reach::reach,
    registrations::REGISTRAR_SUPPORTED,
};

/// How long somebody is sent away when the switch is shutting down or a call's mailbox is full, in seconds.
const RETRY_AFTER_SECS: u32 = 5;
/// What is understood outside of calls, beside what calls understand.
const ALLOW_OUTSIDE: &str = "REGISTER, SUBSCRIBE, MESSAGE";

/// The switch as the endpoint sees it.
pub(crate) struct SwitchSink(pub(crate) Arc<Core>);

impl Sink<Owner> for SwitchSink {
    fn offered(&self, offer: Offered<'_>) -> Verdict {
        let core = &self.0;
        let Offered { request, flow } = offer;
        let tag = to_tag(request);
        if tag.as_ref().is_some_and(|tag| core.calls.by_tag(tag).is_some()) {
            return Verdict::Accept;
        }
        if tag.as_ref().is_some_and(|tag| renews(core, request, tag)) {
            return Verdict::Accept;
        }
        let now = core.clock.now();
        let is_emergency = is_emergency(request);
        if !is_emergency && let Err(too_much) = core.crowd.sheds(request.method()) {
            add(&core.metrics.shed);
            return too_much_for(request, too_much);
        }
        if let Some(verdict) = from_carrier(core, request, flow) {
            return verdict;
        }
        let counted = core.crowd.stranger(flow, now);
        if let Err(too_much) = counted
            && !(is_emergency && self.leaves_nothing_or_knows_password(request, now))
        {
            add(match too_much {
                TooMuch::Later { .. } => &core.metrics.strangers_refused,
                TooMuch::Silence => &core.metrics.strangers_ignored,
            });
            return too_much_for(request, too_much);
        }
        if tag.is_some() && !core.loaded.initialized() {
            return Verdict::Reply(later(request, RETRY_AFTER_SECS));
        }
        if tag.is_some() {
            add(&core.metrics.strays);
            return Verdict::Reply(plain(request, StatusCode::CALL_DOES_NOT_EXIST));
        }
        if let Some(refusal) = screen(core, request) {
            return Verdict::Reply(refusal);
        }
        let Some(authorization) = core.gate.credentials(request) else {
            return Verdict::Reply(self.first_challenge(request, flow, now));
        };
        let username = Gate::username(&authorization)
            .map(|name| name.to_string())
            .unwrap_or_default();
        match core.gate.standing(flow, &username, now) {
            Err(doubt) if !is_emergency => Verdict::Reply(doubtful(core, request, doubt, now)),
            Ok(()) | Err(_) => Verdict::Accept,
        }
    }

    fn request(&self, incoming: Incoming) {
        let core = &self.0;
        match to_tag(&incoming.request).and_then(|tag| core.calls.by_tag(&tag)) {
            Some((call, leg)) => {
                let Incoming { key, request, flow } = incoming;
                let mail = Mail::Request {
                    leg,
                    key,
                    request: request.clone(),
                    reach: reach(&flow),
                };
                if !core.calls.send(call, mail) {
                    add(&core.metrics.mail_dropped);
                    core.respond(key, later(&request, RETRY_AFTER_SECS));
                }
            }
            None => match to_tag(&incoming.request) {
                Some(tag) if renews(core, &incoming.request, &tag) => {
                    core.subscriptions.renew(core, incoming, &tag, core.clock.now());
                }
                Some(_) | None => self.begin(incoming),
            },
        }
    }

    fn ack(&self, request: Request, flow: &Flow) {
        let found = to_tag(&request).and_then(|tag| self.0.calls.by_tag(&tag));
        if let Some((call, leg)) = found
            && !self.0.calls.send(
                call,
                Mail::Ack {
                    leg,
                    request,
                    reach: reach(flow),
                },
            )
        {
            add(&self.0.metrics.mail_dropped);
        }
    }

    fn cancelled(&self, invite: ServerKey, cancel: Request) {
        let calls = &self.0.calls;
        let in_dialog = to_tag(&cancel).and_then(|tag| calls.by_tag(&tag));
        let found = in_dialog.or_else(|| Some((calls.by_invite(invite)?, wigwag_pbx::call::CALLER)));
        if let Some((call, leg)) = found
            && !calls.send(
                call,
                Mail::Cancel {
                    leg,
                    key: invite,
                    request: cancel,
                },
            )
        {
            add(&self.0.metrics.mail_dropped);
        }
    }

    fn response(&self, owner: &Owner, response: Response, _flow: &Flow) {
        match owner {
            Owner::Leg(LegRequest { call, leg, token }) => {
                if !self.0.calls.send(
                    *call,
                    Mail::Response {
                        leg: *leg,
                        token: *token,
                        response,
                    },
                ) {
                    debug!("a response came for a call that is over");
                }
            }
            // Whatever it says, it lives; only a proxy before it can say that its flow is gone (RFC 5626 §5.3).
            Owner::Probe(probe) if response.status().is_final() => {
                let alive = response.status() != StatusCode::FLOW_FAILED;
                self.0.registrations.probed(&self.0, probe, alive, self.0.clock.now());
            }
            Owner::Probe(_) => {}
            Owner::Notify(notify) => self.0.subscriptions.answered(&self.0, notify, response),
            Owner::Text(number) if response.status().is_final() => {
                self.0.texts.answered(&self.0, *number, Some(response.status()));
            }
            Owner::Text(_) => {}
            Owner::Gateway(errand) if response.status().is_final() => {
                self.0.outside.answered(&self.0, errand, response);
            }
            Owner::Gateway(_) => {}
        }
    }

    fn failed(&self, owner: &Owner, failure: Failure) {
        match owner {
            Owner::Leg(LegRequest { call, leg, token }) => {
                if !self.0.calls.send(
                    *call,
                    Mail::Failed {
                        leg: *leg,
                        token: *token,
                        failure,
                    },
                ) {
                    debug!("a request failed of a call that is over");
                }
            }
            Owner::Probe(probe) => self.0.registrations.probed(&self.0, probe, false, self.0.clock.now()),
            Owner::Notify(notify) => self.0.subscriptions.lost(&self.0, notify, failure),
            Owner::Text(number) => self.0.texts.answered(&self.0, *number, None),
            Owner::Gateway(errand) => self.0.outside.failed(&self.0, errand),
        }
    }

    fn flow_closed(&self, flow: FlowId) {
        self.0.registrations.flow_closed(&self.0, flow, self.0.clock.now());
        for call in self.0.calls.all() {
            if !self.0.calls.send(call, Mail::FlowClosed(flow)) {
                add(&self.0.metrics.mail_dropped);
            }
        }
    }
}

impl SwitchSink {
    /// Whether a call for help that comes in a flood may pass: it is only challenged, or its sender knows the password.
    fn leaves_nothing_or_knows_password(&self, request: &Request, now: Now) -> bool {
        let core = &self.0;
        let Some(authorization) = core.gate.credentials(request) else {
            return true;
        };
        let home = Gate::username(&authorization).and_then(|name| core.directory.read().home(&name));
        let known = home.and_then(|home| Some((home, core.snapshots.live(home.tenant_id)?)));
        known.is_some_and(|(home, snapshot)| core.gate.knows_password(request, &authorization, home, &snapshot, now))
    }

    /// A first challenge, by the algorithm of the username that the request is sent as, if that is known already.
    fn first_challenge(&self, request: &Request, flow: &Flow, now: Now) -> Response {
        let core = &self.0;
        let from = request.typed::<wigwag_sip::wire::header::From>().ok().flatten();
        let username = from.and_then(|from| from.uri().user()?.parse().ok());
        let home = username.and_then(|username| core.directory.read().home(&username));
        let known = home.and_then(|home| Some((home, core.snapshots.live(home.tenant_id)?)));
        let algorithm = known.map_or(Algorithm::Md5, |(home, snapshot)| {
            let device = core.registrations.device_of(home.extension_id, request, flow);
            asked_algorithm(&snapshot, home, device)
        });
        core.gate.challenge(request, algorithm, false, now)
    }

    /// A request outside any dialog, from somebody who wants to prove who it is.
    fn begin(&self, incoming: Incoming) {
        let core = self.0.clone();
        if core.loaded.initialized() {
            begin(&core, incoming);
        } else {
            tokio::spawn(async move {
                core.loaded.wait().await;
                begin(&core, incoming);
            });
        }
    }
}

fn begin(core: &Arc<Core>, incoming: Incoming) {
    if let Some(gateway) = carrier(core, &incoming.request, &incoming.flow) {
        gateways::begin(core, incoming, gateway);
        return;
    }
    let authorization = core.gate.credentials(&incoming.request);
    let username = authorization.as_ref().and_then(Gate::username);
    let home = username.and_then(|username| core.directory.read().home(&username));
    let Some(home) = home else {
        proceed(core, &incoming, None);
        return;
    };
    match core.snapshots.live(home.tenant_id) {
        Some(snapshot) => proceed(core, &incoming, Some((home, snapshot))),
        None => Arrivals::wait(core, home, incoming),
    }
}

/// The gateway whose carrier sends a call: it is known by where it sends from, or by the name that it calls.
fn carrier(core: &Core, request: &Request, flow: &Flow) -> Option<Gateway> {
    let is_call = *request.method() == Method::Invite && to_tag(request).is_none();
    let user = request.uri().ok().and_then(|uri| uri.user());
    is_call.then(|| core.outside.of_caller(flow.remote, user.as_deref()))?
}

/// What becomes of what a carrier sends; nothing where it is not one, or sends no call.
fn from_carrier(core: &Core, request: &Request, flow: &Flow) -> Option<Verdict> {
    carrier(core, request, flow)?;
    Some(if core.is_draining() {
        Verdict::Reply(later(request, RETRY_AFTER_SECS))
    } else {
        Verdict::Accept
    })
}

/// Answers a request that cannot be served at the moment.
pub(crate) fn put_off(core: &Core, incoming: &Incoming) {
    core.respond(incoming.key, later(&incoming.request, RETRY_AFTER_SECS));
}

type Known = (Home, Arc<wigwag_pbx::TenantSnapshot>);

/// Checks who it is, and does what is asked.
pub(crate) fn proceed(core: &Arc<Core>, incoming: &Incoming, known: Option<Known>) {
    let now = core.clock.now();
    let Incoming { key, request, flow } = incoming;
    let Some(authorization) = core.gate.credentials(request) else {
        core.respond(*key, plain(request, StatusCode::FORBIDDEN));
        return;
    };
    if is_emergency(request)
        && let Some(home) = unreadable(core, &authorization, known.as_ref())
    {
        invite::begin_emergency(core, incoming, home, now);
        return;
    }
    match core.gate.identify(request, flow, &authorization, known, now) {
        Ok(identity) => {
            core.endpoint.authenticated(&flow.id);
            core.crowd.proved(flow, identity.answers_challenge, now);
            match core.crowd.device(identity.device_id, now) {
                Err(TooMuch::Later { secs }) if !is_emergency(request) => {
                    add(&core.metrics.devices_refused);
                    core.respond(*key, later(request, secs));
                }
                Ok(()) | Err(_) => serve(core, incoming, identity, now),
            }
        }
        Err(doubt) => core.respond(*key, doubtful(core, request, doubt, now)),
    }
}

/// Where the sender belongs, if its company's configuration is missing or cannot be read where it is concerned: then
/// its password cannot be asked for, and it may call for help without.
fn unreadable(core: &Core, authorization: &Authorization, known: Option<&Known>) -> Option<Home> {
    match known {
        Some((home, snapshot)) => snapshot.extension(home.extension_id).is_none().then_some(*home),
        None => core.directory.read().home(&Gate::username(authorization)?),
    }
}

fn serve(core: &Arc<Core>, incoming: &Incoming, identity: Identity, now: Now) {
    let Incoming { key, request, .. } = incoming;
    match request.method() {
        Method::Register => core.registrations.register(core, incoming, &identity, now),
        Method::Invite if core.is_draining() && !is_emergency(request) => {
            core.respond(*key, later(request, RETRY_AFTER_SECS))
        }
        Method::Invite => invite::begin(core, incoming, identity, now),
        Method::Options => core.respond(*key, capabilities(request)),
        Method::Subscribe => core.subscriptions.subscribe(core, incoming, &identity, now),
        Method::Message => core.texts.bring(core, incoming, &identity),
        // Phones publish what the board knows better (RFC 3903 §6).
        Method::Publish => core.respond(*key, plain(request, StatusCode::BAD_EVENT)),
        Method::Ack
        | Method::Bye
        | Method::Cancel
        | Method::Info
        | Method::Update
        | Method::Prack
        | Method::Refer
        | Method::Notify
        | Method::Other(_) => core.respond(*key, not_allowed(request)),
    }
}

/// What can be said without knowing who asks; nothing when that matters.
fn screen(core: &Core, request: &Request) -> Option<Response> {
    // The method is looked at first (RFC 3261 §8.2.1).
    if let Method::Other(_) = request.method() {
        return Some(not_allowed(request));
    }
    let ours = match request.uri() {
        Ok(Uri::Sip(uri)) => core.hosts.is_ours(&uri),
        Ok(Uri::Tel(_)) => true,
        Ok(Uri::Other(_)) | Err(_) => return Some(plain(request, StatusCode::UNSUPPORTED_URI_SCHEME)),
    };
    if !ours {
        return Some(plain(request, StatusCode::NOT_FOUND));
    }
    match request.method() {
        Method::Bye | Method::Update | Method::Prack | Method::Notify => {
            return Some(plain(request, StatusCode::CALL_DOES_NOT_EXIST));
        }
        Method::Options if request.uri().is_ok_and(|uri| uri.user().is_none()) => return Some(capabilities(request)),
        Method::Register
        | Method::Invite
        | Method::Options
        | Method::Ack
        | Method::Cancel
        | Method::Info
        | Method::Refer
        | Method::Subscribe
        | Method::Message
        | Method::Publish
        | Method::Other(_) => {}
    }
    let required = request.typed::<Require>().ok().flatten();
    let tags = required
        .iter()
        .flat_map(Require::iter)
        .filter(|tag| !is_known(request, tag));
    let unknown: Vec<String> = tags.map(ToString::to_string).collect();
    (!unknown.is_empty() && *request.method() != Method::Invite).then(|| {
        let reply = Response::reply_to(request, StatusCode::BAD_EXTENSION).to_tag("none");
        reply.raw(HeaderName::Unsupported, unknown.join(", ")).build()
    })
}

/// Whether we can do what a request outside of calls insists on.
fn is_known(request: &Request, tag: &str) -> bool {
    let mut known = REGISTRAR_SUPPORTED.split(", ");
    *request.method() == Method::Register && known.any(|known| tag.eq_ignore_ascii_case(known))
}

fn doubtful(core: &Core, request: &Request, doubt: Doubt, now: Now) -> Response {
    match doubt {
        Doubt::Unproven { algorithm, stale } => core.gate.challenge(request, algorithm, stale, now),
        Doubt::Wrong => {
            add(&core.metrics.unproven);
            core.gate.turned_away("a password was wrong", now);
            plain(request, StatusCode::FORBIDDEN)
        }
        Doubt::Impostor => {
            add(&core.metrics.unproven);
            core.gate.turned_away("a device speaks in somebody else’s name", now);
            plain(request, StatusCode::FORBIDDEN)
        }
        Doubt::Waits { secs } => {
            add(&core.metrics.locked_out);
            let reply = Response::reply_to(request, StatusCode::FORBIDDEN).to_tag("none");
            reply.header(&RetryAfter::new(secs)).build()
        }
    }
}

fn too_much_for(request: &Request, too_much: TooMuch) -> Verdict {
    match too_much {
        TooMuch::Later { secs } => Verdict::Reply(later(request, secs)),
        TooMuch::Silence => Verdict::Drop,
    }
}

/// Whether somebody needs help, which no limit, lock-out or overload may stop.
pub(crate) fn is_emergency(request: &Request) -> bool {
    *request.method() == Method::Invite && Dialled::parse(&invite::dialled(request)).is_emergency()
}

/// The tag that names the dialog of a request.
pub(crate) fn to_tag(request: &Request) -> Option<String> {
    request
        .typed::<To>()
        .ok()
        .flatten()
        .and_then(|to| to.tag().map(ToOwned::to_owned))
}

/// An answer with nothing but a status, which begins no dialog.
pub(crate) fn plain(request: &Request, status: StatusCode) -> Response {
    Response::reply_to(request, status).to_tag("none").build()
}

/// A refusal of somebody who may come again after so many seconds.
pub(crate) fn later(request: &Request, secs: u32) -> Response {
    let reply = Response::reply_to(request, StatusCode::SERVICE_UNAVAILABLE).to_tag("none");
    reply.header(&RetryAfter::new(secs)).build()
}

/// Whether a request belongs to a subscription.
fn renews(core: &Core, request: &Request, tag: &str) -> bool {
    *request.method() == Method::Subscribe && core.subscriptions.knows(tag)
}

fn allowed() -> String {
    format!("{ALLOW}, {ALLOW_OUTSIDE}")
}

fn not_allowed(request: &Request) -> Response {
    Response::reply_to(request, StatusCode::METHOD_NOT_ALLOWED)
        .to_tag("none")
        .raw(HeaderName::Allow, allowed())
        .build()
}

fn capabilities(request: &Request) -> Response {
    Response::reply_to(request, StatusCode::OK)
        .to_tag("none")
        .raw(HeaderName::Allow, allowed())
        .header(&Package::allow_events())
        .raw(HeaderName::Accept, ACCEPT)
        .raw(HeaderName::Supported, SUPPORTED)
        .build()
}
