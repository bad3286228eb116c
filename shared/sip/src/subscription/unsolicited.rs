//! NOTIFY without a subscription: how many desk phones expect to hear of messages (RFC 3842 before its final form).

use crate::{
    event_body::Body,
    wire::{
        Method, Request, Token, Uri,
        header::{CSeq, CallId, Contact, Event, From, MaxForwards, NameAddr, SubscriptionState, To},
    },
};

/// How long the news counts, in seconds: nobody renews it.
const COUNTS_SECS: u32 = 3600;

/// What NOTIFYs without a subscription have in common.
#[derive(Clone, Debug)]
pub struct Unsolicited {
    /// The contact of the registered phone.
    pub contact: Uri,
    /// Whom it is about.
    pub account: Uri,
    /// Who tells, with a tag.
    pub us: NameAddr,
    /// Where the phone reaches us.
    pub our_contact: Contact,
    /// Unique in the world.
    pub call_id: CallId,
}

impl Unsolicited {
    /// The NOTIFY that tells `body`; it lacks only its Via.
    pub fn notify(self, body: &Body) -> Request {
        let event = Token::new(body.package().name()).expect("our packages' names are words");
        let content = body.content(0);
        Request::builder(Method::Notify, &self.contact)
            .header(&MaxForwards::new(70))
            .header(&From::new(self.us))
            .header(&To::new(self.account))
            .header(&self.call_id)
            .header(&CSeq::new(1, Method::Notify))
            .header(&self.our_contact)
            .header(&Event::new(event))
            .header(&SubscriptionState::active(COUNTS_SECS))
            .body(&content.content_type, content.body)
            .build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event_body::MessageSummary;

    fn uri(text: &str) -> Uri {
        Uri::parse(text).unwrap()
    }

    #[test]
    fn a_phone_that_never_asked_is_told_of_messages() {
        let unsolicited = Unsolicited {
            contact: uri("sip:phone@192.0.2.9:5066"),
            account: uri("sip:201@pbx.example"),
            us: NameAddr::new(uri("sip:pbx.example")).with_tag("t"),
            our_contact: Contact::new(uri("sip:wigwag@192.0.2.1")),
            call_id: CallId::new("c").unwrap(),
        };
        let body = Body::Messages(MessageSummary {
            account: uri("sip:*95@pbx.example"),
            new: 1,
            old: 0,
        });
        let request = unsolicited.notify(&body);
        assert_eq!(request.uri_text(), "sip:phone@192.0.2.9:5066");
        assert_eq!(request.require::<Event>().unwrap().package(), "message-summary");
        assert_eq!(request.require::<To>().unwrap().tag(), None);
        assert!(request.body().starts_with(b"Messages-Waiting: yes"));
    }
}
