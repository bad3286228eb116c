//! Every typed header: what is read prints as something that is read the same.

use wigwag_sip::wire::{Header, header};

/// The value of one header; the first byte says which.
pub(crate) fn value(input: &[u8]) {
    let Some((&which, value)) = input.split_first() else {
        return;
    };
    READERS[usize::from(which) % READERS.len()](value);
}

fn read<H: Header>(value: &[u8]) {
    if let Ok(header) = H::parse(value) {
        let printed = header.to_string();
        let again = H::parse(printed.as_bytes());
        assert_eq!(again.map(|again| again.to_string()), Ok(printed), "{}", H::NAME);
    }
}

macro_rules! readers {
    ($($name:ident),* $(,)?) => { [$(read::<header::$name>),*] };
}

const READERS: [fn(&[u8]); 46] = readers![
    Accept,
    AlertInfo,
    Allow,
    AllowEvents,
    AuthenticationInfo,
    Authorization,
    CallId,
    Contact,
    ContentType,
    CSeq,
    Date,
    Diversion,
    Event,
    Expires,
    FlowTimer,
    From,
    MaxForwards,
    MinExpires,
    MinSe,
    PAssertedIdentity,
    PPreferredIdentity,
    Path,
    Privacy,
    ProxyAuthenticate,
    ProxyAuthorization,
    ProxyRequire,
    RAck,
    Reason,
    RecordRoute,
    ReferTo,
    ReferredBy,
    RemotePartyId,
    Replaces,
    Require,
    RetryAfter,
    Route,
    RSeq,
    Server,
    ServiceRoute,
    SessionExpires,
    SubscriptionState,
    Supported,
    To,
    Unsupported,
    UserAgent,
    Via,
];
