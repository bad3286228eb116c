//! What a session reads from the messages of its peer; what cannot be read counts as not there.

use bytes::Bytes;
use smol_str::SmolStr;

use super::{Content, Sdp};
use crate::wire::{
    HeaderError, HeaderName, Method, Request, Response, Uri,
    header::{Allow, CSeq, Contact, From, Header, MinSe, Reason, RetryAfter, SessionExpires, To},
};

/// Reasons and contacts beyond this number are dropped.
const MAX_LISTED: usize = 8;

/// The look-ups that requests and responses share.
pub(crate) trait Read {
    fn raw_header(&self, name: HeaderName) -> Option<&[u8]>;
    fn all<H: Header>(&self) -> Result<Vec<H>, HeaderError>;
    fn content_body(&self) -> Bytes;

    fn one<H: Header>(&self) -> Option<H> {
        self.all().ok()?.into_iter().next()
    }

    /// The body and its type, if there is one.
    fn content(&self) -> Option<Content> {
        let body = self.content_body();
        let content_type = self.raw_header(HeaderName::ContentType)?;
        if body.is_empty() {
            return None;
        }
        let content_type = SmolStr::new(String::from_utf8_lossy(content_type));
        Some(Content { content_type, body })
    }

    /// The session description, if that is what the body is.
    fn sdp(&self) -> Option<Sdp> {
        let content = self.content()?;
        content.is(Sdp::CONTENT_TYPE).then_some(Sdp(content.body))
    }

    fn sender_tag(&self) -> Option<SmolStr> {
        self.one()
            .map(|from: From| SmolStr::new(from.tag().unwrap_or_default()))
    }

    fn recipient_tag(&self) -> Option<SmolStr> {
        self.one().map(|to: To| SmolStr::new(to.tag().unwrap_or_default()))
    }

    fn cseq_number(&self) -> Option<u32> {
        self.one().map(|cseq: CSeq| cseq.number())
    }

    /// Where the sender can be reached directly.
    fn target(&self) -> Option<Uri> {
        let contact: Contact = self.one()?;
        let uri = contact.address()?.uri();
        uri.as_sip().map(|_| uri.clone())
    }

    fn reasons(&self) -> Vec<Reason> {
        let mut reasons = self.all().unwrap_or_default();
        reasons.truncate(MAX_LISTED);
        reasons
    }

    fn contacts(&self) -> Vec<Contact> {
        let mut contacts = self.all().unwrap_or_default();
        contacts.truncate(MAX_LISTED);
        contacts
    }

    fn session_expires(&self) -> Option<SessionExpires> {
        self.one()
    }

    fn min_se_secs(&self) -> Option<u32> {
        self.one().map(|min_se: MinSe| min_se.seconds())
    }

    fn retry_after_secs(&self) -> Option<u32> {
        self.one().map(|retry_after: RetryAfter| retry_after.seconds())
    }

    /// Whether the other side understands UPDATE; none when it does not say.
    fn allows_update(&self) -> Option<bool> {
        self.one().map(|allow: Allow| allow.contains(&Method::Update))
    }
}

macro_rules! read {
    ($message:ident) => {
        impl Read for $message {
            fn raw_header(&self, name: HeaderName) -> Option<&[u8]> {
                self.header(name)
            }

            fn all<H: Header>(&self) -> Result<Vec<H>, HeaderError> {
                self.typed_all()
            }

            fn content_body(&self) -> Bytes {
                self.body()
            }
        }
    };
}

read!(Request);
read!(Response);
