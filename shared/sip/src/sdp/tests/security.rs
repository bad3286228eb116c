//! SRTP by SDES on both sides of a call.

use super::*;
use crate::sdp::{AudioDescription, Capabilities, Codec, Crypto, NegotiationError, Protocol, SrtpKeys};

fn pcma() -> Capabilities {
    Capabilities::of_codecs([Codec::PCMA])
}

fn cryptos(description: &Description) -> Vec<Crypto> {
    description
        .media
        .iter()
        .flat_map(|media| media.section.cryptos().cloned())
        .collect()
}

#[test]
fn an_srtp_phone_is_answered_with_one_line_of_its_own_tag() {
    let mut caller = leg(1);
    let offer = read(YEALINK_SRTP);
    let answer = caller.answer(&offer, &secure("198.51.100.1:20000"), &pcma()).unwrap();
    insta::assert_snapshot!(shown(&answer), @r"
    v=0
    o=- 4492910833341040152 1 IN IP4 198.51.100.1
    s=-
    c=IN IP4 198.51.100.1
    t=0 0
    m=audio 20000 RTP/SAVP 8 101
    a=rtpmap:8 PCMA/8000
    a=rtpmap:101 telephone-event/8000
    a=fmtp:101 0-15
    a=ptime:20
    a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:SmkNzCXR9LDayUgyWsGPbdMlZDcXNfMsVHQ9xeJN
    a=sendrecv
    m=audio 0 RTP/AVP 9
    ");
    let theirs = cryptos(&offer).remove(0);
    let ours = cryptos(&answer).remove(0);
    assert_eq!(
        caller.agreement().unwrap().srtp,
        Some(SrtpKeys {
            suite: Suite::AesCm128HmacSha1_80,
            send: ours.usable_key().unwrap().clone(),
            receive: theirs.usable_key().unwrap().clone(),
        })
    );
}

#[test]
fn a_phone_that_offers_both_gets_plain_audio_where_srtp_is_not_wanted() {
    let mut caller = leg(1);
    let answer = caller.answer(&read(YEALINK_SRTP), &caller_side(), &pcma()).unwrap();
    let ports: Vec<_> = answer.media.iter().map(|media| media.port).collect();
    assert_eq!(ports, [0, 20_000]);
    assert_eq!(caller.agreement().unwrap().srtp, None);
}

#[test]
fn a_leg_offers_every_suite_and_takes_the_one_answered() {
    let mut callee = leg(2);
    let offer = callee.offer(&secure("198.51.100.1:20002"), &pcma());
    assert_eq!(offer.media[0].protocol, Protocol::RtpSavp);
    let lines: Vec<_> = cryptos(&offer)
        .iter()
        .map(|crypto| (crypto.tag, crypto.suite))
        .collect();
    assert_eq!(lines, [(1, Suite::AeadAes256Gcm), (2, Suite::AesCm128HmacSha1_80)]);
    let answer = |tag: &str| {
        format!(
            "v=0\no=- 1 1 IN IP4 192.0.2.1\ns=-\nc=IN IP4 192.0.2.1\nt=0 0\nm=audio 4000 RTP/SAVP 8\n\
             a=crypto:{tag} AES_CM_128_HMAC_SHA1_80 inline:NDlmMzZlN2ViNTExZDk5MTU5ZjE4MWFkZDcwMTFi|2^48\n"
        )
    };
    let wrong_tag = callee.accept_answer(&read(&answer("1")));
    assert_eq!(wrong_tag.err(), Some(NegotiationError::NoCommonEncryption));
    let keys = callee.accept_answer(&read(&answer("2"))).unwrap().srtp.clone().unwrap();
    assert_eq!(keys.suite, Suite::AesCm128HmacSha1_80);
    assert_eq!(Some(&keys.send), cryptos(&offer)[1].usable_key());

    let hold = callee.reoffer(Direction::SendOnly).unwrap();
    let kept = cryptos(&hold);
    assert_eq!(kept.len(), 1, "only what has been agreed");
    assert_eq!(kept[0].usable_key(), Some(&keys.send), "the key stays");
}

#[test]
fn an_srtp_offer_is_not_answered_in_plain() {
    let mut callee = leg(2);
    callee.offer(&secure("198.51.100.1:20002"), &pcma());
    let plain = read(&SIPP.replace("AVP 0", "AVP 8"));
    assert_eq!(
        callee.accept_answer(&plain).err(),
        Some(NegotiationError::NoCommonEncryption)
    );
}

#[test]
fn a_plain_offer_is_not_answered_in_srtp() {
    let mut callee = leg(2);
    callee.offer(&callee_side(), &pcma());
    let first_line_only = YEALINK_SRTP.split("m=audio 11784 RTP/AVP").next().unwrap();
    let refused = callee.accept_answer(&read(first_line_only));
    assert_eq!(refused.err(), Some(NegotiationError::NoCommonEncryption));
}

#[test]
fn srtp_without_a_line_that_we_can_use_is_refused() {
    let only_f8: String = YEALINK_SRTP
        .split("m=audio 11784 RTP/AVP")
        .next()
        .unwrap()
        .lines()
        .filter(|line| !line.contains("AES_CM_128"))
        .flat_map(|line| [line, "\n"])
        .collect();
    let refused = leg(1).answer(&read(&only_f8), &secure("198.51.100.1:20000"), &pcma());
    assert_eq!(refused, Err(NegotiationError::NoCommonEncryption));
    assert_eq!(
        AudioDescription::of(&read(&only_f8)),
        Err(NegotiationError::NoCommonEncryption)
    );
}

#[test]
fn a_phone_that_likes_srtp_gets_it_when_we_do_too() {
    let opportunistic = YEALINK_SRTP.replace("RTP/SAVP", "RTP/AVP");
    let mut caller = leg(1);
    let answer = caller
        .answer(&read(&opportunistic), &secure("198.51.100.1:20000"), &pcma())
        .unwrap();
    assert_eq!(
        (&answer.media[0].protocol, cryptos(&answer).len()),
        (&Protocol::RtpAvp, 1)
    );
    let answer = leg(1).answer(&read(&opportunistic), &caller_side(), &pcma()).unwrap();
    assert_eq!(cryptos(&answer), []);
}

#[test]
fn a_phone_may_change_its_key_and_we_keep_ours() {
    let mut caller = leg(1);
    caller
        .answer(&read(YEALINK_SRTP), &secure("198.51.100.1:20000"), &pcma())
        .unwrap();
    let before = caller.agreement().unwrap().srtp.clone().unwrap();
    assert!(
        caller
            .refresh(&read(&YEALINK_SRTP.replace("NDlmMzZl", "MDAwMDAw")))
            .is_some()
    );
    let after = caller.agreement().unwrap().srtp.clone().unwrap();
    assert_eq!(after.send, before.send);
    assert_ne!(after.receive, before.receive);
}

#[test]
fn keys_are_not_printed_for_debugging() {
    let mut caller = leg(1);
    caller
        .answer(&read(YEALINK_SRTP), &secure("198.51.100.1:20000"), &pcma())
        .unwrap();
    let text = format!("{:?} {:?}", caller.agreement(), read(YEALINK_SRTP));
    assert!(text.contains("[secret]") && !text.contains("NDlmMzZl"));
    assert!(!text.contains("OTg1NWYw"), "nor those of a suite that we do not know");
}
