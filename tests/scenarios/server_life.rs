//! The server's own life: it ends, breaks, starts again, and is looked after from the command line.

use harness::{Phone, TestServer, User};
use wigwag_model::{HangupCause, Outcome};

use crate::office::{ALICE, BOB, Office, connect, tone_of};

#[tokio::test]
async fn ctrl_c_ends_calls_with_bye_and_the_history_has_them() {
    let mut office = Office::of(TestServer::start_with_lasting_ports().await).await;
    let (alice, mut bob) = (office.phone(ALICE).await, office.phone(BOB).await);
    let (mut outgoing, mut incoming) = connect(&alice, &mut bob, office.number(BOB)).await;
    outgoing.hears(bob.hz()).await;
    office.server.interrupt().await;
    outgoing.over().await;
    incoming.over().await;
    office.server.restart().await;
    office.api = office.server.sign_in("owner").await;
    let call = office.last_call(1).await;
    assert_eq!(
        (call.outcome, call.cause),
        (Outcome::Answered, HangupCause::ServerRestarted)
    );
    assert_eq!(call.cause_words, "Interrupted");
    assert!(call.talk_ms > 0);
    assert_eq!(call.legs.len(), 2);
    office.server.settle().await;
}

#[tokio::test]
async fn ctrl_c_while_a_phone_rings_stops_its_ringing() {
    let mut office = Office::open().await;
    let (alice, mut bob) = (office.phone(ALICE).await, office.phone(BOB).await);
    let mut outgoing = alice.dial(office.number(BOB)).await;
    let mut incoming = bob.rings().await;
    outgoing.rings().await;
    office.server.interrupt().await;
    assert_eq!(outgoing.refused().await, 503);
    incoming.over().await;
}

#[tokio::test]
async fn a_second_start_finds_all_as_it_was() {
    let mut office = Office::of(TestServer::start_with_lasting_ports().await).await;
    let (alice, mut bob) = (office.phone(ALICE).await, office.phone(BOB).await);
    let (mut outgoing, mut incoming) = connect(&alice, &mut bob, office.number(BOB)).await;
    outgoing.hang_up().await;
    incoming.over().await;
    let before = office.last_call(1).await;
    let (extensions, trace) = (office.server.ready().extensions.clone(), office.story(1).await);
    office.server.restart().await;
    office.api = office.server.sign_in("owner").await;
    assert_eq!(office.server.ready().extensions, extensions);
    assert_eq!(office.last_call(1).await, before);
    assert_eq!(office.story(1).await, trace);
    assert_eq!(office.server.figures().await.of("wigwag_registrations"), 2);
    let (mut outgoing, mut incoming) = connect(&alice, &mut bob, office.number(BOB)).await;
    outgoing.hears(bob.hz()).await;
    incoming.hears(alice.hz()).await;
    outgoing.hang_up().await;
    incoming.over().await;
    assert_eq!(office.api.history(2).await.len(), 2);
    office.server.settle().await;
}

#[tokio::test]
async fn a_call_that_was_running_when_the_power_failed_is_closed_as_interrupted() {
    let mut office = Office::of(TestServer::start_with_lasting_ports().await).await;
    let (alice, mut bob) = (office.phone(ALICE).await, office.phone(BOB).await);
    let (mut outgoing, _incoming) = connect(&alice, &mut bob, office.number(BOB)).await;
    outgoing.hears(bob.hz()).await;
    office.server.crash_and_restart().await;
    office.api = office.server.sign_in("owner").await;
    let call = office.last_call(1).await;
    assert_eq!(
        (call.outcome, call.cause),
        (Outcome::Answered, HangupCause::ServerRestarted)
    );
    assert_eq!(call.cause_words, "Interrupted");
    let answered_at = call.answered_at.expect("it was answered");
    assert!(call.started_at <= answered_at && answered_at <= call.ended_at);
    assert!(call.talk_ms < 60_000, "{} ms", call.talk_ms);
    assert_eq!(call.legs.len(), 2);
    // A crash may cost the registrations of the last second: phones refresh them.
    assert_eq!(bob.registers().await.status(), 200);
    let (mut outgoing, mut incoming) = connect(&alice, &mut bob, office.number(BOB)).await;
    outgoing.hears(bob.hz()).await;
    outgoing.hang_up().await;
    incoming.over().await;
    office.server.settle().await;
}

#[tokio::test]
async fn two_servers_do_not_share_a_data_folder() {
    let office = Office::open().await;
    let bystanders = office.bystanders().await;
    let second = [
        "serve",
        "--demo",
        "--json",
        "--http",
        "127.0.0.1:0",
        "--sip",
        "127.0.0.1:0",
    ];
    let refused = office.server.tool(&second).await;
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.complaints.contains("another server uses the data folder"),
        "{}",
        refused.complaints
    );
    let rotated = office.server.tool(&["secrets", "rotate"]).await;
    assert_eq!(rotated.code, Some(1), "a running server has the old keys in memory");
    bystanders.part().await;
    office.server.settle().await;
}

#[tokio::test]
async fn companies_and_people_made_at_the_command_line_can_sign_in_at_once() {
    let office = Office::open().await;
    let tenant = office
        .server
        .tool(&["tenant", "create", "Acme Ltd"])
        .await
        .expect_success();
    let tenant = tenant.trim();
    assert!(
        office
            .server
            .tool(&["tenant", "list"])
            .await
            .expect_success()
            .contains("Acme Ltd")
    );
    let create = ["user", "create", "--tenant", tenant, "--access", "owner", "roadrunner"];
    let made = office.server.tool(&create).await.expect_success();
    let password = made
        .trim()
        .rsplit(' ')
        .next()
        .expect("a password is printed")
        .to_owned();
    let user = User {
        username: "roadrunner".to_owned(),
        password,
        role: "owner".to_owned(),
    };
    let api = office.server.sign_in_as(&user).await;
    assert_eq!(
        api.extensions().await.len(),
        0,
        "another company's extensions are not theirs"
    );
    let again = office.server.tool(&create).await;
    assert_eq!(again.code, Some(1), "the name is taken: {}", again.complaints);
    let nowhere = office
        .server
        .tool(&["user", "create", "--tenant", "nonsense", "coyote"])
        .await;
    assert_eq!(nowhere.code, Some(1));
}

#[tokio::test]
async fn phones_register_as_before_after_the_keys_were_changed() {
    let mut office = Office::of(TestServer::start_with_lasting_ports().await).await;
    let before = office.server.ready().extensions.clone();
    let bob = office.phone(BOB).await;
    office.server.interrupt().await;
    let rotated = office.server.tool(&["secrets", "rotate"]).await.expect_success();
    assert!(rotated.contains("secrets are sealed with it"), "{rotated}");
    office.server.restart().await;
    assert_eq!(office.server.ready().extensions, before);
    assert_eq!(bob.registers().await.status(), 200);
    let _alice = Phone::register(&office.account(ALICE), tone_of(ALICE)).await;
    office.server.sign_in("owner").await;
}

#[tokio::test]
async fn the_doctor_and_the_configuration_say_how_things_are() {
    let office = Office::open().await;
    let examined = office.server.tool(&["doctor"]).await;
    for finding in [
        "configuration: understood",
        "data folder: ",
        "database and keys: answers",
        "ports for sound: ",
    ] {
        assert!(examined.output.contains(finding), "{examined:#?}");
    }
    assert!(examined.output.contains("in use by a server"), "{}", examined.output);
    assert_eq!(examined.code, Some(i32::from(examined.output.contains("FAIL"))));
    let config = office.server.tool(&["config"]).await.expect_success();
    for section in ["[http]", "[log]", "[media]", "[network]", "[sip]"] {
        assert!(config.contains(section), "{config}");
    }
    let wrong = office.server.tool(&["--config", "/nonexistent.toml", "config"]).await;
    assert_eq!(wrong.code, Some(1));
    assert!(wrong.complaints.contains("cannot read"), "{}", wrong.complaints);
}
