//! Too much to do: new work is sent away for a while, and whatever has begun goes on.

use std::io::Write;

use harness::{Letter, SipAccount, Stranger};
use tempfile::NamedTempFile;
use wigwag_sip::wire::{HeaderName, Method, Request, Response};
use wigwag_sip_io::Transport;

use crate::office::{ALICE, BOB, CAROL, Office, connect};

/// As few as make the server feel overloaded by what one phone does.
const TRANSACTIONS: u64 = 100;
/// A little more than where overload begins, so that what ends meanwhile does not end it.
const TOO_MANY: u64 = 88;
/// What a call for help is answered while no emergency gateway is connected.
const NO_WAY_OUT: u16 = 502;

#[tokio::test]
async fn overload_sends_new_calls_and_registrations_away_and_nothing_else() {
    let config = config();
    let path = config.path().to_str().expect("a temporary path is UTF-8");
    let mut office = Office::open_with(&["--config", path]).await;
    let mut bystanders = office.bystanders().await;
    let (alice, mut bob) = (office.phone_over_tcp(ALICE).await, office.phone_over_tcp(BOB).await);
    let (mut outgoing, mut incoming) = connect(&alice, &mut bob, office.number(BOB)).await;

    let mut burden = Burden::lay(&office).await;
    office.server.says("there is too much to do").await;
    let shed_before = shed(&office).await;

    let carol = office.account(CAROL);
    let mut newcomer = office.stranger().await;
    for (method, to) in [
        (Method::Register, carol.uri()),
        (Method::Invite, carol.uri_of(office.number(BOB))),
    ] {
        let mut letter = Letter::new(method, &carol.uri(), &to);
        let refusal = newcomer.ask(&mut letter).await;
        assert_eq!(status_of(&refusal), 503);
        assert_eq!(refusal.header(HeaderName::RetryAfter), Some(&b"5"[..]));
    }
    assert_eq!(shed(&office).await, shed_before + 2);

    let mut help = Letter::new(Method::Invite, &carol.uri(), &carol.uri_of("112"));
    help = help.offering(newcomer.address(), false);
    assert_eq!(status_of(&newcomer.ask_as(&mut help, &carol).await), NO_WAY_OUT);
    outgoing.hold().await;
    incoming.held().await;
    outgoing.resume().await;
    outgoing.hears(bob.hz()).await;
    bystanders.hear_each_other().await;
    incoming.hang_up().await;
    outgoing.over().await;
    assert_eq!(
        shed(&office).await,
        shed_before + 2,
        "neither help nor what has begun is sent away"
    );
    let figures = office.server.figures().await;
    assert_eq!(figures.of("wigwag_overloaded"), 1, "it was too much all the time");

    burden.take_away().await;
    office.server.says("new calls and registrations are taken again").await;
    let carol = office.phone_over_tcp(CAROL).await;
    let (mut outgoing, mut incoming) = connect(&carol, &mut bob, office.number(BOB)).await;
    outgoing.hears(bob.hz()).await;
    outgoing.hang_up().await;
    incoming.over().await;
    bystanders.part().await;
    office.server.settle().await;
}

/// Refusals that somebody does not acknowledge, so that the server has to keep them.
struct Burden {
    phone: Stranger,
    refused: Vec<(Request, Response)>,
}

impl Burden {
    /// One more and one more, until it is too much.
    async fn lay(office: &Office) -> Burden {
        let account = office.server.sip_account(CAROL, Transport::Tcp);
        let mut burden = Burden {
            phone: Stranger::over_tcp(account.server).await,
            refused: Vec::new(),
        };
        while office.server.figures().await.of("wigwag_sip_transactions") < TOO_MANY {
            match burden.call_nobody(&account).await {
                (request, refusal) if status_of(&refusal) == 404 => burden.refused.push((request, refusal)),
                (_, refusal) => {
                    assert_eq!(status_of(&refusal), 503, "too much already");
                    break;
                }
            }
        }
        burden
    }

    async fn call_nobody(&mut self, account: &SipAccount) -> (Request, Response) {
        let mut letter = Letter::new(Method::Invite, &account.uri(), &account.uri_of("299"));
        let request = self.phone.post(&mut letter).await;
        let challenge = self.phone.answer().await;
        let cnonce = letter.word();
        match account.proof(&challenge, &letter.method, &letter.uri, &cnonce) {
            Some(proof) => {
                let request = self.phone.post_with(&mut letter, &proof).await;
                (request, self.phone.answer().await)
            }
            None => (request, challenge),
        }
    }

    async fn take_away(&mut self) {
        for (request, refusal) in &self.refused {
            let same = |message: Option<&[u8]>| String::from_utf8_lossy(message.unwrap_or_default()).into_owned();
            let mut ack = Request::builder(Method::Ack, "sip:299@wigwag.localhost");
            for name in [HeaderName::Via, HeaderName::From, HeaderName::CallId] {
                ack = ack.raw(name.clone(), same(request.header(name)));
            }
            let cseq = same(request.header(HeaderName::CSeq)).replace("INVITE", "ACK");
            let ack = ack
                .raw(HeaderName::To, same(refusal.header(HeaderName::To)))
                .raw(HeaderName::CSeq, cseq)
                .raw(HeaderName::MaxForwards, "70");
            self.phone.send(ack.build().bytes()).await;
        }
    }
}

fn config() -> NamedTempFile {
    let mut config = NamedTempFile::new().expect("a temporary file can be made");
    writeln!(config, "[sip]\ntransactions = {TRANSACTIONS}").expect("it can be written");
    config
}

async fn shed(office: &Office) -> u64 {
    office.server.figures().await.of("wigwag_sip_shed_total")
}

fn status_of(response: &Response) -> u16 {
    response.status().as_u16()
}
