//! RFC 4475: every torture message gets its treatment from the running server, over datagrams and over connections.

use std::fs;
use std::io::Write;
use std::net::Ipv4Addr;
use std::path::PathBuf;

use harness::{Letter, Stranger};
use wigwag_sip::wire::{HeaderName, Method};

use crate::office::{ALICE, BOB, Office};

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is answered with this status.
    Answer(u16),
    /// It is no request that can be answered.
    Silence,
    /// Where it ends cannot be told, so that its connection is closed.
    Closed,
}
use Fate::{Answer, Closed, Silence};

/// The messages, and their fates as a datagram and on a connection. Whoever is only strange is asked for a password.
const FATES: [(&str, Fate, Fate); 49] = [
    ("TC_WSINV", Answer(481), Answer(481)),
    ("TC_INTMETH", Answer(405), Answer(405)),
    ("TC_ESC01_V", Answer(404), Answer(404)),
    ("TC_ESCNULL_V", Answer(401), Answer(401)),
    ("TC_ESC02_V", Answer(405), Answer(405)),
    ("TC_LWSDISP_V", Answer(401), Answer(401)),
    ("TC_LONGREQ_V", Answer(401), Answer(401)),
    ("TC_DBLREQ", Answer(401), Closed),
    ("TC_SEMIURI_V", Answer(401), Answer(401)),
    ("TC_TRANSPORTS_V", Answer(401), Answer(401)),
    ("TC_MPART01", Answer(404), Answer(404)),
    ("TC_UNREASON_V", Silence, Silence),
    ("TC_NOREASON_V", Silence, Silence),
    ("TC_BADINV01_I", Answer(400), Answer(400)),
    ("TC_CLERR_I", Answer(400), Closed),
    ("TC_NCL_I", Answer(400), Closed),
    ("TC_SCALAR02_V", Answer(400), Answer(400)),
    ("TC_SCALARLG_V", Silence, Silence),
    ("TC_QUOTBAL_I", Answer(400), Answer(400)),
    ("TC_LTGTRURI_I", Answer(400), Answer(400)),
    ("TC_LWSRURI_I", Answer(400), Answer(400)),
    ("TC_LWSSTART_V", Answer(400), Answer(400)),
    ("TC_TRWS_I", Answer(400), Answer(400)),
    ("TC_ESCRURI_V", Answer(400), Answer(400)),
    ("TC_BADDATE_V", Answer(401), Answer(401)),
    ("TC_REGBADCT_I", Answer(400), Answer(400)),
    ("TC_BADASPEC_I", Answer(400), Answer(400)),
    ("TC_BADDN_I", Answer(400), Closed),
    ("TC_BADVERS_V", Answer(505), Answer(505)),
    ("TC_MISMATCH01_V", Answer(400), Answer(400)),
    ("TC_MISMATCH02_V", Answer(400), Answer(400)),
    ("TC_BIGCODE_V", Silence, Silence),
    ("TC_BADBRANCH_V", Answer(401), Answer(401)),
    ("TC_INSUF_I", Answer(400), Answer(400)),
    ("TC_UNKSCM_V", Answer(416), Answer(416)),
    ("TC_NOVELSC_V", Answer(416), Answer(416)),
    ("TC_UNKSM2_V", Answer(401), Answer(401)),
    ("TC_BEXT01_V", Answer(420), Answer(420)),
    ("TC_INVUT_V", Answer(401), Answer(401)),
    ("TC_REGAUT01_V", Answer(401), Answer(401)),
    ("TC_MULTI01_I", Answer(400), Answer(400)),
    ("TC_MCL01_I", Answer(400), Closed),
    ("TC_BCAST_V", Silence, Silence),
    ("TC_ZEROMF_V", Answer(401), Answer(401)),
    ("TC_CPARAM01_V", Answer(401), Answer(401)),
    ("TC_CPARAM02_V", Answer(401), Answer(401)),
    ("TC_REGESCRT_V", Answer(401), Answer(401)),
    ("TC_SDP01_V", Answer(401), Answer(401)),
    ("TC_INV2543_I", Answer(401), Closed),
];

#[tokio::test]
async fn torture_messages_as_datagrams_get_their_answers() {
    let office = Office::of_example_com().await;
    let bystanders = office.bystanders().await;
    let mut stranger = Stranger::from(Ipv4Addr::new(127, 0, 0, 2).into(), office.server.ready().sip.udp).await;
    let mut wrong = Vec::new();
    for (name, fate, _) in FATES {
        stranger.send(octets(name)).await;
        let got = fate_of(&mut stranger).await;
        if got != fate {
            wrong.push((name, got));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(office.server.figures().await.of("wigwag_calls"), 1, "the bystanders'");
    bystanders.part().await;
    office.server.settle().await;
}

#[tokio::test]
async fn torture_messages_on_connections_get_their_answers_or_end_them() {
    let office = Office::of_example_com().await;
    let bystanders = office.bystanders().await;
    let mut wrong = Vec::new();
    for (name, _, fate) in FATES {
        let mut stranger = Stranger::over_tcp(office.server.ready().sip.tcp).await;
        stranger.send(octets(name)).await;
        let got = fate_of(&mut stranger).await;
        if got != fate {
            wrong.push((name, got));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    bystanders.part().await;
    office.server.settle().await;
}

#[tokio::test]
async fn a_display_name_that_needs_quotes_is_forgiven() {
    let office = Office::of_example_com().await;
    let mut stranger = office.stranger().await;
    let mut message = String::from_utf8(octets("TC_BADDN_I")).expect("it is text");
    message.push_str("\r\n");
    stranger
        .send(message.replace("example.org SIP/2.0", "example.com SIP/2.0"))
        .await;
    assert_eq!(fate_of(&mut stranger).await, Answer(401));
    office.server.settle().await;
}

#[tokio::test]
async fn what_stands_in_the_body_is_judged_once_it_is_known_who_asks() {
    let office = Office::open().await;
    let bystanders = office.bystanders().await;
    let mut stranger = office.stranger().await;
    let alice = office.account(ALICE);
    let bob = office.account(BOB).uri();
    let mut unknown =
        Letter::new(Method::Invite, &alice.uri(), &bob).with_body("application/unknownformat", "<audio/>");
    let refused = stranger.ask_as(&mut unknown, &alice).await;
    assert_eq!(refused.status().as_u16(), 415);
    let accepted = refused
        .header(HeaderName::Accept)
        .expect("a 415 says what is understood");
    assert!(String::from_utf8_lossy(accepted).contains("application/sdp"));
    bystanders.part().await;
    office.server.settle().await;
}

/// The answer to what was sent last; it is followed by a question that is always answered with 200.
pub(super) async fn fate_of(stranger: &mut Stranger) -> Fate {
    let mut question = Letter::new(Method::Options, "sip:x@example.com", "sip:127.0.0.1");
    let question = stranger.post(&mut question).await;
    let (mut fate, asked) = (Silence, question.header(HeaderName::CallId));
    loop {
        let Some(answer) = stranger.answer_or_end().await else {
            return Closed;
        };
        if answer.header(HeaderName::CallId) == asked {
            return fate;
        }
        assert_eq!(fate, Silence, "one message gets one answer");
        fate = Answer(answer.status().as_u16());
    }
}

fn octets(name: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../conformance/rfc4475");
    fs::read(folder.join(format!("{name}.dat"))).expect("the torture messages lie there")
}

impl Office {
    /// An office in the domain that most torture messages are for.
    async fn of_example_com() -> Office {
        let mut config = tempfile::NamedTempFile::new().expect("a temporary file can be made");
        writeln!(config, "[sip]\ndomain = \"example.com\"").expect("it can be written");
        Office::open_with(&["--config", config.path().to_str().expect("a temporary path is UTF-8")]).await
    }
}
