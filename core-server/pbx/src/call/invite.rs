//! The INVITE to a phone that is to ring.

use wigwag_sip::{
    session::{Outgoing, Sdp, Session, Settings, TimerPolicy},
    wire::{
        Host, Scheme, SipUri, Uri,
        header::{CallId, From, NameAddr, Route, To, Transport},
    },
};

use super::{Call, Phone};

/// Symbols of a Call-ID: 120 bits.
const CALL_ID_SYMBOLS: usize = 24;
/// The shortest session timer of phones in browsers, in seconds; JsSIP asks for no longer one.
const BROWSER_MIN_SE_SECS: u32 = 60;

/// The session of a leg to `phone`, whose INVITE is ready and carries `offer`.
pub(super) fn session(call: &mut Call, phone: &Phone, offer: Sdp) -> Session {
    let letter = phone.letter.as_deref();
    let headers = letter.map_or(&[][..], |letter| &letter.headers);
    let outgoing = Outgoing {
        request_uri: phone.contact.clone(),
        from: From::new(letter.map_or_else(|| caller(call), |letter| letter.from.clone())),
        to: To::new(phone.contact.clone()),
        call_id: CallId::new(&call.entropy.word(CALL_ID_SYMBOLS)).expect("letters and digits make a word"),
        routes: phone.path.iter().map(|path| Route::new(path.0.clone())).collect(),
        max_forwards: call.max_forwards,
        headers: call.headers.iter().chain(headers).cloned().collect(),
        sdp: Some(offer),
    };
    let settings = Settings {
        contact: phone.our_contact.clone(),
        headers: Vec::new(),
        timer: session_timer(&phone.reach.transport),
        credentials: letter.and_then(|letter| letter.credentials.clone()),
    };
    Session::outgoing(outgoing, settings, call.entropy.fork())
}

/// How the session timer is negotiated with whom is reached over `transport`: browsers refresh more often than RFC 4028
/// wants it.
pub fn session_timer(transport: &Transport) -> TimerPolicy {
    let policy = TimerPolicy::default();
    match transport {
        Transport::Ws | Transport::Wss => TimerPolicy {
            min_se_secs: BROWSER_MIN_SE_SECS,
            ..policy
        },
        Transport::Udp | Transport::Tcp | Transport::Tls | Transport::Other(_) => policy,
    }
}

/// The caller, as the phone shows it.
fn caller(call: &Call) -> NameAddr {
    let caller = call.shown_caller();
    let host = Host::parse(&call.domain).unwrap_or(Host::V4(std::net::Ipv4Addr::UNSPECIFIED));
    let uri = SipUri::new(Scheme::Sip, host).with_user(caller.number.expose());
    let name = caller.name.as_ref().map_or("", |name| name.expose());
    NameAddr::new(Uri::from(uri)).with_display(name)
}
