//! Laws that hold for every input: what is printed reads the same, and nothing panics.

use bytes::Bytes;
use proptest::{collection::vec, option, prelude::*, sample::Index};
use wigwag_sip::wire::{
    Frame, Header, HeaderName, Message, Method, Request, Response, Scheme, SipUri, StatusCode, StreamDecoder, Uri,
    header::{
        Accept, AlertInfo, Allow, AuthenticationInfo, Authorization, CSeq, CallId, Contact, ContentType, Date,
        Diversion, Event, Expires, From, MaxForwards, NameAddr, PAssertedIdentity, Privacy, ProxyAuthenticate, RAck,
        RSeq, Reason, RecordRoute, ReferTo, RemotePartyId, Replaces, Require, RetryAfter, Route, SessionExpires,
        SubscriptionState, Supported, To, Transport, UserAgent, Via, WwwAuthenticate,
    },
};

use crate::{everyday::everyday, torture};

/// One way to damage a message.
#[derive(Clone, Debug)]
enum Damage {
    Set(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    Copy(Index, Index, usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    let octet = prop_oneof![
        any::<u8>(),
        proptest::sample::select(&b"\r\n \t:;,<>\"\\@%[]?=\0/*.09"[..])
    ];
    prop_oneof![
        (any::<Index>(), octet.clone()).prop_map(|(at, octet)| Damage::Set(at, octet)),
        (any::<Index>(), vec(octet, 1..6)).prop_map(|(at, octets)| Damage::Insert(at, octets)),
        (any::<Index>(), 1..40_usize).prop_map(|(at, count)| Damage::Remove(at, count)),
        (any::<Index>(), any::<Index>(), 1..80_usize).prop_map(|(from, to, count)| Damage::Copy(from, to, count)),
    ]
}

fn apply(octets: &mut Vec<u8>, damage: &Damage) {
    if octets.is_empty() {
        return;
    }
    let end = |at: usize, count: usize, len: usize| (at + count).min(len);
    match damage {
        Damage::Set(at, octet) => *at.get_mut(octets) = *octet,
        Damage::Insert(at, inserted) => {
            let at = at.index(octets.len());
            octets.splice(at..at, inserted.iter().copied());
        }
        Damage::Remove(at, count) => {
            let at = at.index(octets.len());
            octets.drain(at..end(at, *count, octets.len()));
        }
        Damage::Copy(from, to, count) => {
            let (from, to) = (from.index(octets.len()), to.index(octets.len()));
            let copied = octets[from..end(from, *count, octets.len())].to_vec();
            octets.splice(to..to, copied);
        }
    }
}

/// Does with a datagram whatever a server may do with one.
fn exercise(octets: Bytes) {
    match Message::parse(octets) {
        Err(error) => {
            let reply = error.reply().map(|reply| reply.to_tag("t").build());
            if let Some(reply) = reply {
                assert_eq!(Message::parse(reply.bytes().clone()), Ok(Message::Response(reply)));
            }
        }
        Ok(message) => {
            let ice = postcard::to_allocvec(&message).expect("a message is octets");
            assert_eq!(
                postcard::from_bytes::<Message>(&ice).expect("what was frozen can be thawed"),
                message
            );
            match &message {
                Message::Request(request) => exercise_request(request),
                Message::Response(response) => {
                    let _ = response.validate();
                    let popped = response.without_top_via().append(&MaxForwards::new(1));
                    assert_eq!(popped.body(), response.body());
                }
            }
        }
    }
}

fn exercise_request(request: &Request) {
    let _ = (request.validate(), request.uri());
    macro_rules! read {
        ($($header:ty),*) => { $(
            let _ = request.typed::<$header>();
            for header in request.typed_all::<$header>().into_iter().flatten() {
                let printed = header.to_string();
                let again = <$header>::parse(printed.as_bytes());
                assert_eq!(again.map(|again| again.to_string()), Ok(printed), "{}", <$header>::NAME);
            }
        )* };
    }
    read!(
        Accept,
        AlertInfo,
        Allow,
        AuthenticationInfo,
        Authorization,
        CSeq,
        CallId,
        Contact,
        ContentType,
        Date,
        Diversion,
        Event,
        Expires,
        From,
        MaxForwards,
        PAssertedIdentity,
        Privacy,
        ProxyAuthenticate,
        RAck,
        RSeq,
        Reason,
        RecordRoute,
        ReferTo,
        RemotePartyId,
        Replaces,
        Require,
        RetryAfter,
        Route,
        SessionExpires,
        SubscriptionState,
        Supported,
        To,
        UserAgent,
        Via,
        WwwAuthenticate
    );
    let reply = Response::reply_to(request, StatusCode::OK)
        .to_tag("t")
        .record_route()
        .build();
    assert_eq!(Message::parse(reply.bytes().clone()), Ok(Message::Response(reply)));
    let via = Via::new(Transport::Udp, "h".parse().expect("a host"), None, "z9hG4bK1");
    let sent = request.with_via(&via);
    assert_eq!(sent.require::<Via>(), Ok(via));
    assert_eq!(
        sent.without_top_via().headers(HeaderName::Via).count(),
        request.headers(HeaderName::Via).count()
    );
    let _ = request.with_received("192.0.2.1:5060".parse().expect("an address"));
    let _ = request
        .edit()
        .replace_top(&MaxForwards::new(1))
        .uri("sip:x")
        .remove(HeaderName::Route)
        .finish();
}

fn sip_uri() -> impl Strategy<Value = SipUri> {
    let host = proptest::sample::select(&["a.example", "192.0.2.1", "[2001:db8::1]"][..]);
    (
        any::<bool>(),
        host,
        option::of(any::<u16>()),
        any::<String>(),
        option::of(".{0,8}"),
        option::of(".{0,8}"),
    )
        .prop_map(|(secure, host, port, user, param, header)| {
            let scheme = if secure { Scheme::Sips } else { Scheme::Sip };
            let mut uri = SipUri::new(scheme, host.parse().expect("a host"))
                .with_user(&user)
                .with_port(port);
            if let Some(param) = param {
                uri = uri.with_param("p", Some(&param)).with_param("lr", None);
            }
            if let Some(header) = header {
                uri = uri.with_header("Subject", &header);
            }
            uri
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn damaged_torture_messages_never_panic(at in any::<Index>(), damages in vec(damage(), 0..6)) {
        let names = torture::names();
        let mut octets = torture::octets(&names[at.index(names.len())]).to_vec();
        damages.iter().for_each(|damage| apply(&mut octets, damage));
        exercise(Bytes::from(octets));
    }

    #[test]
    fn damaged_everyday_messages_never_panic(message in everyday(), damages in vec(damage(), 0..4)) {
        let mut octets = message.text.into_bytes();
        damages.iter().for_each(|damage| apply(&mut octets, damage));
        exercise(Bytes::from(octets));
    }

    #[test]
    fn rubbish_never_panics(octets in vec(any::<u8>(), 0..300)) {
        exercise(Bytes::from(octets));
    }

    #[test]
    fn a_built_uri_reads_as_it_prints(uri in sip_uri()) {
        let uri = Uri::from(uri);
        prop_assert_eq!(Uri::parse(&uri.to_string()), Ok(uri));
    }

    #[test]
    fn a_read_uri_prints_as_it_reads(text in "(sip|sips|tel|urn):[a-z0-9%@:;=?&\\[\\].+-]{0,30}") {
        if let Ok(uri) = Uri::parse(&text) {
            prop_assert_eq!(Uri::parse(&uri.to_string()), Ok(uri.clone()));
            prop_assert!(uri.is_equivalent(&uri));
        }
    }

    #[test]
    fn a_built_address_reads_as_it_prints(uri in sip_uri(), name in "[^\r\n]{0,20}", tag in "[^\r\n]{0,12}") {
        let address = NameAddr::new(uri).with_display(&name).with_param("tag", &tag);
        prop_assert_eq!(NameAddr::parse(address.to_string().as_bytes()), Ok(address));
    }

    #[test]
    fn whatever_is_built_reads_the_same(uri in any::<String>(), values in vec(vec(any::<u8>(), 0..40), 0..5), body in vec(any::<u8>(), 0..100)) {
        let mut builder = Request::builder(Method::Message, &uri);
        for value in &values {
            builder = builder.raw(HeaderName::Subject, value);
        }
        let request = builder.body("text/plain", body.clone()).build();
        prop_assert_eq!(request.headers(HeaderName::Subject).count(), values.len());
        prop_assert_eq!(request.fields().count(), values.len() + 2);
        prop_assert_eq!(request.body(), body);
        prop_assert_eq!(Message::parse(request.bytes().clone()), Ok(Message::Request(request)));
    }

    #[test]
    fn a_stream_carries_what_datagrams_carry(messages in vec(everyday(), 1..4), cuts in vec(any::<Index>(), 0..5)) {
        let stream: Vec<u8> = messages.iter().flat_map(|message| message.text.bytes()).collect();
        let mut ends: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len())).collect();
        ends.push(stream.len());
        ends.sort_unstable();
        let (mut decoder, mut received, mut start) = (StreamDecoder::new(), Vec::new(), 0);
        for end in ends {
            decoder.push(&stream[start..end]);
            start = end;
            while let Some(frame) = decoder.next().expect("well-formed messages") {
                received.push(frame);
            }
        }
        let sent: Vec<Frame> = messages
            .iter()
            .map(|message| Frame::Message(Message::parse(Bytes::from(message.text.clone())).expect("well-formed")))
            .collect();
        prop_assert_eq!(received, sent);
        prop_assert!(decoder.is_empty());
    }
}
