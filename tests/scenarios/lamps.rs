//! Lamps of desk phones: who is free, rings or talks, and whether messages wait (features.md S243–S246, decisions A48).

use harness::{Letter, SipAccount, Stranger, TestServer};
use wigwag_model::api::ExtensionChange;
use wigwag_sip::wire::{
    HeaderName, Method, Request, Response, StatusCode,
    header::{CSeq, SubscriptionState},
};
use wigwag_sip_io::Transport;

use crate::{
    credentials::{FOREIGN, two_companies},
    office::{ALICE, BOB, CAROL, Office, connect},
};

/// A desk phone that watches an extension.
struct Watcher {
    line: Stranger,
    letter: Letter,
    account: SipAccount,
    last: u32,
}

impl Watcher {
    /// Carol's desk phone watches; the answer is accepted.
    async fn of(office: &Office, package: &str, watched: &str) -> Watcher {
        let line = office.stranger().await;
        Watcher::over(line, office.account(CAROL), package, watched).await
    }

    async fn over(line: Stranger, account: SipAccount, package: &str, watched: &str) -> Watcher {
        let letter = subscribe(&account, package, watched);
        let mut watcher = Watcher {
            line,
            letter,
            account,
            last: 0,
        };
        let answer = watcher.line.ask_as(&mut watcher.letter, &watcher.account).await;
        assert_eq!(answer.status(), StatusCode::OK);
        watcher.letter.enter(&answer);
        watcher
    }

    /// The next NOTIFY, which is taken.
    async fn told(&mut self) -> Request {
        loop {
            let notify = self.line.request().await;
            assert_eq!(*notify.method(), Method::Notify);
            self.answer(&notify).await;
            let number = notify.require::<CSeq>().expect("a NOTIFY has a number").number();
            assert!(number >= self.last, "numbers rise");
            if number > self.last {
                self.last = number;
                return notify;
            }
        }
    }

    async fn answer(&mut self, request: &Request) {
        let response = Response::reply_to(request, StatusCode::OK).to_tag("watcher").build();
        self.line.send(response.bytes()).await;
    }

    /// Waits until a NOTIFY says this.
    async fn sees(&mut self, words: &str) -> String {
        loop {
            let body = self.told().await.body();
            let body = String::from_utf8_lossy(&body).into_owned();
            if body.contains(words) {
                return body;
            }
        }
    }

    /// Waits for the last NOTIFY, and says why it is the last.
    async fn ends(&mut self) -> String {
        loop {
            let notify = self.told().await;
            let state: SubscriptionState = notify.require().expect("a NOTIFY has a state");
            if let Some(reason) = state.reason() {
                return reason.to_owned();
            }
        }
    }
}

fn subscribe(account: &SipAccount, package: &str, watched: &str) -> Letter {
    let to = format!("sip:{watched}@{}", account.domain);
    Letter::new(Method::Subscribe, &account.uri(), &to)
        .with(HeaderName::Event, package)
        .with(HeaderName::Expires, "600")
}

#[tokio::test]
async fn s243_s244_s245_a_lamp_follows_a_call() {
    let office = Office::open().await;
    let (alice, mut bob) = (office.phone(ALICE).await, office.phone(BOB).await);
    let mut lamp = Watcher::of(&office, "dialog", office.number(BOB)).await;
    lamp.sees("<state>terminated</state>").await;
    let mut outgoing = alice.dial(office.number(BOB)).await;
    let mut incoming = bob.rings().await;
    let ringing = lamp.sees("<state>early</state>").await;
    assert!(ringing.contains("direction=\"recipient\"") && ringing.contains("remote-tag="));
    assert!(ringing.contains(&format!("sip:{}@", office.number(ALICE))), "who calls");
    incoming.answer().await;
    outgoing.answered().await;
    let talking = lamp.sees("<state>confirmed</state>").await;
    assert!(!talking.contains("remote-tag="), "nothing can be picked up any more");
    outgoing.hang_up().await;
    incoming.over().await;
    lamp.sees("<state>terminated</state>").await;
    office.server.settle().await;
}

#[tokio::test]
async fn s246_a_phone_that_knows_only_presence_sees_unknown_free_busy_and_do_not_disturb() {
    let office = Office::open().await;
    let alice = office.phone(ALICE).await;
    let mut lamp = Watcher::of(&office, "presence", office.number(BOB)).await;
    let unknown = lamp.sees("<note>Not connected</note>").await;
    assert!(unknown.contains("<basic>closed</basic>"));
    let mut bob = office.phone(BOB).await;
    let free = lamp.sees("<note>Free</note>").await;
    assert!(free.contains("<basic>open</basic>") && !free.contains("rpid:activities"));
    for (wanted, words) in [(true, "<note>Do not disturb</note>"), (false, "<note>Free</note>")] {
        let change = ExtensionChange {
            revision: office.extension(BOB).await.revision,
            do_not_disturb: Some(wanted),
            ..ExtensionChange::default()
        };
        office.change(BOB, change).await;
        lamp.sees(words).await;
    }
    let (mut outgoing, mut incoming) = connect(&alice, &mut bob, office.number(BOB)).await;
    let busy = lamp.sees("<note>On a call</note>").await;
    assert!(busy.contains("<rpid:on-the-phone />"));
    outgoing.hang_up().await;
    incoming.over().await;
    lamp.sees("<note>Free</note>").await;
    office.server.settle().await;
}

#[tokio::test]
async fn lamps_go_on_by_themselves_after_a_restart_and_after_a_crash() {
    let mut office = Office::of(TestServer::start_with_lasting_ports().await).await;
    let (alice, mut bob) = (office.phone(ALICE).await, office.phone(BOB).await);
    let mut lamp = Watcher::of(&office, "dialog", office.number(BOB)).await;
    lamp.sees("terminated").await;
    let (mut outgoing, mut incoming) = connect(&alice, &mut bob, office.number(BOB)).await;
    lamp.sees("confirmed").await;
    office.server.restart().await;
    outgoing.over().await;
    incoming.over().await;
    lamp.sees("terminated").await;
    let (mut outgoing, mut incoming) = connect(&alice, &mut bob, office.number(BOB)).await;
    lamp.sees("confirmed").await;
    outgoing.hang_up().await;
    incoming.over().await;
    office.server.settle().await;
}

#[tokio::test]
async fn a_lamp_whose_connection_was_cut_by_a_restart_goes_on_when_its_phone_is_back() {
    let mut office = Office::of(TestServer::start_with_lasting_ports().await).await;
    let account = office.server.sip_account(CAROL, Transport::Tcp);
    let server = account.server;
    let line = Stranger::over_tcp(server).await;
    let mut lamp = Watcher::over(line, account.clone(), "dialog", office.number(BOB)).await;
    lamp.sees("terminated").await;
    office.server.restart().await;
    assert_eq!(office.server.figures().await.of("wigwag_subscriptions"), 1);
    lamp.line = Stranger::over_tcp(server).await;
    let mut register = Letter::new(Method::Register, &account.uri(), &account.uri());
    register.uri = format!("sip:{}", account.domain);
    let registered = lamp.line.ask_as(&mut register, &account).await;
    assert_eq!(registered.status(), StatusCode::OK);
    lamp.sees("terminated").await;
    office.server.settle().await;
}

#[tokio::test]
async fn s161_a_phone_asks_whether_messages_wait() {
    let office = Office::open().await;
    let mut lamp = Watcher::of(&office, "message-summary", office.number(CAROL)).await;
    let summary = lamp.sees("Messages-Waiting: no").await;
    assert!(summary.contains("Message-Account: sip:*95@"));
    office.server.settle().await;
}

#[tokio::test]
async fn who_may_not_watch_any_more_is_told_and_forgotten() {
    let office = Office::open().await;
    let mut lamp = Watcher::of(&office, "dialog", office.number(BOB)).await;
    lamp.sees("terminated").await;
    for device in office.api.devices(office.extension_id(CAROL).await).await {
        office.api.remove_device(device.id).await;
    }
    assert_eq!(lamp.ends().await, "rejected");
    let mut other = Watcher::over(
        office.stranger().await,
        office.account(ALICE),
        "dialog",
        office.number(BOB),
    )
    .await;
    other.sees("terminated").await;
    office.api.remove_extension(office.extension_id(BOB).await).await;
    assert_eq!(other.ends().await, "noresource");
    office
        .server
        .figures_with("no subscriptions", |figures| figures.of("wigwag_subscriptions") == 0)
        .await;
    office.server.settle().await;
}

#[tokio::test]
async fn a_phone_takes_its_lamp_back() {
    let office = Office::open().await;
    let mut lamp = Watcher::of(&office, "dialog", office.number(BOB)).await;
    lamp.sees("terminated").await;
    lamp.letter = lamp
        .letter
        .clone()
        .without(&HeaderName::Expires)
        .with(HeaderName::Expires, "0");
    let answer = lamp.line.ask(&mut lamp.letter).await;
    assert_eq!(
        answer.status(),
        StatusCode::OK,
        "no proof is asked within a subscription"
    );
    assert_eq!(lamp.ends().await, "timeout");
    let answer = lamp.line.ask(&mut lamp.letter).await;
    assert_eq!(answer.status(), StatusCode::CALL_DOES_NOT_EXIST);
    office.server.settle().await;
}

#[tokio::test]
async fn what_cannot_be_watched_is_refused() {
    let office = Office::open().await;
    let account = office.account(CAROL);
    let bob = office.number(BOB);
    for (package, watched, status) in [
        ("dialog", "999", 404),
        ("dialog", "nobody", 404),
        ("dialog", "123456", 404),
        ("reg", bob, 489),
        ("presence.winfo", bob, 489),
    ] {
        let mut line = office.stranger().await;
        let mut letter = subscribe(&account, package, watched);
        let answer = line.ask_as(&mut letter, &account).await;
        assert_eq!(answer.status().as_u16(), status, "{package} of {watched}");
    }
    let mut line = office.stranger().await;
    let mut letter = subscribe(&account, "dialog", bob);
    let wrong = account.clone().with_password("wrong");
    assert_eq!(line.ask_as(&mut letter, &wrong).await.status(), StatusCode::FORBIDDEN);
    let mut publish = Letter::new(Method::Publish, &account.uri(), &account.uri()).with(HeaderName::Event, "presence");
    let mut line = office.stranger().await;
    assert_eq!(
        line.ask_as(&mut publish, &account).await.status(),
        StatusCode::BAD_EVENT
    );
    assert_eq!(office.server.figures().await.of("wigwag_subscriptions"), 0);
    office.server.settle().await;
}

#[tokio::test]
async fn nobody_watches_or_writes_to_another_company() {
    let office = two_companies().await;
    let account = office.account(CAROL);
    let foreign = office.account(FOREIGN).username;
    for method in [Method::Subscribe, Method::Message] {
        let to = format!("sip:{foreign}@{}", account.domain);
        let mut letter = Letter::new(method.clone(), &account.uri(), &to)
            .with(HeaderName::Event, "dialog")
            .with_body("text/plain", "hello");
        let mut line = office.stranger().await;
        let answer = line.ask_as(&mut letter, &account).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{method}");
    }
    office.server.settle().await;
}

#[tokio::test]
async fn a_phone_that_subscribes_without_end_is_told_to_come_later_and_other_lamps_go_on() {
    let office = Office::open().await;
    let bystanders = office.bystanders().await;
    let account = office.account(CAROL);
    let mut line = office.stranger().await;
    let mut refused = 0;
    for _ in 0..150 {
        let mut letter = subscribe(&account, "dialog", office.number(BOB));
        let answer = line.ask_as(&mut letter, &account).await;
        match answer.status() {
            StatusCode::OK => {}
            StatusCode::SERVICE_UNAVAILABLE => refused += 1,
            other => panic!("{other}"),
        }
    }
    let figures = office.server.figures().await;
    assert!(refused > 0 && figures.of("wigwag_subscriptions") <= 150);
    let alice = office.account(ALICE);
    let mut lamp = Watcher::over(office.stranger().await, alice, "dialog", office.number(BOB)).await;
    lamp.sees("terminated").await;
    bystanders.part().await;
}
