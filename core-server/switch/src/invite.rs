//! The beginning of a call: an INVITE from a device that has proved who it is, from a carrier, or for help.

use std::sync::Arc;

use parking_lot::Mutex;
use smol_str::SmolStr;
use tracing::info;
use wigwag_model::{
    CallDirection, CallId, DeviceId, GatewayId, HangupCause, NumberId, Party, PhoneNumber, TenantId,
    api::LadderDirection,
};
use wigwag_pbx::{
    Home, TenantSnapshot,
    call::{CALLER, Origin, Who, session_timer},
    registrar::Reach,
    routing::{self, Attempt, Called, DIALLED_CHARS, Decision, Dialled, Outsider, Plan, Stage},
};
use wigwag_sansio::{Entropy, Now, Pii};
use wigwag_sip::{
    session::{Extra, Invitation, Session, Settings},
    wire::{
        HeaderName, Request, Response, StatusCode, Uri,
        header::{CSeq, From, MaxForwards},
    },
};
use wigwag_sip_io::Incoming;

use crate::{
    calls::{Beginning, Fingerprint, Live, Running},
    core::Core,
    gate::Identity,
    gateways::TenantLine,
    gruu::OnlyDevice,
    lines::Line,
    metrics::add,
    reach::reach,
    trace::Recorder,
};

/// The headers of an INVITE that cross the exchange; everything else is between a phone and us.
const CROSSING: [HeaderName; 3] = [HeaderName::Subject, HeaderName::Priority, HeaderName::Organization];
/// Hops of a request that does not say (RFC 3261 §8.1.1.6).
const MAX_FORWARDS: u8 = 70;

/// Somebody outside who calls a public number.
#[derive(Debug)]
pub(crate) struct FromOutside {
    pub(crate) caller: Outsider,
    pub(crate) gateway: GatewayId,
    pub(crate) number_id: NumberId,
    /// What was called.
    pub(crate) number: PhoneNumber,
}

/// Who calls whom, once that is known.
struct Newcomer {
    who: Who,
    tenant_id: TenantId,
    snapshot: Arc<TenantSnapshot>,
    caller: Party,
    attempt: Attempt,
    dialled: SmolStr,
    direction: CallDirection,
    decision: Decision,
    only_device: Option<OnlyDevice>,
    /// The caller's own line.
    line: Option<Line>,
    /// The company's line to the outside.
    outside_line: Option<TenantLine>,
}

/// Begins a call of a device that has proved who it is, or answers why not.
pub(crate) fn begin(core: &Arc<Core>, incoming: &Incoming, identity: Identity, now: Now) {
    let Identity {
        snapshot,
        extension,
        device_id,
        answers_challenge: _,
    } = identity;
    let request = &incoming.request;
    let Some(taken) = take(core, incoming) else { return };
    let (dialled, only_device) = match OnlyDevice::of(request, &core.gruus) {
        Some((username, device)) => (username, Some(device)),
        None => (dialled(request), None),
    };
    let attempt = Attempt::dialled(extension.id, dialled.clone());
    let decision = routing::plan(&snapshot, &attempt, now.utc);
    let newcomer = Newcomer {
        who: Who::Device {
            extension_id: extension.id,
            device_id,
        },
        tenant_id: extension.tenant_id,
        snapshot,
        caller: routing::party(&extension),
        attempt,
        dialled,
        direction: direction(&decision),
        decision,
        only_device,
        line: Some(core.lines.take_for_caller(&extension)),
        outside_line: None,
    };
    start(core, incoming, taken, newcomer, now);
}

/// Begins a call that a carrier brings; where the company has no line left it is refused, and the history tells why.
pub(crate) fn begin_from_outside(
    core: &Arc<Core>,
    incoming: &Incoming,
    snapshot: Arc<TenantSnapshot>,
    outside: FromOutside,
    now: Now,
) {
    let Some(taken) = take(core, incoming) else { return };
    let tenant = snapshot.tenant();
    let attempt = Attempt {
        caller: routing::Caller::Outside(outside.caller),
        called: Called::Number(outside.number_id),
    };
    let line = core.outside.channels().take(tenant.id, tenant.concurrent_calls);
    let decision = match &line {
        Some(_) => routing::plan(&snapshot, &attempt, now.utc),
        None => Decision {
            plan: Plan::Reject(HangupCause::LimitReached),
            callee: None,
            trace: Vec::new(),
        },
    };
    let caller = routing::caller(&snapshot, &attempt);
    let newcomer = Newcomer {
        who: Who::Gateway(outside.gateway),
        tenant_id: tenant.id,
        caller: caller.expect("somebody outside always appears somehow"),
        snapshot,
        attempt,
        dialled: outside.number.as_str().into(),
        direction: CallDirection::Inbound,
        decision,
        only_device: None,
        line: None,
        outside_line: line,
    };
    start(core, incoming, taken, newcomer, now);
}

/// Begins a call for help of somebody whose company's configuration cannot be read (A58).
pub(crate) fn begin_emergency(core: &Arc<Core>, incoming: &Incoming, home: Home, now: Now) {
    let Dialled::Emergency(dialled) = Dialled::parse(&dialled(&incoming.request)) else {
        return;
    };
    let Some(taken) = take(core, incoming) else { return };
    let from = incoming.request.typed::<From>().ok().flatten();
    let username = from.and_then(|from| from.uri().user()).unwrap_or_default();
    let newcomer = Newcomer {
        // No device is known by this name, so that none is taken for the caller.
        who: Who::Device {
            extension_id: home.extension_id,
            device_id: DeviceId::new(now.utc, &mut core.entropy.lock()),
        },
        tenant_id: home.tenant_id,
        snapshot: Arc::new(TenantSnapshot::unknown(home.tenant_id)),
        caller: Party {
            name: None,
            number: Pii::new(username.to_string()),
            extension: None,
        },
        attempt: Attempt::dialled(home.extension_id, dialled.clone()),
        decision: routing::without_snapshot(dialled.clone()),
        dialled,
        direction: CallDirection::Outbound,
        only_device: None,
        line: None,
        outside_line: None,
    };
    start(core, incoming, taken, newcomer, now);
}

/// An INVITE that is a call.
struct Taken {
    fingerprint: Fingerprint,
    reach: Reach,
    session: Session,
    invitation: Invitation,
    entropy: Entropy,
}

/// Takes an INVITE, or answers why it is no call.
fn take(core: &Core, incoming: &Incoming) -> Option<Taken> {
    let Incoming { key, request, flow } = incoming;
    if let Some(refusal) = refusal(request) {
        core.respond(*key, refusal);
        return None;
    }
    let fingerprint = fingerprint(request);
    if core.calls.has_begun(&fingerprint) {
        add(&core.metrics.merged);
        let merged = Response::reply_to(request, StatusCode::LOOP_DETECTED).to_tag("none");
        core.respond(*key, merged.build());
        return None;
    }
    let reach = reach(flow);
    let settings = Settings {
        contact: core.contact(&reach),
        headers: Vec::new(),
        timer: session_timer(&reach.transport),
        credentials: None,
    };
    let mut entropy = core.entropy.lock().fork();
    match Session::incoming(*key, request.clone(), settings, entropy.fork()) {
        Ok((session, invitation)) => Some(Taken {
            fingerprint,
            reach,
            session,
            invitation,
            entropy,
        }),
        Err(refusal) => {
            core.respond(*key, refusal);
            None
        }
    }
}

fn start(core: &Arc<Core>, incoming: &Incoming, taken: Taken, newcomer: Newcomer, now: Now) {
    let Incoming { key, request, .. } = incoming;
    let Taken {
        fingerprint,
        reach,
        session,
        invitation,
        mut entropy,
    } = taken;
    let mut recorder = Recorder::new(now);
    recorder.message(CALLER, LadderDirection::Received, &reach, request.bytes(), now);
    newcomer.decision.trace.iter().for_each(|step| recorder.step(step, now));
    if newcomer.direction == CallDirection::Inbound && newcomer.outside_line.is_none() {
        recorder.step(&"The company has as many calls with the outside as it may have", now);
    }
    let call_id = CallId::new(now.utc, &mut entropy);
    let tenant_id = newcomer.tenant_id;
    let live = Arc::new(Mutex::new(Live::new(call_id, now.utc)));
    let (number, desk) = core.calls.enter(call_id, tenant_id, *key, fingerprint, live.clone());
    match newcomer.who {
        Who::Device { extension_id, .. } => {
            core.calls.add_extension(number, extension_id);
            info!(call.id = %call_id, tenant.id = %tenant_id, extension.id = %extension_id, "a call begins");
        }
        Who::Gateway(gateway) => {
            info!(call.id = %call_id, tenant.id = %tenant_id, gateway.id = %gateway, "a call comes in");
        }
    }
    let origin = Origin {
        session,
        invitation,
        reach,
        who: newcomer.who,
        caller: newcomer.caller,
        attempt: newcomer.attempt,
        dialled: Pii::new(newcomer.dialled),
        direction: newcomer.direction,
        decision: newcomer.decision,
        domain: core.config.domain.clone(),
        max_forwards: hops(request).saturating_sub(1),
        headers: crossing(request),
        entropy,
    };
    let beginning = Beginning {
        core: core.clone(),
        number,
        call_id,
        tenant_id,
        snapshot: newcomer.snapshot,
        live,
        recorder,
        line: newcomer.line,
        outside_line: newcomer.outside_line,
        invite: (*key, request.clone()),
        only_device: newcomer.only_device,
    };
    let running = Box::new(Running::begin(beginning, origin, now));
    let course = running.course();
    desk.begin((running, course), Running::take);
}

/// Seen from the company: what is dialled outside goes out.
fn direction(decision: &Decision) -> CallDirection {
    match &decision.plan {
        Plan::Ring(ring) if ring.course.stage == Stage::Outside => CallDirection::Outbound,
        Plan::Ring(_) | Plan::Treat(_) | Plan::Reject(_) => CallDirection::Internal,
    }
}

/// Why an INVITE is no call at all.
fn refusal(request: &Request) -> Option<Response> {
    let too_many = Response::reply_to(request, StatusCode::TOO_MANY_HOPS).to_tag("none");
    (hops(request) == 0).then(|| too_many.build())
}

fn fingerprint(request: &Request) -> Fingerprint {
    let from = request.typed::<From>().ok().flatten();
    let text = |value: Option<&[u8]>| String::from_utf8_lossy(value.unwrap_or_default()).into();
    Fingerprint {
        call_id: text(request.header(HeaderName::CallId)),
        from_tag: from.and_then(|from| Some(from.tag()?.into())).unwrap_or_default(),
        cseq: request.require::<CSeq>().map_or(0, |cseq| cseq.number()),
    }
}

fn hops(request: &Request) -> u8 {
    request
        .typed::<MaxForwards>()
        .ok()
        .flatten()
        .map_or(MAX_FORWARDS, |hops| hops.hops().min(MAX_FORWARDS))
}

/// The user part of the Request-URI, or the number of a tel URI.
pub(crate) fn dialled(request: &Request) -> SmolStr {
    match request.uri() {
        Ok(Uri::Tel(tel)) => tel.digits(),
        Ok(uri @ (Uri::Sip(_) | Uri::Other(_))) => {
            let user = uri.user().unwrap_or_default();
            user.chars().take(DIALLED_CHARS + 1).collect()
        }
        Err(_) => SmolStr::default(),
    }
}

fn crossing(request: &Request) -> Vec<Extra> {
    let values = |name: &HeaderName| {
        request
            .header(name.clone())
            .map(|value| Extra::new(name.clone(), value.to_vec()))
    };
    CROSSING.iter().filter_map(values).collect()
}
