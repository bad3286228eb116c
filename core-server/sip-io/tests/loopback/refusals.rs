//! Broken messages: each is answered in the protocol's own words, or dropped where that is right.

use wigwag_sip::wire::{HeaderName, Request, header::To};
use wigwag_sip_io::{Transport, Verdict};

use crate::peer::{Peer, RawTcp, RawUdp, answer, config, header, raw};

const VIA: &str = "UDP 192.0.2.9;rport";

fn good() -> String {
    raw("OPTIONS", VIA, "")
}

#[tokio::test]
async fn each_fault_has_its_status() {
    let bob = Peer::start(config(&[Transport::Udp]));
    let alice = RawUdp::towards(bob.address(Transport::Udp)).await;
    let big_body = format!("Content-Length: 40000\r\n\r\n{}", "x".repeat(40_000));
    for (what, message, status) in [
        (
            "stray control byte in a name",
            good().replace("Max-Forwards", "Max\u{1}Forwards"),
            400,
        ),
        ("truncated body", good().replace("Length: 0", "Length: 999"), 400),
        ("no To", good().replace("To:", "X-To:"), 400),
        ("unbalanced quotes", good().replace("To: <", "To: \"Bob <"), 400),
        ("other method in CSeq", good().replace("1 OPTIONS", "1 INVITE"), 400),
        (
            "number out of range",
            good().replace("CSeq: 1", "CSeq: 36893488147419103232"),
            400,
        ),
        (
            "other version",
            good().replace("bob@127.0.0.1 SIP/2.0", "bob@127.0.0.1 SIP/7.0"),
            505,
        ),
        (
            "unknown scheme",
            good().replace("OPTIONS sip:bob@127.0.0.1", "OPTIONS nobodyknows:x"),
            416,
        ),
        (
            "no hops left",
            raw("INVITE", VIA, "").replace("Forwards: 70", "Forwards: 0"),
            483,
        ),
        (
            "large body",
            good().replace("Content-Length: 0\r\n\r\n", &big_body),
            413,
        ),
        (
            "long header",
            good().replace("CSeq", &format!("X: {}\r\nCSeq", "x".repeat(9_000))),
            513,
        ),
        (
            "many headers",
            good().replace("CSeq", &format!("{}CSeq", "X: y\r\n".repeat(300))),
            513,
        ),
    ] {
        alice.send(message).await;
        // What cannot be answered is followed by what can.
        alice
            .send(raw("INVITE", VIA, "").replace("Forwards: 70", "Forwards: 0"))
            .await;
        let mut statuses = Vec::new();
        while statuses.last() != Some(&483) {
            statuses.push(alice.receive_response().await.status().as_u16());
        }
        if status == 483 {
            assert_eq!(alice.receive_response().await.status().as_u16(), 483, "{what}");
        } else {
            assert_eq!(
                statuses,
                if status == 0 { vec![483] } else { vec![status, 483] },
                "{what}"
            );
        }
    }
    assert_eq!(bob.endpoint.metrics().malformed.value(), 11);
    assert_eq!(bob.endpoint.transactions(), 0);
}

#[tokio::test]
async fn an_answer_to_a_broken_request_has_a_tag_and_goes_to_its_source() {
    let bob = Peer::start(config(&[Transport::Udp]));
    let alice = RawUdp::towards(bob.address(Transport::Udp)).await;
    let broken = good().replace("1 OPTIONS", "1 INVITE");
    alice.send(&broken).await;
    let first = alice.receive_response().await;
    assert!(header::<To>(&first).tag().is_some());
    assert_eq!(first.header(HeaderName::CallId), Some(&b"raw"[..]));
    alice.send(&broken).await;
    assert_eq!(
        alice.receive_response().await,
        first,
        "the same request gets the same answer"
    );
}

#[tokio::test]
async fn noise_acks_and_responses_get_no_answer() {
    let mut bob = Peer::start(config(&[Transport::Udp]));
    let alice = RawUdp::towards(bob.address(Transport::Udp)).await;
    for noise in [
        "x".to_owned(),
        "\0\0\0\0".to_owned(),
        "\r\n".to_owned(),
        "GET / HTTP/1.1\r\n\r\n".to_owned(),
        raw("ACK", VIA, "").replace("CSeq: 1", "CSeq: x"),
        "SIP/2.0 200 OK\r\n\r\n".to_owned(),
        good().replace("OPTIONS sip:bob@127.0.0.1 SIP/2.0", "SIP/2.0 4294967301 Better"),
        good().replace("OPTIONS sip:bob@127.0.0.1 SIP/2.0", "SIP/2.0 200 OK"),
    ] {
        alice.send(noise).await;
    }
    alice.send(good()).await;
    let incoming = bob.hears_request().await;
    bob.respond(&incoming, 200);
    assert_eq!(
        alice.receive_response().await.status().as_u16(),
        200,
        "nothing else was answered"
    );
    assert_eq!(bob.endpoint.metrics().malformed.value(), 5);
    assert_eq!(bob.endpoint.tally().strays, 1);
}

#[tokio::test]
async fn a_broken_message_that_is_framed_well_leaves_the_stream_usable() {
    let mut bob = Peer::start(config(&[Transport::Tcp]));
    let mut alice = RawTcp::towards(bob.address(Transport::Tcp)).await;
    let good = raw("OPTIONS", "TCP 127.0.0.1", "");
    alice.send(good.replace("1 OPTIONS", "1 INVITE")).await;
    assert_eq!(alice.receive_status().await, 400);
    alice.send(good).await;
    let incoming = bob.hears_request().await;
    bob.respond(&incoming, 200);
    assert_eq!(alice.receive_status().await, 200);
}

#[tokio::test]
async fn a_stream_that_cannot_be_framed_is_closed() {
    let bob = Peer::start(config(&[Transport::Tcp]));
    let good = raw("OPTIONS", "TCP 127.0.0.1", "");
    for broken in [
        good.replace("Content-Length: 0\r\n", ""),
        good.replace("Content-Length: 0", "Content-Length: -1"),
        good.replace("Content-Length: 0", "Content-Length: 99999999"),
        format!("OPTIONS sip:bob@127.0.0.1 SIP/2.0\r\nX: {}", "x".repeat(70_000)),
    ] {
        let mut alice = RawTcp::towards(bob.address(Transport::Tcp)).await;
        alice.send(broken).await;
        assert!(alice.is_closed().await);
    }
}

/// RFC 4475: what is broken is answered here, what is only strange is offered to the user, who drops it in this test.
#[tokio::test]
async fn torture_messages_get_their_answer_and_do_no_harm() {
    let answered = |name: &str| match name {
        "TC_BADVERS_V" => Some(505),
        "TC_UNKSCM_V" | "TC_NOVELSC_V" => Some(416),
        "TC_BADINV01_I" | "TC_CLERR_I" | "TC_NCL_I" | "TC_SCALAR02_V" | "TC_QUOTBAL_I" | "TC_LTGTRURI_I"
        | "TC_LWSRURI_I" | "TC_LWSSTART_V" | "TC_TRWS_I" | "TC_ESCRURI_V" | "TC_REGBADCT_I" | "TC_BADASPEC_I"
        | "TC_BADDN_I" | "TC_MISMATCH01_V" | "TC_MISMATCH02_V" | "TC_INSUF_I" | "TC_MULTI01_I" | "TC_MCL01_I" => {
            Some(400)
        }
        _ => None,
    };
    let verdict = |request: &Request| match request.header(HeaderName::CallId) {
        Some(b"raw") => Verdict::Reply(answer(request, 200)),
        _ => Verdict::Drop,
    };
    let bob = Peer::start_with(config(&[Transport::Udp]), verdict);
    let alice = RawUdp::towards(bob.address(Transport::Udp)).await;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/conformance/rfc4475");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).expect("the torture messages lie there") {
        let path = entry.expect("a file").path();
        let Some(name) = path
            .file_stem()
            .and_then(|name| name.to_str())
            .filter(|name| name.starts_with("TC_"))
        else {
            continue;
        };
        alice.send(std::fs::read(&path).expect("a readable file")).await;
        alice.send(good()).await;
        let mut statuses = Vec::new();
        while statuses.last() != Some(&200) {
            statuses.push(alice.receive_response().await.status().as_u16());
        }
        let expected: Vec<u16> = answered(name).into_iter().chain([200]).collect();
        assert_eq!(statuses, expected, "{name}");
        count += 1;
    }
    assert!(count >= 48, "only {count} messages were tried");
}
