//! Too much of something: more calls than ports, storms of CANCELs and INVITEs.

use std::io::Write;
use std::net::UdpSocket;

use harness::{Letter, Stranger};
use wigwag_model::HangupCause;
use wigwag_sip::wire::Method;

use crate::office::{ALICE, BOB, CAROL, Office, connect};

#[tokio::test]
async fn when_all_ports_for_sound_are_taken_the_next_caller_is_told_and_the_others_talk_on() {
    let mut config = tempfile::NamedTempFile::new().expect("a temporary file can be made");
    let (first, last) = free_range(10);
    writeln!(config, "[media]\nports = \"{first}-{last}\"\nthreads = 1").expect("it can be written");
    let path = config.path().to_str().expect("a temporary path is UTF-8").to_owned();
    let mut office = Office::open_with(&["--config", &path]).await;
    let bystanders = office.bystanders().await;
    let (alice, mut bob, carol) = (
        office.phone(ALICE).await,
        office.phone(BOB).await,
        office.phone(CAROL).await,
    );
    let (mut outgoing, mut incoming) = connect(&alice, &mut bob, office.number(BOB)).await;
    let mut refused = carol.dial(office.number(ALICE)).await;
    assert_eq!(refused.refused().await, 503);
    assert!(alice.is_quiet());
    assert_eq!(office.last_call(1).await.cause, HangupCause::LimitReached);
    assert!(office.server.figures().await.of("wigwag_media_ports_exhausted_total") >= 1);
    office.server.says("a leg has no port for its sound").await;
    outgoing.hears(bob.hz()).await;
    incoming.hears(alice.hz()).await;
    outgoing.hang_up().await;
    incoming.over().await;
    bystanders.part().await;
    office.server.settle().await;
}

#[tokio::test]
async fn a_storm_of_calls_that_are_given_up_at_once_leaves_nothing_behind() {
    let office = Office::open().await;
    let bystanders = office.bystanders().await;
    let (alice, mut bob) = (office.phone(ALICE).await, office.phone(BOB).await);
    office
        .change(
            BOB,
            wigwag_model::api::ExtensionChange {
                call_waiting: Some(false),
                ..Default::default()
            },
        )
        .await;
    let mut calls = Vec::new();
    for _ in 0..50 {
        let call = alice.dial(office.number(BOB)).await;
        call.give_up();
        calls.push(call);
    }
    for call in &mut calls {
        call.over().await;
    }
    bystanders.part().await;
    office.server.settle().await;
    while !bob.is_quiet() {
        bob.rings().await.over().await;
    }
    let (mut outgoing, mut incoming) = connect(&alice, &mut bob, office.number(BOB)).await;
    outgoing.hears(bob.hz()).await;
    outgoing.hang_up().await;
    incoming.over().await;
    office.server.settle().await;
}

#[tokio::test]
async fn cancels_that_belong_to_nothing_are_answered_and_change_nothing() {
    let office = Office::open().await;
    let bystanders = office.bystanders().await;
    let mut stranger = office.stranger().await;
    let (alice, bob) = (office.account(ALICE).uri(), office.account(BOB).uri());
    for _ in 0..200 {
        let mut cancel = Letter::new(Method::Cancel, &alice, &bob);
        assert_eq!(stranger.ask(&mut cancel).await.status().as_u16(), 481);
    }
    bystanders.part().await;
    office.server.settle().await;
}

#[tokio::test]
async fn a_hundred_callers_who_never_prove_who_they_are_cost_nothing() {
    let office = Office::open().await;
    let bystanders = office.bystanders().await;
    let mut stranger = office.stranger().await;
    let (alice, bob) = (office.account(ALICE).uri(), office.account(BOB).uri());
    for _ in 0..100 {
        let mut letter = Letter::new(Method::Invite, &alice, &bob).offering(stranger.address(), false);
        assert_eq!(stranger.ask(&mut letter).await.status().as_u16(), 401);
    }
    let figures = office.server.figures().await;
    assert_eq!(
        (figures.of("wigwag_calls"), figures.of("wigwag_media_legs")),
        (1, 2),
        "the bystanders' own"
    );
    bystanders.part().await;
    office.server.settle().await;
}

#[tokio::test]
async fn connections_that_never_say_anything_do_not_keep_others_out() {
    let office = Office::open().await;
    let bystanders = office.bystanders().await;
    let tcp = office.server.ready().sip.tcp;
    let mut silent = Vec::new();
    for _ in 0..50 {
        silent.push(Stranger::over_tcp(tcp).await);
    }
    let alice = office.phone_over_tcp(ALICE).await;
    assert_eq!(alice.dial("299").await.refused().await, 404);
    for stranger in &mut silent {
        stranger.is_sent_away().await;
    }
    bystanders.part().await;
    office.server.settle().await;
}

/// A range of so many ports that are free at the moment, from an even one on.
pub(crate) fn free_range(count: u16) -> (u16, u16) {
    let from = (0..1000).find_map(|_| {
        let any = UdpSocket::bind("127.0.0.1:0").ok()?;
        let first = any.local_addr().ok()?.port() & !1;
        drop(any);
        let last = first.checked_add(count - 1)?;
        let all: Result<Vec<_>, _> = (first..=last)
            .map(|port| UdpSocket::bind(("127.0.0.1", port)))
            .collect();
        all.ok().map(|_| (first, last))
    });
    from.expect("some neighbouring ports are free")
}
