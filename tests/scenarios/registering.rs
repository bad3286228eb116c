//! What a phone is told when it registers, over whichever transport, and whom its addresses lead to.

use harness::{Letter, SipAccount, Stranger};
use wigwag_model::DeviceAuthentication;
use wigwag_sip::{
    digest::Algorithm,
    wire::{
        HeaderName, Method, Request, Response, StatusCode,
        header::{Contact, FlowTimer, Require, To, WwwAuthenticate},
    },
};

use crate::office::{ALICE, BOB, Office};

const OFFERS: &str = "path, gruu, outbound";

#[tokio::test]
async fn a_phone_over_a_web_socket_is_told_its_flow_and_its_addresses() {
    let office = Office::open().await;
    let account = office.account(BOB);
    let mut browser = browser(&office).await;
    let mut register = register(&account, "<urn:uuid:00000000-0000-4000-8000-000000000001>");
    let registered = browser.ask_as(&mut register, &account).await;
    assert_eq!(registered.status(), StatusCode::OK);
    let required: Require = registered.require().expect("outbound is required");
    assert!(required.contains("outbound"));
    assert_eq!(
        registered
            .require::<FlowTimer>()
            .expect("keep-alives are wanted")
            .seconds(),
        30
    );
    let contact = only_contact(&registered);
    assert_eq!(contact.reg_id(), Some(1));
    assert_eq!(contact.expires(), Some(600), "a flow that is kept open needs no haste");
    let (public, temporary) = (gruu(&contact, "pub-gruu"), gruu(&contact, "temp-gruu"));
    let expected = format!("{};gr=urn:uuid:00000000-0000-4000-8000-000000000001", account.uri());
    assert_eq!(public, expected);
    assert!(!temporary.contains(&account.username), "{temporary} names nobody");
    let again = browser.ask_as(&mut register, &account).await;
    assert_eq!(gruu(&only_contact(&again), "pub-gruu"), public);
    assert_ne!(gruu(&only_contact(&again), "temp-gruu"), temporary);
}

#[tokio::test]
async fn who_asks_for_nothing_is_told_nothing() {
    let office = Office::open().await;
    let account = office.account(BOB);
    let mut stranger = office.stranger().await;
    let mut letter = Letter::new(Method::Register, &account.uri(), &account.uri());
    let registered = stranger.ask_as(&mut letter, &account).await;
    assert_eq!(registered.status(), StatusCode::OK);
    assert!(registered.header(HeaderName::Require).is_none());
    let contact = only_contact(&registered).to_string();
    assert!(!contact.contains("gruu") && !contact.contains("instance"), "{contact}");
}

#[tokio::test]
async fn calls_to_a_device_reach_that_device_only() {
    let office = Office::open().await;
    let (alice, bob) = (office.account(ALICE), office.account(BOB));
    let mut caller = office.stranger().await;
    let (mut desk, mut laptop) = (browser(&office).await, browser(&office).await);
    desk.ask_as(&mut register(&bob, "<urn:uuid:desk>"), &bob).await;
    let registered = laptop.ask_as(&mut register(&bob, "<urn:uuid:laptop>"), &bob).await;
    let laptops = bindings(&registered).into_iter().find(|contact| {
        let instance = contact.instance();
        instance == Some("<urn:uuid:laptop>")
    });
    let laptops = laptops.expect("its own contact is told");
    for address in [gruu(&laptops, "pub-gruu"), gruu(&laptops, "temp-gruu")] {
        let mut invite = Letter::new(Method::Invite, &alice.uri(), &address).offering(caller.address(), false);
        invite.to = format!("<{}>", bob.uri());
        let challenge = caller.ask(&mut invite).await;
        let proof = alice
            .proof(&challenge, &Method::Invite, &invite.uri, "x")
            .expect("a challenge");
        caller.post_with(&mut invite, &proof).await;
        refuse(&mut laptop).await;
        assert_eq!(caller.answer().await.status().as_u16(), 486);
        caller.acknowledge(&mut invite).await;
    }
    let nobody = format!("{};gr=urn:uuid:somebody", bob.uri());
    let mut invite = Letter::new(Method::Invite, &alice.uri(), &nobody).offering(caller.address(), false);
    assert_eq!(caller.ask_as(&mut invite, &alice).await.status().as_u16(), 480);
    let mut options = Letter::new(Method::Options, &bob.uri(), &bob.uri());
    let heard = desk.ask_as(&mut options, &bob).await;
    assert_eq!(heard.status(), StatusCode::OK, "it has heard nothing before");
}

#[tokio::test]
async fn a_device_set_to_sha_256_and_one_that_knows_md5_only_share_an_extension() {
    let office = Office::open().await;
    let extension = office.extension_id(BOB).await;
    let old = office.account(BOB);
    let wanted = Some(DeviceAuthentication::Sha256);
    let (_, settings) = office.api.add_device_with(extension, "New phone", wanted).await;
    let new = old.clone().with_password(settings.password.expose());
    let (mut old_phone, mut new_phone) = (office.stranger().await, office.stranger().await);
    let mut letter = register(&old, "<urn:uuid:old>");
    assert_eq!(algorithm(&old_phone.ask(&mut letter).await), Algorithm::Md5);
    assert_eq!(old_phone.ask_as(&mut letter, &old).await.status(), StatusCode::OK);
    let mut letter = register(&new, "<urn:uuid:new>");
    let challenge = new_phone.ask_as(&mut letter, &new).await;
    assert_eq!(
        algorithm(&challenge),
        Algorithm::Sha256,
        "knowing the password by MD5 is not enough"
    );
    let proof = new
        .proof(&challenge, &Method::Register, &letter.uri, "x")
        .expect("a challenge");
    assert_eq!(new_phone.ask_with(&mut letter, &proof).await.status(), StatusCode::OK);
    let next = new_phone.ask(&mut letter).await;
    assert_eq!(algorithm(&next), Algorithm::Sha256, "it is known from now on");
    let wrong = new.with_password("wrong");
    assert_eq!(old_phone.ask_as(&mut letter, &wrong).await.status().as_u16(), 403);
}

async fn browser(office: &Office) -> Stranger {
    Stranger::over_web_socket(&office.server.ready().sip.ws).await
}

/// A REGISTER as JsSIP sends it.
fn register(account: &SipAccount, instance: &str) -> Letter {
    let mut letter = Letter::new(Method::Register, &account.uri(), &account.uri()).without_contact();
    letter.uri = format!("sip:{}", account.domain);
    let contact = format!(
        "<sip:q7t2@df7jal23ls0d.invalid;transport=ws>;+sip.ice;reg-id=1;+sip.instance=\"{instance}\";expires=600"
    );
    letter
        .with(HeaderName::Contact, contact)
        .with(HeaderName::Supported, OFFERS)
}

fn bindings(registered: &Response) -> Vec<Contact> {
    registered.typed_all().expect("contacts are told")
}

fn only_contact(registered: &Response) -> Contact {
    let [contact] = <[Contact; 1]>::try_from(bindings(registered)).expect("one contact is told");
    contact
}

fn gruu(contact: &Contact, name: &str) -> String {
    let address = contact.address().expect("an address");
    address.params().get(name).expect("a GRUU is told").to_owned()
}

fn algorithm(challenge: &Response) -> Algorithm {
    assert_eq!(challenge.status(), StatusCode::UNAUTHORIZED);
    let challenges: Vec<WwwAuthenticate> = challenge.typed_all().expect("a challenge");
    let [challenge] = challenges.as_slice() else {
        panic!("exactly one challenge, not {}", challenges.len());
    };
    Algorithm::of(challenge.0.as_digest().expect("digest").algorithm()).expect("a known one")
}

/// A phone that rings, and whose owner is busy.
async fn refuse(phone: &mut Stranger) {
    let invite = loop {
        let request = phone.request().await;
        if *request.method() == Method::Invite {
            break request;
        }
    };
    let to: To = invite.require().expect("a To");
    assert!(to.tag().is_none());
    let busy = answer(&invite, StatusCode::BUSY_HERE);
    phone.send(busy.bytes()).await;
}

fn answer(request: &Request, status: StatusCode) -> Response {
    Response::reply_to(request, status).to_tag("busy").build()
}
