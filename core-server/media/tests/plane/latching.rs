//! Attack case 13: packets from addresses, and of streams, that nobody agreed to.

use wigwag_media::{DropReason, MediaEvent};
use wigwag_sip::sdp::Codec;

use crate::{
    phone::Phone,
    stage::{Stage, agreement, agreement_at},
};

const PCMA: [(u8, Codec); 1] = [(8, Codec::PCMA)];

#[test]
fn sound_injected_by_a_third_address_is_not_heard_and_does_not_move_the_leg() {
    let stage = Stage::new();
    let (mut alice, mut bob, mut mallory) = (Phone::new(1), Phone::new(2), Phone::new(66));
    let (a, at_a) = stage.leg(0, &alice, &PCMA);
    let (b, at_b) = stage.leg(1, &bob, &PCMA);
    stage.plane.bridge(a, b);
    stage.statistics(a);
    alice.say(at_a.rtp, 8, b"first");
    assert_eq!(bob.hear().payload, b"first");

    for _ in 0..20 {
        mallory.say(at_a.rtp, 8, b"evil");
    }
    let same_source = mallory.packet(8, b"evil");
    alice.rtp.send_to(&same_source, at_a.rtp).unwrap();
    alice.say(at_a.rtp, 99, b"evil");
    alice.say(at_a.rtp, 8, b"second");
    assert_eq!(bob.hear().payload, b"second");
    bob.say(at_b.rtp, 8, b"to alice");
    assert_eq!(alice.hear().payload, b"to alice");

    let dropped = stage.close(a).dropped;
    let reasons = [
        DropReason::UnknownSource,
        DropReason::UnknownSsrc,
        DropReason::UnknownPayloadType,
    ];
    assert_eq!(reasons.map(|reason| dropped.of(reason)), [20, 1, 1]);
}

#[test]
fn a_phone_behind_nat_is_heard_and_answered_where_its_packets_come_from() {
    let stage = Stage::new();
    let (mut alice, mut mallory) = (Phone::new(1), Phone::new(66));
    let private = Phone::new(9);
    let (a, at_a) = stage.leg(0, &private, &PCMA);
    stage.plane.echo(a);
    stage.statistics(a);
    alice.say(at_a.rtp, 8, b"here I am");
    assert_eq!(alice.hear().payload, b"here I am");
    let MediaEvent::Latched { leg, remote } = stage.event() else {
        panic!("the first packet latches");
    };
    assert_eq!((leg, *remote.expose()), (a, alice.rtp_address()));

    // A hold and its end open new windows; the address that was proven is trusted before any other.
    stage
        .plane
        .configure(a, agreement_at(private.rtp_address(), private.rtcp_address(), &PCMA));
    stage.statistics(a);
    alice.say(at_a.rtp, 8, b"still here");
    mallory.say(at_a.rtp, 8, b"evil");
    alice.say(at_a.rtp, 8, b"and here");
    assert_eq!(
        (alice.hear().payload, alice.hear().payload),
        (b"still here".to_vec(), b"and here".to_vec())
    );
    assert_eq!(stage.close(a).dropped.of(DropReason::UnknownSource), 1);
}

#[test]
fn an_injector_that_was_first_after_the_answer_loses_the_leg_to_the_phone() {
    let stage = Stage::new();
    let (mut alice, mut mallory) = (Phone::new(1), Phone::new(66));
    let (a, at_a) = stage.leg(0, &alice, &PCMA);
    stage.plane.echo(a);
    stage.statistics(a);
    mallory.say(at_a.rtp, 8, b"evil");
    assert_eq!(mallory.hear().payload, b"evil");
    alice.say(at_a.rtp, 8, b"mine");
    assert_eq!(alice.hear().payload, b"mine");
    mallory.say(at_a.rtp, 8, b"evil");
    alice.say(at_a.rtp, 8, b"mine again");
    assert_eq!(alice.hear().payload, b"mine again");
    assert_eq!(stage.close(a).dropped.of(DropReason::UnknownSource), 1);
}

#[test]
fn a_new_offer_may_move_the_leg_and_the_old_address_is_left_behind() {
    let stage = Stage::new();
    let (mut alice, mut elsewhere) = (Phone::new(1), Phone::new(2));
    let (a, at_a) = stage.leg(0, &alice, &PCMA);
    stage.plane.echo(a);
    stage.statistics(a);
    alice.say(at_a.rtp, 8, b"one");
    alice.hear();
    stage.plane.configure(a, agreement(&elsewhere, &PCMA));
    stage.statistics(a);
    alice.say(at_a.rtp, 8, b"late");
    elsewhere.say(at_a.rtp, 8, b"two");
    assert_eq!(elsewhere.hear().payload, b"two");
    assert_eq!(stage.close(a).dropped.of(DropReason::UnknownSource), 1);
}

#[test]
fn a_leg_that_nothing_was_agreed_for_listens_to_nobody() {
    let stage = Stage::new();
    let mut mallory = Phone::new(66);
    let alice = Phone::new(1);
    let a = crate::stage::key(0);
    let at_a = stage.plane.open(1, a, wigwag_media::IpFamily::V4).unwrap();
    stage.plane.echo(a);
    mallory.say(at_a.rtp, 8, b"evil");
    stage.plane.configure(a, agreement(&alice, &PCMA));
    while stage.statistics(a).dropped.total() == 0 {}
    assert_eq!(stage.close(a).sent.packets, 0);
}
