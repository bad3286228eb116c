//! Attacks on sound: injected packets, wrong STUN, and descriptions made to hurt.

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::UdpSocket;
use wigwag_sip::wire::{Method, Response};

use super::devices::Handset;
use crate::office::{ALICE, BOB, Office};

/// Enough ports for two calls and what rests behind one.
const PORTS: u16 = 20;

#[tokio::test]
async fn sound_that_is_injected_before_during_and_after_a_call_is_not_heard() {
    let mut config = tempfile::NamedTempFile::new().expect("a temporary file can be made");
    let first = free_range(PORTS);
    let last = first + PORTS - 1;
    writeln!(config, "[media]\nports = \"{first}-{last}\"\nthreads = 1").expect("it can be written");
    let path = config.path().to_str().expect("a temporary path is UTF-8").to_owned();
    let office = Office::open_with(&["--config", &path]).await;
    let injector = UdpSocket::bind((Ipv4Addr::new(127, 0, 0, 3), 0))
        .await
        .expect("a free port");
    let mut sequence = 0;
    inject(&injector, first, &mut sequence).await;
    let bystanders = office.bystanders().await;
    let (alice, mut bob) = (office.phone(ALICE).await, office.phone(BOB).await);
    let mut outgoing = alice.dial(office.number(BOB)).await;
    let mut incoming = bob.rings().await;
    inject(&injector, first, &mut sequence).await;
    incoming.answer().await;
    outgoing.answered().await;
    for _ in 0..5 {
        inject(&injector, first, &mut sequence).await;
        outgoing.hears(bob.hz()).await;
        incoming.hears(alice.hz()).await;
    }
    outgoing.hold().await;
    incoming.held().await;
    inject(&injector, first, &mut sequence).await;
    outgoing.resume().await;
    incoming.taken_back().await;
    inject(&injector, first, &mut sequence).await;
    incoming.hears(alice.hz()).await;
    outgoing.hang_up().await;
    incoming.over().await;
    inject(&injector, first, &mut sequence).await;
    bystanders.part().await;
    office.server.settle().await;
    assert_eq!(office.last_call(1).await.outcome, wigwag_model::Outcome::Answered);
}

#[tokio::test]
async fn wrong_stun_gets_no_answer_and_right_stun_goes_on_to_be_answered() {
    let office = Office::open().await;
    let bystanders = office.bystanders().await;
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
    socket
        .connect(office.server.ready().sip.udp)
        .await
        .expect("loopback connects");
    let request = |kind: u16, cookie: u32, attributes: &[u8], id: u8| {
        let mut stun = kind.to_be_bytes().to_vec();
        stun.extend(u16::try_from(attributes.len()).expect("it is short").to_be_bytes());
        stun.extend(cookie.to_be_bytes());
        stun.extend([id; 12]);
        stun.extend(attributes);
        stun
    };
    let cookie = 0x2112_A442;
    let binding = request(1, cookie, &[], 1);
    for wrong in [
        binding[..19].to_vec(),
        request(1, 0, &[], 2),
        request(0x101, cookie, &[], 2),
        request(3, cookie, &[], 2),
        request(1, cookie, &[0, 6, 0xff, 0xff], 2),
        request(1, cookie, &[0, 6, 0, 1, b'x'], 2),
        [&binding[..2], &[0, 8], &binding[4..]].concat(),
    ] {
        socket.send(&wrong).await.expect("loopback carries it");
    }
    socket.send(&binding).await.expect("loopback carries it");
    let mut answer = [0; 1500];
    loop {
        let length = socket.recv(&mut answer).await.expect("the server answers");
        assert!(
            (20..200).contains(&length),
            "no answer is much larger than its question"
        );
        if answer[8..20] == [1; 12] {
            assert_eq!(answer[..2], [1, 1], "a success");
            break;
        }
        assert_eq!(answer[..2], [1, 0x11], "what is not understood is refused at most");
    }
    bystanders.part().await;
    office.server.settle().await;
}

#[tokio::test]
async fn descriptions_made_to_hurt_are_refused_or_answered_and_leave_nothing_behind() {
    let office = Office::open().await;
    let bystanders = office.bystanders().await;
    let mut caller = Handset::register(&office, ALICE).await;
    let echo = caller.account.uri_of("*52");
    let head = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n";
    let sound = "m=audio 40000 RTP/AVP 0\r\n";
    let mut many_payloads = "m=audio 40000 RTP/AVP".to_owned();
    (0..2_000).for_each(|n| write!(many_payloads, " {}", n % 128).expect("a String takes everything"));
    let mut many_maps = format!("{head}{sound}");
    (0..1_000).for_each(|_| many_maps.push_str("a=rtpmap:0 PCMU/8000\r\n"));
    let bombs = [
        format!("{head}{}", sound.repeat(1_000)),
        format!("{head}{}", "m=audio 0 RTP/AVP 0\r\n".repeat(30)),
        format!("{head}m=audio -1 RTP/AVP 0\r\n"),
        format!("{head}m=audio 99999 RTP/AVP 0\r\n"),
        format!("{head}m=audio 40000/65535 RTP/AVP 0\r\n"),
        format!("{head}{many_payloads}\r\n"),
        many_maps,
        format!("{head}{sound}a=rtpmap:0 {}\r\n", "x".repeat(30_000)),
        format!("{head}m=audio 40000 RTP/AVP 96 96 96\r\na=rtpmap:96 opus/48000/2\r\na=rtpmap:96 PCMA/8000\r\n"),
        format!("{head}m=audio 40000 RTP/AVP 999999999999\r\n"),
        head.replace("127.0.0.1", "256.1.1.1") + sound,
        head.replace("127.0.0.1", "255.255.255.255") + sound,
        head.replace("127.0.0.1", "224.0.0.1") + sound,
        "v=0".repeat(8_000),
        "\0".repeat(1_000),
        format!(
            "{head}{sound}a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{}\r\n",
            "A".repeat(9_000)
        ),
    ];
    for bomb in bombs {
        let mut letter = caller
            .letter(Method::Invite, &echo)
            .with_body("application/sdp", bomb.clone());
        let account = caller.account.clone();
        let answer = caller.stranger.ask_as(&mut letter, &account).await;
        match status_of(&answer) {
            200 => {
                letter.enter(&answer);
                caller.stranger.acknowledge(&mut letter).await;
                letter.method = Method::Bye;
                assert_eq!(status_of(&caller.stranger.ask(&mut letter).await), 200);
            }
            status => assert!((400..500).contains(&status), "{status} for {bomb:.150}"),
        }
    }
    bystanders.part().await;
    office.server.settle().await;
}

/// Sends a packet of noise to every port for sound.
async fn inject(socket: &UdpSocket, first: u16, sequence: &mut u16) {
    for _ in 0..20 {
        *sequence = sequence.wrapping_add(1);
        let mut packet = vec![0x80, 0];
        packet.extend(sequence.to_be_bytes());
        packet.extend((u32::from(*sequence) * 160).to_be_bytes());
        packet.extend(0xbad_u32.to_be_bytes());
        packet.extend((0..160_u8).map(|n| n.wrapping_mul(37)));
        for port in first..first + PORTS {
            let to = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
            // Nobody may listen there.
            let _ = socket.send_to(&packet, to).await;
        }
    }
}

/// The first, even one of so many ports that are free at the moment.
fn free_range(count: u16) -> u16 {
    let found = (0..1000).find_map(|_| {
        let any = std::net::UdpSocket::bind("127.0.0.1:0").ok()?;
        let first = any.local_addr().ok()?.port() & !1;
        drop(any);
        let last = first.checked_add(count - 1)?;
        let all: Result<Vec<_>, _> = (first..=last)
            .map(|port| std::net::UdpSocket::bind(("127.0.0.1", port)))
            .collect();
        all.ok().map(|_| first)
    });
    found.expect("some neighbouring ports are free")
}

fn status_of(response: &Response) -> u16 {
    response.status().as_u16()
}
