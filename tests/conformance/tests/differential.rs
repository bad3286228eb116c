//! A second opinion: on traffic that `rsip` can read, both parsers must see the same (stack paper §1.3).

use proptest::prelude::*;
use rsip::{
    headers::{ToTypedHeader, UntypedHeader},
    message::{HasHeaders, HeadersExt},
};
use wigwag_sip::wire::{
    Uri,
    header::{CSeq, CallId, Contact, From, MaxForwards, RecordRoute, To, Via},
};

use crate::{
    everyday::{Everyday, everyday},
    torture::request,
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn both_parsers_see_the_same(message in everyday()) {
        compare(&message);
    }
}

fn compare(message: &Everyday) {
    let ours = request(message.text.clone());
    assert_eq!(ours.validate(), Ok(()));
    let theirs = rsip::Request::try_from(message.text.as_bytes()).expect("rsip reads this");

    assert_eq!(ours.method().as_str(), message.method);
    assert_eq!(theirs.method.to_string(), message.method);
    assert_eq!(ours.uri().expect("both read this").to_string(), message.uri);
    assert_same(&theirs.uri, &message.uri);

    assert_eq!(
        ours.require::<CallId>().expect("both read this").as_str(),
        message.call_id
    );
    assert_eq!(
        theirs.call_id_header().expect("both read this").value(),
        message.call_id
    );

    let (our_cseq, their_cseq) = (
        ours.require::<CSeq>().expect("both read this"),
        theirs
            .cseq_header()
            .expect("both read this")
            .typed()
            .expect("both read this"),
    );
    assert_eq!(
        (our_cseq.number(), our_cseq.method().as_str()),
        (message.cseq, message.method)
    );
    assert_eq!(
        (their_cseq.seq, their_cseq.method.to_string().as_str()),
        (message.cseq, message.method)
    );

    let (our_from, their_from) = (
        ours.require::<From>().expect("both read this"),
        theirs
            .from_header()
            .expect("both read this")
            .typed()
            .expect("both read this"),
    );
    assert_eq!(our_from.tag(), Some(message.from_tag.as_str()));
    assert_eq!(their_from.tag().map(|tag| tag.value()), Some(message.from_tag.as_str()));
    assert_same(&their_from.uri, &our_from.uri().to_string());
    let their_name = their_from
        .display_name
        .as_deref()
        .map(|quoted| quoted.trim_matches('"'));
    assert_eq!(our_from.display(), their_name);

    let (our_to, their_to) = (
        ours.require::<To>().expect("both read this"),
        theirs
            .to_header()
            .expect("both read this")
            .typed()
            .expect("both read this"),
    );
    assert_eq!(our_to.tag(), message.to_tag.as_deref());
    assert_eq!(their_to.tag().map(|tag| tag.value()), message.to_tag.as_deref());
    assert_same(&their_to.uri, &our_to.uri().to_string());

    let (our_via, their_via) = (
        ours.require::<Via>().expect("both read this"),
        theirs
            .via_header()
            .expect("both read this")
            .typed()
            .expect("both read this"),
    );
    assert_eq!(
        our_via.unique_branch(),
        Some(format!("z9hG4bK{}", message.branch).as_str())
    );
    assert_eq!(their_via.branch().map(|branch| branch.value()), our_via.branch());
    assert_eq!(our_via.host().to_string(), their_via.uri.host().to_string());

    let (our_contact, their_contact) = (
        ours.require::<Contact>().expect("both read this"),
        theirs
            .contact_header()
            .expect("both read this")
            .typed()
            .expect("both read this"),
    );
    assert_eq!(
        our_contact.address().expect("both read this").uri().to_string(),
        message.contact
    );
    assert_same(&their_contact.uri, &message.contact);

    let their_hops = theirs.max_forwards_header().expect("both read this");
    assert_eq!(
        ours.require::<MaxForwards>().expect("both read this").hops(),
        message.hops
    );
    assert_eq!(their_hops.value(), message.hops.to_string());

    let their_routes = theirs
        .headers()
        .iter()
        .filter(|header| matches!(header, rsip::Header::RecordRoute(_)))
        .count();
    assert_eq!(
        ours.typed_all::<RecordRoute>().expect("both read this").len(),
        their_routes
    );
    assert_eq!(ours.body(), theirs.body);
}

/// `rsip` prints transports in capitals of its own, which changes nothing (RFC 3261 §19.1.4).
fn assert_same(theirs: &rsip::Uri, ours: &str) {
    let theirs = Uri::parse(&theirs.to_string()).expect("rsip prints URIs");
    let ours = Uri::parse(ours).expect("a URI");
    assert!(ours.is_equivalent(&theirs), "{ours} is not {theirs}");
}
