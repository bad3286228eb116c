//! The beginning of a call: an INVITE from a device that has proved who it is.

use std::sync::Arc;

use parking_lot::Mutex;
use tracing::info;
use wigwag_model::{CallDirection, CallId, api::LadderDirection};
use wigwag_pbx::{
    call::{CALLER, Origin, Who, session_timer},
    routing::{self, Attempt, DIALLED_CHARS},
};
use wigwag_sansio::{Now, Pii};
use wigwag_sip::{
    session::{Extra, Session, Settings},
    wire::{
        HeaderName, Request, Response, StatusCode, Uri,
        header::{CSeq, From, MaxForwards, Replaces},
    },
};
use wigwag_sip_io::Incoming;

use crate::{
    calls::{Beginning, Fingerprint, Live, Running},
    core::Core,
    gate::Identity,
    gruu::OnlyDevice,
    metrics::add,
    reach::reach,
    trace::Recorder,
};

/// The headers of an INVITE that cross the exchange; everything else is between a phone and us.
const CROSSING: [HeaderName; 3] = [HeaderName::Subject, HeaderName::Priority, HeaderName::Organization];
/// Hops of a request that does not say (RFC 3261 §8.1.1.6).
const MAX_FORWARDS: u8 = 70;

/// Begins a call, or answers why not.
pub(crate) fn begin(core: &Arc<Core>, incoming: &Incoming, identity: Identity, now: Now) {
    let Incoming { key, request, flow } = incoming;
    if let Some(refusal) = refusal(request) {
        core.respond(*key, refusal);
        return;
    }
    let Identity {
        snapshot,
        extension,
        device_id,
        answers_challenge: _,
    } = identity;
    let fingerprint = fingerprint(request);
    if core.calls.has_begun(&fingerprint) {
        add(&core.metrics.merged);
        let merged = Response::reply_to(request, StatusCode::LOOP_DETECTED).to_tag("none");
        core.respond(*key, merged.build());
        return;
    }
    let reach = reach(flow);
    let settings = Settings {
        contact: core.contact(&reach),
        headers: Vec::new(),
        timer: session_timer(&reach.transport),
        credentials: None,
    };
    let mut entropy = core.entropy.lock().fork();
    let (session, invitation) = match Session::incoming(*key, request.clone(), settings, entropy.fork()) {
        Ok(taken) => taken,
        Err(refusal) => {
            core.respond(*key, refusal);
            return;
        }
    };
    let (dialled, only_device) = match OnlyDevice::of(request, &core.gruus) {
        Some((username, device)) => (username, Some(device)),
        None => (dialled(request), None),
    };
    let attempt = Attempt::dialled(extension.id, dialled.clone());
    let decision = routing::plan(&snapshot, &attempt, now.utc);
    let mut recorder = Recorder::new(now);
    recorder.message(CALLER, LadderDirection::Received, &reach, request.bytes(), now);
    decision.trace.iter().for_each(|step| recorder.step(step, now));
    let call_id = CallId::new(now.utc, &mut entropy);
    let tenant_id = extension.tenant_id;
    let live = Arc::new(Mutex::new(Live::new(call_id, now.utc)));
    let (number, desk) = core.calls.enter(call_id, tenant_id, *key, fingerprint, live.clone());
    core.calls.add_extension(number, extension.id);
    info!(call.id = %call_id, tenant.id = %tenant_id, extension.id = %extension.id, "a call begins");
    let origin = Origin {
        session,
        invitation,
        reach,
        who: Who::Device {
            extension_id: extension.id,
            device_id,
        },
        caller: routing::party(&extension),
        attempt,
        dialled: Pii::new(dialled),
        direction: CallDirection::Internal,
        decision,
        domain: core.config.domain.clone(),
        max_forwards: hops(request).saturating_sub(1),
        headers: crossing(request),
        entropy,
    };
    let line = core.lines.take_for_caller(&extension);
    let beginning = Beginning {
        core: core.clone(),
        number,
        call_id,
        tenant_id,
        snapshot,
        live,
        recorder,
        line,
        invite: (*key, request.clone()),
        only_device,
    };
    desk.begin(Box::new(Running::begin(beginning, origin, now)), Running::take);
}

/// Why an INVITE is no call at all.
fn refusal(request: &Request) -> Option<Response> {
    let status = if hops(request) == 0 {
        StatusCode::TOO_MANY_HOPS
    } else if request.typed::<Replaces>().ok().flatten().is_some() {
        StatusCode::CALL_DOES_NOT_EXIST
    } else {
        return None;
    };
    Some(Response::reply_to(request, status).to_tag("none").build())
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
pub(crate) fn dialled(request: &Request) -> smol_str::SmolStr {
    match request.uri() {
        Ok(Uri::Tel(tel)) => tel.digits(),
        Ok(uri @ (Uri::Sip(_) | Uri::Other(_))) => {
            let user = uri.user().unwrap_or_default();
            user.chars().take(DIALLED_CHARS + 1).collect()
        }
        Err(_) => smol_str::SmolStr::default(),
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
