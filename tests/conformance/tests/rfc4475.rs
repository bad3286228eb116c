//! RFC 4475: all 49 torture messages, what becomes of each, and what is read from those that go on.

use bytes::Bytes;
use wigwag_sip::wire::{
    HeaderName, Message, Method, Uri,
    header::{
        Accept, Authorization, CSeq, Contact, ContentType, Date, From, MaxForwards, ProxyRequire, Require, RetryAfter,
        Route, To, Via,
    },
};

use crate::torture::{
    Outcome::{self, Accepted, Answered, Dropped},
    judge, names, octets, request, response,
};

/// The message, its section, and what becomes of it before its meaning is looked at.
const VERDICTS: [(&str, &str, Outcome); 49] = [
    ("TC_WSINV", "3.1.1.1", Accepted),
    ("TC_INTMETH", "3.1.1.2", Accepted),
    ("TC_ESC01_V", "3.1.1.3", Accepted),
    ("TC_ESCNULL_V", "3.1.1.4", Accepted),
    ("TC_ESC02_V", "3.1.1.5", Accepted),
    ("TC_LWSDISP_V", "3.1.1.6", Accepted),
    ("TC_LONGREQ_V", "3.1.1.7", Accepted),
    ("TC_DBLREQ", "3.1.1.8", Accepted),
    ("TC_SEMIURI_V", "3.1.1.9", Accepted),
    ("TC_TRANSPORTS_V", "3.1.1.10", Accepted),
    ("TC_MPART01", "3.1.1.11", Accepted),
    ("TC_UNREASON_V", "3.1.1.12", Accepted),
    ("TC_NOREASON_V", "3.1.1.13", Accepted),
    ("TC_BADINV01_I", "3.1.2.1", Answered(400)),
    ("TC_CLERR_I", "3.1.2.2", Answered(400)),
    ("TC_NCL_I", "3.1.2.3", Answered(400)),
    ("TC_SCALAR02_V", "3.1.2.4", Answered(400)),
    ("TC_SCALARLG_V", "3.1.2.5", Dropped),
    ("TC_QUOTBAL_I", "3.1.2.6", Answered(400)),
    ("TC_LTGTRURI_I", "3.1.2.7", Answered(400)),
    ("TC_LWSRURI_I", "3.1.2.8", Answered(400)),
    ("TC_LWSSTART_V", "3.1.2.9", Answered(400)),
    ("TC_TRWS_I", "3.1.2.10", Answered(400)),
    ("TC_ESCRURI_V", "3.1.2.11", Answered(400)),
    ("TC_BADDATE_V", "3.1.2.12", Accepted),
    ("TC_REGBADCT_I", "3.1.2.13", Answered(400)),
    ("TC_BADASPEC_I", "3.1.2.14", Answered(400)),
    // The RFC's own archive lacks the empty line here.
    ("TC_BADDN_I", "3.1.2.15", Answered(400)),
    ("TC_BADVERS_V", "3.1.2.16", Answered(505)),
    ("TC_MISMATCH01_V", "3.1.2.17", Answered(400)),
    ("TC_MISMATCH02_V", "3.1.2.18", Answered(400)),
    ("TC_BIGCODE_V", "3.1.2.19", Dropped),
    ("TC_BADBRANCH_V", "3.2.1", Accepted),
    ("TC_INSUF_I", "3.3.1", Answered(400)),
    ("TC_UNKSCM_V", "3.3.2", Answered(416)),
    ("TC_NOVELSC_V", "3.3.3", Answered(416)),
    ("TC_UNKSM2_V", "3.3.4", Accepted),
    ("TC_BEXT01_V", "3.3.5", Accepted),
    ("TC_INVUT_V", "3.3.6", Accepted),
    ("TC_REGAUT01_V", "3.3.7", Accepted),
    ("TC_MULTI01_I", "3.3.8", Answered(400)),
    ("TC_MCL01_I", "3.3.9", Answered(400)),
    ("TC_BCAST_V", "3.3.10", Dropped),
    ("TC_ZEROMF_V", "3.3.11", Accepted),
    ("TC_CPARAM01_V", "3.3.12", Accepted),
    ("TC_CPARAM02_V", "3.3.13", Accepted),
    ("TC_REGESCRT_V", "3.3.14", Accepted),
    ("TC_SDP01_V", "3.3.15", Accepted),
    ("TC_INV2543_I", "3.4.1", Accepted),
];

#[test]
fn every_message_gets_its_verdict() {
    let wrong: Vec<String> = VERDICTS
        .iter()
        .map(|(name, section, expected)| (name, section, expected, judge(&octets(name))))
        .filter(|(_, _, expected, got)| *expected != got)
        .map(|(name, section, expected, got)| format!("{name} ({section}): {got:?} instead of {expected:?}"))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_message_has_a_verdict() {
    let mut judged: Vec<&str> = VERDICTS.iter().map(|(name, _, _)| *name).collect();
    judged.sort_unstable();
    assert_eq!(names(), judged);
}

#[test]
fn what_is_accepted_stays_octet_for_octet() {
    for (name, _, _) in VERDICTS {
        let received = octets(name);
        if let Ok(message) = Message::parse(received.clone()) {
            assert!(received.starts_with(message.bytes()), "{name}");
            assert_eq!(Message::parse(message.bytes().clone()).as_ref(), Ok(&message), "{name}");
        }
    }
}

#[test]
fn odd_white_space_hides_nothing() {
    let request = request(octets("TC_WSINV"));
    let to: To = request.require().unwrap();
    assert_eq!(to.to_string(), "<sip:vivekg@chair-dnrc.example.com>;tag=1918181833n");
    let from: From = request.require().unwrap();
    assert_eq!(
        (from.display(), from.tag()),
        (Some(r#"J Rosenberg \""#), Some("98asjd8"))
    );
    assert_eq!(request.require::<MaxForwards>().unwrap().hops(), 68);
    assert_eq!(request.require::<CSeq>().unwrap().to_string(), "9 INVITE");
    let vias: Vec<String> = request.typed_all::<Via>().unwrap().iter().map(Via::to_string).collect();
    assert_eq!(
        vias,
        [
            "SIP/2.0/UDP 192.0.2.2;branch=390skdjuw",
            "SIP/2.0/TCP spindle.example.com;branch=z9hG4bK9ikj8",
            "SIP/2.0/UDP 192.168.255.111;branch=z9hG4bK30239",
        ]
    );
    let route: Route = request.require().unwrap();
    assert_eq!(
        route.to_string(),
        "<sip:services.example.com;lr;unknownwith=value;unknown-no-value>"
    );
    let contact: Contact = request.require().unwrap();
    assert_eq!(contact.address().unwrap().display(), Some(r#"Quoted string """#));
    assert_eq!(contact.q_thousandths(), 330);
    assert_eq!(request.header(HeaderName::Subject), Some(&b""[..]));
    let newfangled = HeaderName::new("newfangledheader").unwrap();
    assert_eq!(
        request.header(newfangled),
        Some(&b"newfangled value\r\n continued newfangled value"[..])
    );
    assert_eq!(request.body().len(), 150);
}

#[test]
fn all_legal_characters_are_legal() {
    let request = request(octets("TC_INTMETH"));
    assert!(
        matches!(request.method(), Method::Other(name) if name.as_str() == "!interesting-Method0123456789_*+`.%indeed'~")
    );
    let to: To = request.require().unwrap();
    assert_eq!(to.display(), Some("BEL:\u{7} NUL:\0 DEL:\u{7f}"));
    let from: From = request.require().unwrap();
    assert_eq!(from.display(), Some("token1~` token2'+_ token3*%!.-"));
    assert_eq!(from.params().get("fromParam''~+*_!.-%"), Some("работающий"));
    assert_eq!(from.tag(), Some("_token~1'+`*%!-."));
    assert_eq!(request.require::<MaxForwards>().unwrap().hops(), 255);
}

#[test]
fn escapes_are_kept_and_compared_by_what_they_stand_for() {
    let request = request(octets("TC_ESC01_V"));
    assert_eq!(request.uri_text(), "sip:sips%3Auser%40example.com@example.net");
    assert_eq!(request.uri().unwrap().user().unwrap(), "sips:user@example.com");
    let to: To = request.require().unwrap();
    assert_eq!(to.uri().to_string(), "sip:%75se%72@example.com");
    assert!(to.uri().is_equivalent(&Uri::parse("sip:user@example.com").unwrap()));
    let contact: Contact = request.require().unwrap();
    let same = Uri::parse("sip:caller@host5.example.net;lr;name=value%2541").unwrap();
    assert!(contact.address().unwrap().uri().is_equivalent(&same));

    let null = crate::torture::request(octets("TC_ESCNULL_V"));
    let contacts: Vec<Contact> = null.typed_all().unwrap();
    let [one, two] = &contacts[..] else {
        panic!("two contacts")
    };
    let (one, two) = (one.address().unwrap().uri(), two.address().unwrap().uri());
    assert_eq!(
        (one.user().unwrap().as_str(), two.user().unwrap().as_str()),
        ("\0", "\0\0")
    );
    assert!(!one.is_equivalent(two));
}

#[test]
fn a_percent_sign_outside_a_uri_is_no_escape() {
    let request = request(octets("TC_ESC02_V"));
    assert_eq!(request.method().as_str(), "RE%47IST%45R");
    assert_eq!(request.headers(HeaderName::Contact).count(), 2);
    assert_eq!(request.require::<To>().unwrap().display(), Some("%Z%45"));
}

#[test]
fn long_values_and_many_hops_are_read() {
    let request = request(octets("TC_LONGREQ_V"));
    let vias: Vec<Via> = request.typed_all().unwrap();
    assert_eq!(vias.len(), 34);
    assert_eq!(vias[33].received().unwrap().to_string(), "192.0.2.5");
    assert_eq!(request.require::<From>().unwrap().tag().unwrap().len(), 155);
}

#[test]
fn octets_behind_the_body_are_dropped() {
    let received = octets("TC_DBLREQ");
    let request = request(received.clone());
    assert_eq!(request.method(), &Method::Register);
    assert!(request.body().is_empty() && request.bytes().len() < received.len());
}

#[test]
fn semicolons_in_a_user_part_are_no_parameters() {
    let uri = request(octets("TC_SEMIURI_V")).uri().unwrap();
    assert_eq!(uri.user().unwrap(), "user;par=u@example.net");
    assert_eq!(uri.host().unwrap().to_string(), "example.com");
    assert_eq!(uri.param("par"), None);
}

#[test]
fn every_transport_may_stand_in_a_via() {
    let vias: Vec<Via> = request(octets("TC_TRANSPORTS_V")).typed_all().unwrap();
    let transports: Vec<&str> = vias.iter().map(|via| via.transport().as_str()).collect();
    assert_eq!(transports, ["UDP", "SCTP", "TLS", "UNKNOWN", "TCP"]);
}

#[test]
fn a_binary_body_arrives_unchanged() {
    let received = octets("TC_MPART01");
    let body = request(received.clone()).body();
    assert_eq!(body.len(), 553);
    assert_eq!(body, received.slice(received.len() - 553..));
}

#[test]
fn phrases_are_the_senders_own() {
    let spoken = response(octets("TC_UNREASON_V"));
    assert!(spoken.reason().starts_with("= 2**3 * 5**2 но сто"));
    assert_eq!(response(octets("TC_NOREASON_V")).reason(), "");
}

#[test]
fn an_unquoted_comma_in_a_name_is_forgiven() {
    let mut octets = octets("TC_BADDN_I").to_vec();
    octets.extend_from_slice(b"\r\n");
    assert_eq!(judge(&octets), Accepted);
    assert_eq!(
        request(octets).require::<From>().unwrap().display(),
        Some("Bell, Alexander")
    );
}

#[test]
fn a_date_in_another_zone_is_no_date() {
    let request = request(octets("TC_BADDATE_V"));
    assert!(request.typed::<Date>().is_err());
}

#[test]
fn numbers_out_of_range_are_refused_one_by_one() {
    let request = request(octets("TC_SCALAR02_V"));
    assert!(request.require::<CSeq>().is_err());
    assert!(request.require::<MaxForwards>().is_err());
    assert_eq!(request.require::<Contact>().unwrap().expires(), Some(u32::MAX));
    let response = response(octets("TC_SCALARLG_V"));
    assert!(response.require::<CSeq>().is_err());
    assert!(response.require::<RetryAfter>().is_err());
}

#[test]
fn the_cookie_alone_is_no_transaction() {
    let via: Via = request(octets("TC_BADBRANCH_V")).require().unwrap();
    assert_eq!((via.branch(), via.unique_branch()), (Some("z9hG4bK"), None));
}

#[test]
fn what_the_layers_above_decide_can_be_read() {
    let bext = request(octets("TC_BEXT01_V"));
    assert!(bext.require::<Require>().unwrap().contains("nothingSupportsThisEither"));
    assert!(bext.require::<ProxyRequire>().unwrap().contains("noProxiesSupportThis"));
    let invut = request(octets("TC_INVUT_V"));
    assert!(invut.require::<ContentType>().unwrap().is("application/unknownformat"));
    let regaut = request(octets("TC_REGAUT01_V"));
    assert!(regaut.require::<Authorization>().unwrap().as_digest().is_none());
    assert_eq!(
        request(octets("TC_ZEROMF_V")).require::<MaxForwards>().unwrap().hops(),
        0
    );
    let sdp = request(octets("TC_SDP01_V"));
    assert!(!sdp.require::<Accept>().unwrap().accepts("application/sdp"));
    let unknown = request(octets("TC_UNKSM2_V"));
    assert!(matches!(unknown.require::<To>().unwrap().uri(), Uri::Other(uri) if uri.scheme() == "isbn"));
}

#[test]
fn contact_parameters_belong_to_the_header_unless_brackets_say_otherwise() {
    let outside: Contact = request(octets("TC_CPARAM01_V")).require().unwrap();
    let inside: Contact = request(octets("TC_CPARAM02_V")).require().unwrap();
    let (outside, inside) = (outside.address().unwrap(), inside.address().unwrap());
    assert!(outside.params().contains("unknownparam") && outside.uri().param("unknownparam").is_none());
    assert!(!inside.params().contains("unknownparam") && inside.uri().param("unknownparam").is_some());
}

#[test]
fn a_route_escaped_in_a_contact_is_carried_and_not_followed() {
    let register = request(octets("TC_REGESCRT_V"));
    let contact: Contact = register.require().unwrap();
    let route = contact.address().unwrap().uri().as_sip().unwrap().header("Route");
    assert_eq!(route.unwrap(), "<sip:sip.example.com>");
    assert_eq!(register.headers(HeaderName::Route).count(), 0);
}

#[test]
fn a_request_of_rfc_2543_is_served() {
    let invite = request(octets("TC_INV2543_I"));
    assert_eq!(invite.require::<Via>().unwrap().branch(), None);
    assert_eq!(invite.require::<From>().unwrap().tag(), None);
    assert!(
        !invite.body().is_empty(),
        "without Content-Length the body is the rest of the datagram"
    );
}

#[test]
fn broken_requests_get_answers_that_their_senders_can_match() {
    for name in ["TC_LWSSTART_V", "TC_BADVERS_V", "TC_CLERR_I", "TC_NCL_I"] {
        let received = octets(name);
        let reply = Message::parse(received.clone())
            .unwrap_err()
            .reply()
            .unwrap()
            .to_tag("ours")
            .build();
        let text = String::from_utf8(received.to_vec()).unwrap();
        let call_id = std::str::from_utf8(reply.header(HeaderName::CallId).unwrap()).unwrap();
        assert!(text.contains(call_id), "{name}");
        assert!(reply.require::<To>().unwrap().tag().is_some(), "{name}");
        assert_eq!(
            Message::parse(Bytes::clone(reply.bytes())),
            Ok(Message::Response(reply)),
            "{name}"
        );
    }
}
