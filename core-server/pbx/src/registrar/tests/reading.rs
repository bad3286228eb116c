//! How a REGISTER is read: contacts, keys, and for how long.

use std::net::SocketAddr;

use wigwag_sansio::Pii;
use wigwag_sip::wire::{SipUri, header::Transport};

use super::stage::{Phone, reach, register};
use crate::registrar::{Contacts, Reach, Refusal, Registration};

fn read_over(reach: Reach, contacts: &[&str], expires: Option<u32>) -> Result<Registration, Refusal> {
    let contacts: Vec<String> = contacts.iter().map(ToString::to_string).collect();
    let is_ours = |uri: &SipUri| uri.host().to_string() == "192.0.2.1";
    Registration::read(
        &register("a", 1, &contacts, expires),
        Phone::new("desk", 1).device,
        reach,
        is_ours,
    )
}

fn read(contacts: &[&str], expires: Option<u32>) -> Result<Registration, Refusal> {
    read_over(reach(1), contacts, expires)
}

/// For how long the only contact is bound, in seconds.
fn seconds(contact: &str, expires: Option<u32>) -> Result<u64, Refusal> {
    match read(&[contact], expires)?.contacts {
        Contacts::List(contacts) => Ok(contacts[0].expires.as_secs()),
        Contacts::None | Contacts::All => panic!("a list"),
    }
}

fn key(reach: Reach, contact: &str) -> String {
    match read_over(reach, &[contact], None).expect("a good contact").contacts {
        Contacts::List(contacts) => contacts[0].key.as_str().to_string(),
        Contacts::None | Contacts::All => panic!("a list"),
    }
}

#[test]
fn the_time_is_the_contacts_own_else_the_headers_else_an_hour() {
    assert_eq!(seconds("<sip:a@192.0.2.9>;expires=600", Some(900)), Ok(600));
    assert_eq!(seconds("<sip:a@192.0.2.9>", Some(900)), Ok(900));
    assert_eq!(seconds("<sip:a@192.0.2.9>", None), Ok(3600));
}

#[test]
fn too_short_is_refused_and_too_long_is_shortened() {
    assert_eq!(seconds("<sip:a@192.0.2.9>", Some(59)), Err(Refusal::IntervalTooBrief));
    assert_eq!(seconds("<sip:a@192.0.2.9>", Some(60)), Ok(60));
    assert_eq!(seconds("<sip:a@192.0.2.9>", Some(86_400)), Ok(7200));
    assert_eq!(seconds("<sip:a@192.0.2.9>", Some(u32::MAX)), Ok(7200));
    assert_eq!(seconds("<sip:a@192.0.2.9>", Some(0)), Ok(0));
}

#[test]
fn a_phone_behind_an_address_translator_keeps_its_way_open() {
    assert_eq!(seconds("<sip:a@10.0.0.7:5060>", Some(3600)), Ok(180));
    assert_eq!(seconds("<sip:a@phone.local>", Some(3600)), Ok(180));
    assert_eq!(seconds("<sip:a@10.0.0.7:5060>", Some(90)), Ok(90));
}

#[test]
fn a_star_stands_alone_and_removes() {
    assert_eq!(read(&["*"], Some(0)).map(|it| it.contacts), Ok(Contacts::All));
    assert_eq!(read(&["*"], Some(3600)), Err(Refusal::BadWildcard));
    assert_eq!(read(&["*"], None), Err(Refusal::BadWildcard));
    assert_eq!(read(&["*", "<sip:a@192.0.2.9>"], Some(0)), Err(Refusal::BadWildcard));
}

#[test]
fn contacts_that_nobody_should_call_are_refused() {
    assert_eq!(read(&["<tel:+441632960123>"], None), Err(Refusal::BadContact));
    assert_eq!(read(&["<mailto:a@example.org>"], None), Err(Refusal::BadContact));
    // Calls to it would come back to us for ever.
    assert_eq!(read(&["<sip:202@192.0.2.1>"], None), Err(Refusal::BadContact));
    assert_eq!(read(&["<<<"], None), Err(Refusal::BadContact));
}

#[test]
fn nobody_binds_more_contacts_at_once_than_an_extension_may_have() {
    let contacts: Vec<String> = (0..6).map(|number| format!("<sip:a{number}@192.0.2.9>")).collect();
    let contacts: Vec<&str> = contacts.iter().map(String::as_str).collect();
    assert!(read(&contacts[..5], None).is_ok());
    assert_eq!(read(&contacts, None), Err(Refusal::TooManyContacts));
}

#[test]
fn a_phone_is_known_by_its_instance_wherever_it_comes_from() {
    let contact = "<sip:a@192.0.2.9>;+sip.instance=\"<urn:uuid:1>\"";
    assert_eq!(
        key(reach(1), contact),
        key(reach(2), "<sip:b@10.0.0.1>;+sip.instance=\"<urn:uuid:1>\"")
    );
    let second_flow = "<sip:a@192.0.2.9>;+sip.instance=\"<urn:uuid:1>\";reg-id=2";
    assert_ne!(key(reach(1), contact), key(reach(1), second_flow));
}

#[test]
fn a_phone_without_instance_is_known_by_where_it_comes_from() {
    let contact = "<sip:a@192.0.2.9>";
    let from = |port, transport| Reach {
        transport,
        remote: Pii::new(SocketAddr::from(([192, 0, 2, 9], port))),
        ..reach(1)
    };
    assert_eq!(
        key(from(5060, Transport::Udp), contact),
        key(from(5060, Transport::Udp), contact)
    );
    assert_ne!(
        key(from(5060, Transport::Udp), contact),
        key(from(5061, Transport::Udp), contact)
    );
    assert_ne!(
        key(from(5060, Transport::Udp), contact),
        key(from(5060, Transport::Tcp), contact)
    );
    assert_ne!(
        key(from(5060, Transport::Udp), contact),
        key(from(5060, Transport::Udp), "<sip:b@192.0.2.9>")
    );
}

#[test]
fn no_contact_is_a_question() {
    assert_eq!(read(&[], None).map(|it| it.contacts), Ok(Contacts::None));
}
