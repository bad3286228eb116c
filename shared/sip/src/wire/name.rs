//! Names of header fields (RFC 3261 §7.3.1, §20): any case, long or compact, known or not.

use std::{
    fmt,
    hash::{Hash, Hasher},
};

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::token::{NotToken, Token};

macro_rules! names {
    ($($variant:ident = $text:literal $($compact:literal)?,)*) => {
        /// The name of a header field; case and compact spelling do not count.
        #[derive(Clone, Serialize, Deserialize)]
        #[serde(try_from = "SmolStr", into = "SmolStr")]
        pub enum HeaderName {
            $(#[doc = concat!("`", $text, "`")] $variant,)*
            /// A field that this crate does not know.
            Other(Token),
        }

        /// A known name, or that it is another, in one byte.
        #[derive(Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        pub(crate) enum NameId {
            Other,
            $($variant,)*
        }

        const NAMES: &[(NameId, &str)] = &[
            $((NameId::$variant, $text), $((NameId::$variant, $compact),)?)*
        ];

        impl HeaderName {
            /// The long spelling.
            pub fn as_str(&self) -> &str {
                match self {
                    $(HeaderName::$variant => $text,)*
                    HeaderName::Other(token) => token,
                }
            }

            /// The name behind `id`, unless it is another than the known ones.
            pub(crate) fn known(id: NameId) -> Option<Self> {
                match id {
                    $(NameId::$variant => Some(HeaderName::$variant),)*
                    NameId::Other => None,
                }
            }

            pub(crate) fn id(&self) -> NameId {
                match self {
                    $(HeaderName::$variant => NameId::$variant,)*
                    HeaderName::Other(_) => NameId::Other,
                }
            }

            /// The field with this name, which must be a token.
            pub fn new(name: &str) -> Result<Self, NotToken> {
                match HeaderName::known(NameId::of(name.as_bytes())) {
                    Some(known) => Ok(known),
                    None => Token::new(name).map(HeaderName::Other),
                }
            }
        }
    };
}

names! {
    Accept = "Accept",
    AcceptContact = "Accept-Contact" "a",
    AcceptEncoding = "Accept-Encoding",
    AcceptLanguage = "Accept-Language",
    AlertInfo = "Alert-Info",
    Allow = "Allow",
    AllowEvents = "Allow-Events" "u",
    AuthenticationInfo = "Authentication-Info",
    Authorization = "Authorization",
    CallId = "Call-ID" "i",
    CallInfo = "Call-Info",
    Contact = "Contact" "m",
    ContentDisposition = "Content-Disposition",
    ContentEncoding = "Content-Encoding" "e",
    ContentLanguage = "Content-Language",
    ContentLength = "Content-Length" "l",
    ContentType = "Content-Type" "c",
    CSeq = "CSeq",
    Date = "Date",
    Diversion = "Diversion",
    ErrorInfo = "Error-Info",
    Event = "Event" "o",
    Expires = "Expires",
    FlowTimer = "Flow-Timer",
    From = "From" "f",
    HistoryInfo = "History-Info",
    Identity = "Identity" "y",
    InReplyTo = "In-Reply-To",
    MaxForwards = "Max-Forwards",
    MimeVersion = "MIME-Version",
    MinExpires = "Min-Expires",
    MinSe = "Min-SE",
    Organization = "Organization",
    PAssertedIdentity = "P-Asserted-Identity",
    PPreferredIdentity = "P-Preferred-Identity",
    Path = "Path",
    Priority = "Priority",
    Privacy = "Privacy",
    ProxyAuthenticate = "Proxy-Authenticate",
    ProxyAuthorization = "Proxy-Authorization",
    ProxyRequire = "Proxy-Require",
    RAck = "RAck",
    RSeq = "RSeq",
    Reason = "Reason",
    RecordRoute = "Record-Route",
    ReferSub = "Refer-Sub",
    ReferTo = "Refer-To" "r",
    ReferredBy = "Referred-By" "b",
    RejectContact = "Reject-Contact" "j",
    RemotePartyId = "Remote-Party-ID",
    Replaces = "Replaces",
    ReplyTo = "Reply-To",
    RequestDisposition = "Request-Disposition" "d",
    Require = "Require",
    RetryAfter = "Retry-After",
    Route = "Route",
    Server = "Server",
    ServiceRoute = "Service-Route",
    SessionExpires = "Session-Expires" "x",
    Subject = "Subject" "s",
    SubscriptionState = "Subscription-State",
    Supported = "Supported" "k",
    Timestamp = "Timestamp",
    To = "To" "t",
    Unsupported = "Unsupported",
    UserAgent = "User-Agent",
    Via = "Via" "v",
    Warning = "Warning",
    WwwAuthenticate = "WWW-Authenticate",
}

impl NameId {
    /// The known name with this spelling, in one hash probe or two.
    pub(crate) fn of(name: &[u8]) -> NameId {
        let mut slot = hash(name);
        loop {
            let entry = SLOTS[slot];
            if entry == EMPTY {
                return NameId::Other;
            }
            let (id, known) = NAMES[entry as usize];
            if known.as_bytes().eq_ignore_ascii_case(name) {
                return id;
            }
            slot = (slot + 1) % SLOTS.len();
        }
    }
}

const EMPTY: u8 = u8::MAX;

/// Open addressing over [`NAMES`], filled by the compiler.
const SLOTS: [u8; 512] = {
    let mut slots = [EMPTY; 512];
    let mut entry = 0;
    while entry < NAMES.len() {
        let mut slot = hash(NAMES[entry].1.as_bytes());
        while slots[slot] != EMPTY {
            slot = (slot + 1) % slots.len();
        }
        slots[slot] = entry as u8;
        entry += 1;
    }
    slots
};

const fn hash(name: &[u8]) -> usize {
    if name.is_empty() {
        return 0;
    }
    let first = (name[0] | 0x20) as usize;
    let middle = (name[name.len() / 2] | 0x20) as usize;
    let last = (name[name.len() - 1] | 0x20) as usize;
    (first * 37 + middle * 11 + last * 5 + name.len() * 67) % 512
}

impl PartialEq for HeaderName {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id() && self.as_str().eq_ignore_ascii_case(other.as_str())
    }
}

impl Eq for HeaderName {}

impl Hash for HeaderName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for byte in self.as_str().bytes() {
            state.write_u8(byte.to_ascii_lowercase());
        }
    }
}

impl TryFrom<SmolStr> for HeaderName {
    type Error = NotToken;

    fn try_from(name: SmolStr) -> Result<Self, NotToken> {
        HeaderName::new(&name)
    }
}

impl From<HeaderName> for SmolStr {
    fn from(name: HeaderName) -> SmolStr {
        SmolStr::new(name.as_str())
    }
}

impl fmt::Display for HeaderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for HeaderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_compact_spelling_do_not_count() {
        for spelling in ["Via", "VIA", "v", "V", "vIa"] {
            assert_eq!(HeaderName::new(spelling), Ok(HeaderName::Via));
        }
        assert_eq!(HeaderName::new("x"), Ok(HeaderName::SessionExpires));
        assert_eq!(HeaderName::new("X-Foo"), HeaderName::new("x-fOO"));
        assert_eq!(HeaderName::new("X-Foo").unwrap().to_string(), "X-Foo");
    }

    #[test]
    fn every_known_name_is_found() {
        for (id, name) in NAMES {
            assert!(NameId::of(name.as_bytes()) == *id, "{name}");
            assert!(HeaderName::new(name).unwrap().id() == *id, "{name}");
        }
    }

    #[test]
    fn a_name_is_a_token() {
        for bad in ["", "To\u{1}", "A B", "A:", "A\r\nB"] {
            assert_eq!(HeaderName::new(bad), Err(NotToken));
        }
    }
}
