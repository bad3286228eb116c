//! RFC 5118: IPv6 in SIP messages.

use wigwag_sip::wire::{
    Uri,
    header::{Contact, Via},
};

use crate::torture::{
    Outcome::{self, Accepted, Answered},
    judge, request,
};

/// A message around the parts that the RFC varies.
fn message(method: &str, uri: &str, via: &str, contact: &str) -> String {
    format!(
        "{method} {uri} SIP/2.0\r\nTo: sip:user@example.com\r\nFrom: sip:user@example.com;tag=81x2\r\nVia: {via}\r\n\
         Call-ID: SSG9559905523997077@hlau_4100\r\nContact: {contact}\r\nMax-Forwards: 70\r\nCSeq: 98176 {method}\r\n\
         Content-Length: 0\r\n\r\n"
    )
}

const VIA: &str = "SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111";
const CONTACT: &str = "\"Caller\" <sip:caller@[2001:db8::1]>";

fn judged(uri: &str) -> Outcome {
    judge(message("REGISTER", uri, VIA, CONTACT).as_bytes())
}

#[test]
fn section_4_1_a_valid_address_in_brackets() {
    assert_eq!(judged("sip:[2001:db8::10]"), Accepted);
    let request = request(message("REGISTER", "sip:[2001:db8::10]", VIA, CONTACT));
    assert_eq!(request.uri().unwrap().host().unwrap().to_string(), "[2001:db8::10]");
    assert_eq!(request.require::<Via>().unwrap().host().to_string(), "[2001:db8::9:1]");
    let contact: Contact = request.require().unwrap();
    assert_eq!(contact.to_string(), CONTACT);
}

#[test]
fn section_4_2_an_address_without_brackets() {
    assert_eq!(judged("sip:2001:db8::10"), Answered(400));
}

#[test]
fn sections_4_3_and_4_4_a_port_stands_behind_the_brackets() {
    let ambiguous = Uri::parse("sip:[2001:db8::10:5070]").unwrap();
    assert_eq!(
        (ambiguous.host().unwrap().to_string().as_str(), ambiguous.port()),
        ("[2001:db8::10:5070]", None)
    );
    let clear = Uri::parse("sip:[2001:db8::10]:5070").unwrap();
    assert_eq!(
        (clear.host().unwrap().to_string().as_str(), clear.port()),
        ("[2001:db8::10]", Some(5070))
    );
    assert_eq!(
        (judged("sip:[2001:db8::10:5070]"), judged("sip:[2001:db8::10]:5070")),
        (Accepted, Accepted)
    );
}

#[test]
fn section_4_5_received_with_and_without_brackets() {
    for received in ["[2001:db8::9:255]", "2001:db8::9:255"] {
        let via = format!("SIP/2.0/UDP [2001:db8::9:1];received={received};branch=z9hG4bKas3-111");
        let request = request(message("BYE", "sip:[2001:db8::10]", &via, CONTACT));
        assert_eq!(request.validate(), Ok(()));
        assert_eq!(
            request.require::<Via>().unwrap().answer_to().0.to_string(),
            "[2001:db8::9:255]"
        );
    }
}

#[test]
fn section_4_5_received_is_written_without_brackets() {
    let request = request(message(
        "BYE",
        "sip:[2001:db8::10]",
        "SIP/2.0/UDP h;rport;branch=z9hG4bK1",
        CONTACT,
    ));
    let noted = request
        .with_received("[2001:db8::9:255]:5070".parse().unwrap())
        .unwrap();
    assert_eq!(
        noted.require::<Via>().unwrap().to_string(),
        "SIP/2.0/UDP h;rport=5070;branch=z9hG4bK1;received=2001:db8::9:255"
    );
}

#[test]
fn section_4_7_both_families_in_one_message() {
    let vias = "SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111\r\nVia: SIP/2.0/TCP [2001:db8::9:1];branch=1,\r\n \
                SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKkas";
    let request = request(message("BYE", "sip:user@host.example.net", vias, CONTACT));
    let hosts: Vec<String> = request
        .typed_all::<Via>()
        .unwrap()
        .iter()
        .map(|via| via.host().to_string())
        .collect();
    assert_eq!(hosts, ["[2001:db8::9:1]", "[2001:db8::9:1]", "192.0.2.1"]);
}

#[test]
fn section_4_9_an_ipv4_address_mapped_into_ipv6() {
    let contact = "\"T. desk phone\" <sip:ted@[::ffff:192.0.2.2]>";
    let via = "SIP/2.0/UDP [::ffff:192.0.2.10]:19823;branch=z9hG4bKbh19";
    let request = request(message("INVITE", "sip:user@example.com", via, contact));
    assert_eq!(request.validate(), Ok(()));
    assert_eq!(request.require::<Via>().unwrap().to_string(), via);
    assert_eq!(request.require::<Contact>().unwrap().to_string(), contact);
}

#[test]
fn section_4_10_three_colons_before_an_embedded_ipv4_address() {
    assert_eq!(judged("sip:user@[2001:db8:::192.0.2.1]"), Accepted);
    let tolerated = Uri::parse("sip:user@[2001:db8:::192.0.2.1]").unwrap();
    assert_eq!(tolerated, Uri::parse("sip:user@[2001:db8::192.0.2.1]").unwrap());
}
