//! What is no message, or none that anybody should send: refused in the protocol's own words, counted, and nobody
//! else notices.

use harness::{Letter, Stranger};
use wigwag_sip::wire::{HeaderName, Method, Response};

use crate::office::{ALICE, BOB, Office};

/// What is counted of messages that cannot be read.
const MALFORMED: &str = "wigwag_sip_malformed_total";

/// A request that lacks or breaks one thing each, and what it is answered with.
const BROKEN: [(&str, u16); 5] = [
    (
        "INVITE sip:202@wigwag.localhost SIP/2.0\r\n{via}{from}{to}{call}CSeq: 1 BYE\r\nMax-Forwards: 70\r\n\r\n",
        400,
    ),
    (
        "INVITE sip:202@wigwag.localhost SIP/2.0\r\n{via}{from}{to}{call}CSeq: 1 INVITE\r\nMax-Forwards: x\r\n\r\n",
        400,
    ),
    (
        "INVITE sip:202@wigwag.localhost SIP/2.0\r\n{via}{from}{call}CSeq: 1 INVITE\r\nMax-Forwards: 70\r\n\r\n",
        400,
    ),
    (
        "INVITE sip:202@wigwag.localhost SIP/7.0\r\n{via}{from}{to}{call}CSeq: 1 INVITE\r\nMax-Forwards: 70\r\n\r\n",
        505,
    ),
    (
        "INVITE sip:202@wigwag.localhost SIP/2.0\r\n{via}{from}{to}{call}CSeq: 99999999999 INVITE\r\nMax-Forwards: 70\r\n\r\n",
        400,
    ),
];

/// What has nothing in it that could be answered.
const NOISE: [&[u8]; 5] = [
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"GET / HTTP/1.1\r\nHost: wigwag.localhost\r\n\r\n",
    b"INVITE sip:202@wigwag.localhost SIP/2.0\r\nVia",
    b"\xff\xfe\xfd\xfc\xfb\xfa",
    b"SIP/2.0 200 OK\r\n\r\n",
];

#[tokio::test]
async fn malformed_datagrams_are_refused_or_dropped() {
    let mut office = Office::open().await;
    let bystanders = office.bystanders().await;
    let mut stranger = office.stranger().await;
    for (text, status) in BROKEN {
        stranger.send(filled(text, &stranger)).await;
        assert_eq!(status_of(&stranger.answer().await), status, "{text}");
    }
    for noise in NOISE {
        stranger.send(noise).await;
    }
    stays_in_service(&mut stranger).await;
    let count = BROKEN.len() + NOISE.len();
    counts_malformed(&office, count as u64).await;
    office.server.says("A message could not be read").await;
    bystanders.part().await;
    office.server.settle().await;
}

#[tokio::test]
async fn malformed_messages_on_a_connection_are_refused_and_what_has_no_end_closes_it() {
    let mut office = Office::open().await;
    let bystanders = office.bystanders().await;
    let tcp = office.server.ready().sip.tcp;
    let mut stranger = Stranger::over_tcp(tcp).await;
    for (text, status) in BROKEN {
        let text = filled(text, &stranger).replace("\r\n\r\n", "\r\nContent-Length: 0\r\n\r\n");
        stranger.send(text).await;
        assert_eq!(status_of(&stranger.answer().await), status);
    }
    stays_in_service(&mut stranger).await;
    for endless in [
        &[b'x'; 70_000][..],
        b"OPTIONS sip:wigwag.localhost SIP/2.0\r\nContent-Length: -1\r\n\r\n",
    ] {
        let mut stranger = Stranger::over_tcp(tcp).await;
        stranger.send(endless).await;
        stranger.is_sent_away().await;
    }
    counts_malformed(&office, BROKEN.len() as u64).await;
    office.server.says("A message could not be read").await;
    bystanders.part().await;
    office.server.settle().await;
}

#[tokio::test]
async fn oversized_messages_are_refused() {
    let office = Office::open().await;
    let bystanders = office.bystanders().await;
    let mut stranger = office.stranger().await;
    let bob = office.account(BOB).uri();
    let mut long_header = Letter::new(Method::Options, "sip:x@wigwag.localhost", &bob);
    long_header = long_header.with(HeaderName::Subject, "x".repeat(10_000));
    assert!(status_of(&stranger.ask(&mut long_header).await) >= 400);
    let mut many_headers = Letter::new(Method::Options, "sip:x@wigwag.localhost", &bob);
    for _ in 0..300 {
        many_headers = many_headers.with(HeaderName::Subject, "x");
    }
    assert!(status_of(&stranger.ask(&mut many_headers).await) >= 400);
    let mut over_tcp = Stranger::over_tcp(office.server.ready().sip.tcp).await;
    let head = "OPTIONS sip:wigwag.localhost SIP/2.0\r\n{via}{from}{to}{call}CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n";
    let head = filled(head, &over_tcp);
    over_tcp.send(format!("{head}Content-Length: 1000000000\r\n\r\n")).await;
    over_tcp.is_sent_away().await;
    stays_in_service(&mut stranger).await;
    counts_malformed(&office, 2).await;
    bystanders.part().await;
    office.server.settle().await;
}

#[tokio::test]
async fn truncated_messages_are_refused_or_wait_for_their_rest() {
    let office = Office::open().await;
    let bystanders = office.bystanders().await;
    let mut stranger = office.stranger().await;
    let rtp = stranger.address();
    let mut whole =
        Letter::new(Method::Invite, &office.account(ALICE).uri(), &office.account(BOB).uri()).offering(rtp, false);
    let datagram = stranger.post(&mut whole).await;
    assert_eq!(status_of(&stranger.answer().await), 401);
    let (datagram, body) = (datagram.bytes().clone(), datagram.body().len());
    stranger.send(&datagram[..datagram.len() - body / 2]).await;
    assert_eq!(status_of(&stranger.answer().await), 400);
    let mut stutterer = office.stranger().await;
    for length in (1..datagram.len() - body).step_by(40) {
        stutterer.send(&datagram[..length]).await;
    }
    stays_in_service(&mut stranger).await;
    let mut over_tcp = Stranger::over_tcp(office.server.ready().sip.tcp).await;
    let (first, rest) = datagram.split_at(datagram.len() / 2);
    over_tcp.send(first).await;
    over_tcp.send(rest).await;
    assert_eq!(status_of(&over_tcp.answer().await), 401);
    bystanders.part().await;
    office.server.settle().await;
}

#[tokio::test]
async fn half_a_message_on_a_connection_is_waited_for_ten_seconds() {
    let office = Office::open().await;
    let bystanders = office.bystanders().await;
    let tcp = office.server.ready().sip.tcp;
    let (mut silent, mut slow) = (Stranger::over_tcp(tcp).await, Stranger::over_tcp(tcp).await);
    slow.send("OPTIONS sip:wigwag.localhost SIP/2.0\r\nVia: SIP").await;
    slow.is_sent_away().await;
    silent.is_sent_away().await;
    bystanders.part().await;
    office.server.settle().await;
}

#[tokio::test]
async fn garbage_on_the_encrypted_port_closes_that_connection_only() {
    let office = Office::open().await;
    let bystanders = office.bystanders().await;
    let tls = office.server.ready().sip.tls;
    for garbage in [
        &b"OPTIONS sip:wigwag.localhost SIP/2.0\r\n\r\n"[..],
        &[0xff; 1000],
        &[0x16, 3, 1, 0xff, 0xff, 1],
    ] {
        let mut stranger = Stranger::over_tcp(tls).await;
        stranger.send(garbage).await;
        stranger.is_sent_away().await;
    }
    stays_in_service(&mut office.stranger().await).await;
    bystanders.part().await;
    office.server.settle().await;
}

#[tokio::test]
async fn requests_that_nobody_here_understands_are_told_so() {
    let office = Office::open().await;
    let bystanders = office.bystanders().await;
    let mut stranger = office.stranger().await;
    let alice = office.account(ALICE);
    let bob = office.account(BOB).uri();
    let mut far = Letter::new(Method::Invite, &alice.uri(), &bob);
    far.hops = 0;
    assert_eq!(status_of(&stranger.ask_as(&mut far, &alice).await), 483);
    let mut unknown = Letter::new(Method::new("DANCE").expect("a word is a method"), &alice.uri(), &bob);
    let refused = stranger.ask_as(&mut unknown, &alice).await;
    assert_eq!(status_of(&refused), 405);
    let allowed = refused.header(HeaderName::Allow).expect("a 405 says what is allowed");
    assert!(String::from_utf8_lossy(allowed).contains("INVITE"));
    let mut strange = Letter::new(Method::Register, &alice.uri(), &alice.uri()).with(HeaderName::Require, "levitation");
    let refused = stranger.ask_as(&mut strange, &alice).await;
    assert_eq!(status_of(&refused), 420);
    assert_eq!(refused.header(HeaderName::Unsupported), Some(&b"levitation"[..]));
    let rtp = stranger.address();
    let mut strange = Letter::new(Method::Invite, &alice.uri(), &bob).with(HeaderName::Require, "levitation");
    strange = strange.offering(rtp, false);
    assert_eq!(status_of(&stranger.ask_as(&mut strange, &alice).await), 420);
    let mut foreign = Letter::new(Method::Invite, &alice.uri(), &bob);
    foreign.uri = "mailto:bob@wigwag.localhost".to_owned();
    assert_eq!(status_of(&stranger.ask_as(&mut foreign, &alice).await), 416);
    let mut elsewhere = Letter::new(Method::Invite, &alice.uri(), "sip:bob@example.com");
    assert_eq!(status_of(&stranger.ask_as(&mut elsewhere, &alice).await), 404);
    bystanders.part().await;
    office.server.settle().await;
}

#[tokio::test]
async fn requests_of_dialogs_that_do_not_exist_are_told_so() {
    let office = Office::open().await;
    let bystanders = office.bystanders().await;
    let mut stranger = office.stranger().await;
    let alice = office.account(ALICE);
    for method in [Method::Bye, Method::Invite, Method::Update, Method::Info, Method::Refer] {
        let mut letter = Letter::new(method, &alice.uri(), &office.account(BOB).uri());
        let tag = letter.word();
        letter.to = format!("{};tag={tag}", letter.to);
        assert_eq!(status_of(&stranger.ask(&mut letter).await), 481, "{}", letter.method);
        assert_eq!(
            status_of(&stranger.ask_as(&mut letter, &alice).await),
            481,
            "{}",
            letter.method
        );
    }
    let figures = office.server.figures().await;
    assert_eq!(figures.of("wigwag_sip_strays_total"), 10);
    bystanders.part().await;
    office.server.settle().await;
}

/// It is still answered.
async fn stays_in_service(stranger: &mut Stranger) {
    let mut question = Letter::new(Method::Options, "sip:x@wigwag.localhost", "sip:wigwag.localhost");
    assert_eq!(status_of(&stranger.ask(&mut question).await), 200);
}

async fn counts_malformed(office: &Office, count: u64) {
    let what = "malformed messages are counted";
    let figures = office
        .server
        .figures_with(what, |figures| figures.of(MALFORMED) >= count)
        .await;
    assert!(figures.of(MALFORMED) >= count);
}

fn status_of(response: &Response) -> u16 {
    response.status().as_u16()
}

/// The text with the headers that every request has.
fn filled(text: &str, stranger: &Stranger) -> String {
    let via = format!("Via: SIP/2.0/UDP {};rport;branch=z9hG4bKbroken\r\n", stranger.address());
    text.replace("{via}", &via)
        .replace("{from}", "From: <sip:x@wigwag.localhost>;tag=1\r\n")
        .replace("{to}", "To: <sip:y@wigwag.localhost>\r\n")
        .replace("{call}", "Call-ID: broken\r\n")
}
