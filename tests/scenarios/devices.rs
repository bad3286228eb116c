//! The devices of an extension: how many there may be, which one is signed out, which one has gone.

use harness::{Phone, SipAccount};
use wigwag_model::ExtensionId;

use crate::office::{ALICE, BOB, Office, connect, tone_of};

#[tokio::test]
async fn a_sixth_device_is_refused_while_five_live_and_let_in_when_one_is_dead() {
    let mut office = Office::open().await;
    let bystanders = office.bystanders().await;
    let mut five = Vec::new();
    for _ in 0..5 {
        five.push(office.phone(BOB).await);
    }
    let mut sixth = Phone::new(&office.account(BOB), tone_of(BOB));
    let refused = sixth.registers().await;
    assert_eq!(refused.status(), 403);
    let reason = refused.reason().expect("it is told why");
    assert!(reason.contains("Five Devices"), "{reason}");
    assert_eq!(
        office.server.figures().await.of("wigwag_registrations_refused_total"),
        1
    );
    office.server.says("a sixth device was refused").await;
    assert_eq!(five[0].registers().await.status(), 200, "whoever is in may stay");
    five.remove(2).vanishes().await;
    assert_eq!(sixth.registers().await.status(), 200);
    let alice = office.phone(ALICE).await;
    let mut outgoing = alice.dial(office.number(BOB)).await;
    sixth.rings().await.answer().await;
    outgoing.answered().await;
    outgoing.hang_up().await;
    bystanders.part().await;
    office.server.settle().await;
}

#[tokio::test]
async fn a_device_that_is_signed_out_is_gone_at_once_and_the_other_one_stays() {
    let office = Office::open().await;
    let bystanders = office.bystanders().await;
    let alice = office.phone(ALICE).await;
    let extension = office.extension_id(BOB).await;
    let mut desk = office.phone(BOB).await;
    let (lost, account) = another_device(&office, extension).await;
    let mobile = Phone::register(&account, tone_of(BOB)).await;
    assert_eq!(connected(&office, extension).await, 2);
    office.api.remove_device(lost).await;
    assert_eq!(connected(&office, extension).await, 1);
    let (mut outgoing, mut incoming) = connect(&alice, &mut desk, office.number(BOB)).await;
    assert!(mobile.is_quiet());
    assert_eq!(
        mobile.registers().await.status(),
        403,
        "its password is worth nothing any more"
    );
    let mut stolen = mobile.dial(office.number(ALICE)).await;
    assert_eq!(stolen.refused().await, 403);
    assert_eq!(desk.registers().await.status(), 200);
    outgoing.hears(desk.hz()).await;
    incoming.hang_up().await;
    outgoing.over().await;
    bystanders.part().await;
    office.server.settle().await;
}

#[tokio::test]
async fn a_connection_of_a_device_that_is_signed_out_is_closed() {
    let office = Office::open().await;
    let extension = office.extension_id(BOB).await;
    let (lost, account) = another_device(&office, extension).await;
    let account = SipAccount {
        transport: wigwag_sip_io::Transport::Tcp,
        server: office.server.ready().sip.tcp,
        ..account
    };
    let mobile = Phone::register(&account, tone_of(BOB)).await;
    assert_eq!(connected(&office, extension).await, 1);
    office.api.remove_device(lost).await;
    assert_eq!(connected(&office, extension).await, 0);
    assert_eq!(mobile.registers().await.status(), 403);
    let alice = office.phone(ALICE).await;
    assert_eq!(alice.dial(office.number(BOB)).await.refused().await, 480);
    assert!(mobile.is_quiet());
    office.server.settle().await;
}

#[tokio::test]
async fn a_device_that_unregisters_rings_no_more() {
    let office = Office::open().await;
    let (alice, bob) = (office.phone(ALICE).await, office.phone(BOB).await);
    bob.unregisters().await;
    assert_eq!(alice.dial(office.number(BOB)).await.refused().await, 480);
    assert!(bob.is_quiet());
    office.server.settle().await;
}

#[tokio::test]
async fn a_device_that_vanishes_during_a_call_does_not_keep_the_other_from_hanging_up() {
    let office = Office::open().await;
    let bystanders = office.bystanders().await;
    let alice = office.phone(ALICE).await;
    for over_tcp in [true, false] {
        let mut bob = if over_tcp {
            office.phone_over_tcp(BOB).await
        } else {
            office.phone(BOB).await
        };
        let (mut outgoing, incoming) = connect(&alice, &mut bob, office.number(BOB)).await;
        outgoing.hears(bob.hz()).await;
        drop(incoming);
        bob.vanishes().await;
        outgoing.hears_no_more(tone_of(BOB)).await;
        assert!(outgoing.state().over.is_none(), "the call is not ended for that");
        outgoing.hang_up().await;
    }
    let calls = office.api.history(2).await;
    assert!(calls.iter().all(|call| call.answered_at.is_some()));
    bystanders.part().await;
    office.server.settle().await;
}

#[tokio::test]
async fn a_caller_who_vanishes_while_it_rings_leaves_nothing_behind() {
    let office = Office::open().await;
    office
        .change(
            BOB,
            wigwag_model::api::ExtensionChange {
                ring_timeout_s: Some(5),
                ..Default::default()
            },
        )
        .await;
    let (alice, mut bob) = (office.phone_over_tcp(ALICE).await, office.phone(BOB).await);
    let mut outgoing = alice.dial(office.number(BOB)).await;
    let mut incoming = bob.rings().await;
    outgoing.rings().await;
    alice.vanishes().await;
    incoming.over().await;
    office.server.settle().await;
}

/// A second device of an extension: its identity, and what is typed into it.
async fn another_device(office: &Office, extension: ExtensionId) -> (wigwag_model::DeviceId, SipAccount) {
    let (device, settings) = office.api.add_device(extension, "Mobile").await;
    let account = office.account(BOB).with_password(settings.password.expose());
    assert_eq!(account.username, settings.username);
    (device.id, account)
}

/// How many phones of an extension the API shows as connected.
async fn connected(office: &Office, extension: ExtensionId) -> usize {
    let devices = office.api.devices(extension).await;
    devices.iter().map(|device| device.bindings.len()).sum()
}
