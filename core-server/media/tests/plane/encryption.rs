//! SRTP on one side, plain RTP on the other. The phone's end is made of the same contexts, which the unit tests hold
//! against the vectors of the RFCs and of libsrtp; here it is the leg's behaviour that counts.

use wigwag_media::{DropReason, MediaEvent};
use wigwag_sansio::Secret;
use wigwag_sip::sdp::{Codec, SrtpKeys, Suite};

use crate::{
    phone::Phone,
    stage::{Stage, agreement},
};

const PCMA: [(u8, Codec); 1] = [(8, Codec::PCMA)];

fn keys(send: u8, receive: u8) -> SrtpKeys {
    let suite = Suite::AesCm128HmacSha1_80;
    let key = |first| Secret::new(vec![first; suite.key_bytes() + suite.salt_bytes()]);
    SrtpKeys {
        suite,
        send: key(send),
        receive: key(receive),
    }
}

/// An encrypted echo: what the leg seals with one key another leg of the same plane opens.
#[test]
fn an_encrypted_leg_and_a_plain_one_hear_each_other() {
    let stage = Stage::new();
    let (mut alice, mut bob) = (Phone::new(1), Phone::new(2));
    let (a, at_a) = stage.leg(0, &alice, &PCMA);
    let (b, at_b) = stage.leg(1, &bob, &PCMA);
    let mut encrypted = agreement(&bob, &PCMA);
    encrypted.srtp = Some(keys(1, 2));
    stage.plane.configure(b, encrypted);
    stage.plane.bridge(a, b);
    // A second pair whose encrypted leg has the keys the other way round plays the encrypting phone.
    let (mut carol, relay) = (Phone::new(3), Phone::new(4));
    let (c, at_c) = stage.leg(2, &carol, &PCMA);
    let (d, at_d) = stage.leg(3, &relay, &PCMA);
    let mut encrypted = agreement(&relay, &PCMA);
    encrypted.srtp = Some(keys(2, 1));
    stage.plane.configure(d, encrypted);
    stage.plane.bridge(c, d);
    stage.statistics(d);

    alice.say(at_a.rtp, 8, b"in the clear");
    let (sealed, _) = crate::phone::receive(&bob.rtp);
    assert_eq!(sealed.len(), 12 + 12 + 10);
    assert!(!sealed.windows(5).any(|window| window == b"clear"));
    relay.rtp.send_to(&sealed, at_d.rtp).unwrap();
    assert_eq!(carol.hear().payload, b"in the clear");

    carol.say(at_c.rtp, 8, b"and back");
    let (sealed, _) = crate::phone::receive(&relay.rtp);
    bob.rtp.send_to(&sealed, at_b.rtp).unwrap();
    assert_eq!(alice.hear().payload, b"and back");

    // Replayed, changed, plain: none of it gets through.
    let mut changed = sealed.clone();
    changed[15] ^= 1;
    changed[3] = changed[3].wrapping_add(1);
    bob.rtp.send_to(&sealed, at_b.rtp).unwrap();
    bob.rtp.send_to(&changed, at_b.rtp).unwrap();
    bob.say(at_b.rtp, 8, b"plain words without a tag");
    carol.say(at_c.rtp, 8, b"the end");
    let (sealed, _) = crate::phone::receive(&relay.rtp);
    bob.rtp.send_to(&sealed, at_b.rtp).unwrap();
    assert_eq!(alice.hear().payload, b"the end");
    let dropped = stage.close(b).dropped;
    assert_eq!(
        (dropped.of(DropReason::Replayed), dropped.of(DropReason::NotAuthentic)),
        (1, 2)
    );
}

#[test]
fn an_encrypted_leg_latches_on_authentic_packets_only() {
    let stage = Stage::new();
    let (mut mallory, private) = (Phone::new(66), Phone::new(9));
    let (a, at_a) = stage.leg(0, &private, &PCMA);
    let mut encrypted = agreement(&private, &PCMA);
    encrypted.srtp = Some(keys(1, 1));
    stage.plane.configure(a, encrypted);
    stage.plane.echo(a);
    stage.statistics(a);
    for _ in 0..10 {
        mallory.say(at_a.rtp, 8, b"a packet long enough for a tag");
    }
    while stage.statistics(a).dropped.of(DropReason::NotAuthentic) < 10 {}
    let statistics = stage.close(a);
    assert_eq!((statistics.remote, statistics.received.packets), (None, 0));
    assert!(
        !stage
            .events
            .try_iter()
            .any(|event| matches!(event, MediaEvent::Latched { .. }))
    );
}
