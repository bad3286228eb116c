//! Calls through the server: offer to the callee, its answer, answer to the caller, payload maps.

use super::*;
use crate::sdp::{Agreement, AudioDescription, Capabilities, Codec, NegotiationError, PayloadMap};

/// A call between two legs that has been answered.
struct Call {
    offer_out: Description,
    answer_out: Description,
    caller: Agreement,
    callee: Agreement,
}

fn call(offer_in: &str, answer_in: &str) -> Result<Call, NegotiationError> {
    let offer_in = read(offer_in);
    let (mut caller, mut callee) = (leg(1), leg(2));
    let heard = AudioDescription::of(&offer_in)?;
    let offer_out = callee.offer(&callee_side(), &heard.capabilities);
    let mut callee = thawed(&callee);
    let chosen = callee.accept_answer(&read(answer_in))?.clone();
    let answer_out = caller.answer(&offer_in, &caller_side(), &chosen.send)?;
    Ok(Call {
        offer_out,
        answer_out,
        caller: thawed(&caller).agreement().unwrap().clone(),
        callee: chosen,
    })
}

fn pairs(from: &Agreement, to: &Agreement) -> Vec<(u8, u8)> {
    PayloadMap::between(from, to).iter().collect()
}

/// An answer of a phone at 192.0.2.77.
fn answer(lines: &str) -> String {
    format!("v=0\no=- 9 9 IN IP4 192.0.2.77\ns=-\nc=IN IP4 192.0.2.77\nt=0 0\n{lines}\n")
}

#[test]
fn the_callee_is_offered_what_the_caller_has() {
    let heard = AudioDescription::of(&read(BARESIP)).unwrap();
    insta::assert_snapshot!(shown(&leg(2).offer(&callee_side(), &heard.capabilities)), @r"
    v=0
    o=- 1371173378470326151 1 IN IP4 198.51.100.1
    s=-
    c=IN IP4 198.51.100.1
    t=0 0
    m=audio 20002 RTP/AVP 96 9 8 0 101
    a=rtpmap:96 opus/48000/2
    a=fmtp:96 stereo=1;sprop-stereo=1
    a=rtpmap:9 G722/8000
    a=rtpmap:8 PCMA/8000
    a=rtpmap:0 PCMU/8000
    a=rtpmap:101 telephone-event/8000
    a=fmtp:101 0-15
    a=ptime:20
    a=rtcp-mux
    a=sendrecv
    ");
}

#[test]
fn the_caller_is_answered_with_what_the_callee_chose_in_the_callers_numbers() {
    let answer_in = answer(
        "m=audio 4000 RTP/AVP 8 96 105\na=rtpmap:8 PCMA/8000\na=rtpmap:96 opus/48000/2\na=fmtp:96 useinbandfec=1\n\
         a=rtpmap:105 telephone-event/8000\na=ptime:40\na=sendrecv",
    );
    let call = call(LINPHONE, &answer_in).unwrap();
    insta::assert_snapshot!(shown(&call.answer_out), @r"
    v=0
    o=- 4492910833341040152 1 IN IP4 198.51.100.1
    s=-
    c=IN IP4 198.51.100.1
    t=0 0
    m=audio 20000 RTP/AVPF 8 96 100
    a=rtpmap:8 PCMA/8000
    a=rtpmap:96 opus/48000/2
    a=fmtp:96 useinbandfec=1
    a=rtpmap:100 telephone-event/8000
    a=fmtp:100 0-15
    a=ptime:40
    a=sendrecv
    m=video 0 RTP/AVPF 96
    ");
    assert_eq!(call.callee.send.ptime, Some(40));
    assert_eq!(pairs(&call.caller, &call.callee), [(8, 8), (96, 96), (100, 105)]);
}

#[test]
fn payload_types_are_translated_both_ways() {
    let answer_in = answer(
        "m=audio 4000 RTP/AVP 107 121\na=rtpmap:107 OPUS/48000/2\na=rtpmap:121 telephone-event/8000\na=fmtp:121 0-11",
    );
    let call = call(BARESIP, &answer_in).unwrap();
    assert_eq!(call.offer_out.media[0].formats, ["96", "9", "8", "0", "101"]);
    assert_eq!(call.answer_out.media[0].formats, ["96", "101"]);
    assert_eq!(pairs(&call.caller, &call.callee), [(96, 107), (101, 121)]);
    // The callee may send with the numbers of our offer or with those of its own answer.
    assert_eq!(
        pairs(&call.callee, &call.caller),
        [(96, 96), (101, 101), (107, 96), (121, 101)]
    );
    assert!(
        shown(&call.answer_out).contains("a=fmtp:101 0-11\n"),
        "only keys that both know"
    );
}

#[test]
fn what_only_one_leg_has_is_dropped() {
    let call = call(IPV6, &answer("m=audio 4000 RTP/AVP 8")).unwrap();
    assert_eq!(call.answer_out.media[0].formats, ["8"]);
    assert_eq!(PayloadMap::between(&call.caller, &call.callee).target(101), None);
}

#[test]
fn comfort_noise_passes_on_its_own_clock() {
    let call = call(
        IPV6,
        &answer("m=audio 4000 RTP/AVP 8 13 101\na=rtpmap:101 telephone-event/8000"),
    )
    .unwrap();
    assert_eq!(call.answer_out.media[0].formats, ["8", "13", "101"]);
    assert_eq!(pairs(&call.caller, &call.callee), [(8, 8), (13, 13), (101, 101)]);
    assert_eq!(call.caller.remote_rtp, Some(address("[2001:db8::10]:5004")));
}

#[test]
fn key_presses_go_by_the_clock_of_the_chosen_codec() {
    let both = "a=rtpmap:100 telephone-event/8000\na=rtpmap:101 telephone-event/48000";
    let wide = answer(&format!(
        "m=audio 4000 RTP/AVP 96 100 101\na=rtpmap:96 opus/48000/2\n{both}"
    ));
    assert_eq!(
        call(LINPHONE, &wide).unwrap().answer_out.media[0].formats,
        ["96", "101"]
    );
    let narrow = answer(&format!("m=audio 4000 RTP/AVP 0 100 101\n{both}"));
    assert_eq!(
        call(LINPHONE, &narrow).unwrap().answer_out.media[0].formats,
        ["0", "100"]
    );
}

#[test]
fn an_answer_that_does_not_name_its_numbers_means_ours() {
    let call = call(BARESIP, &answer("m=audio 4000 RTP/AVP 96 101")).unwrap();
    assert_eq!(call.callee.send.codecs[0].codec, Codec::OPUS);
    assert_eq!(call.callee.send.telephone_events.len(), 1);
}

#[test]
fn video_is_refused_in_its_place() {
    let video_first = "v=0\no=- 1 1 IN IP4 192.0.2.1\ns=-\nc=IN IP4 192.0.2.1\nt=0 0\nm=video 4002 RTP/AVP 97 98\na=rtpmap:97 H264/90000\nm=audio 4000 RTP/AVP 0\nm=image 4004 udptl t38\n";
    let mut caller = leg(1);
    let answer = caller
        .answer(
            &read(video_first),
            &caller_side(),
            &Capabilities::of_codecs([Codec::PCMU]),
        )
        .unwrap();
    insta::assert_snapshot!(shown(&answer), @r"
    v=0
    o=- 4492910833341040152 1 IN IP4 198.51.100.1
    s=-
    c=IN IP4 198.51.100.1
    t=0 0
    m=video 0 RTP/AVP 97
    m=audio 20000 RTP/AVP 0
    a=rtpmap:0 PCMU/8000
    a=ptime:20
    a=sendrecv
    m=image 0 udptl t38
    ");
    let hold = caller.reoffer(Direction::SendOnly).unwrap();
    let lines: Vec<_> = hold
        .media
        .iter()
        .map(|media| (media.kind.as_str(), media.port))
        .collect();
    assert_eq!(
        lines,
        [("video", 0), ("audio", 20_000), ("image", 0)],
        "lines keep their places"
    );
}

#[test]
fn the_echo_test_answers_with_what_it_can_play() {
    let playable = Capabilities::of_codecs([Codec::OPUS, Codec::G722, Codec::PCMA, Codec::PCMU]);
    let mut caller = leg(1);
    let answer = caller.answer(&read(PJSIP), &caller_side(), &playable).unwrap();
    insta::assert_snapshot!(shown(&answer), @r"
    v=0
    o=- 4492910833341040152 1 IN IP4 198.51.100.1
    s=-
    c=IN IP4 198.51.100.1
    t=0 0
    m=audio 20000 RTP/AVP 9 8 0 121
    a=rtpmap:9 G722/8000
    a=rtpmap:8 PCMA/8000
    a=rtpmap:0 PCMU/8000
    a=rtpmap:121 telephone-event/8000
    a=fmtp:121 0-15
    a=ptime:20
    a=sendrecv
    ");
    let agreement = caller.agreement().unwrap();
    assert_eq!(
        agreement.remote_rtcp,
        Some(address("192.0.2.30:4001")),
        "not multiplexed: its own port"
    );
}

#[test]
fn a_call_without_an_offer_gets_ours_and_answers_in_the_ack() {
    let mut caller = leg(1);
    let offer = caller.offer(&caller_side(), &Capabilities::of_codecs([Codec::OPUS, Codec::PCMA]));
    assert_eq!(offer.media[0].formats, ["96", "8", "97", "98"]);
    let agreement = caller.accept_answer(&read(&answer("m=audio 4000 RTP/AVP 8"))).unwrap();
    assert_eq!(agreement.send.codecs[0].codec, Codec::PCMA);
}

#[test]
fn no_codec_in_common_is_said_on_both_sides() {
    let gsm_only = Capabilities::of_codecs([Codec::of_static(3).unwrap()]);
    let refused = leg(1).answer(&read(YEALINK), &caller_side(), &gsm_only);
    assert_eq!(refused, Err(NegotiationError::NoCommonCodec));
    let strange = call(SIPP, &answer("m=audio 4000 RTP/AVP 8"));
    assert_eq!(strange.err(), Some(NegotiationError::NoCommonCodec));
}

#[test]
fn parameters_that_change_the_bits_keep_formats_apart() {
    let heard = AudioDescription::of(&read(CISCO)).unwrap().capabilities;
    let other_mode = AudioDescription::of(&read(PJSIP)).unwrap().capabilities;
    let mut caller = leg(1);
    caller.answer(&read(CISCO), &caller_side(), &other_mode).unwrap();
    assert!(heard.codecs.iter().any(|format| format.codec.is("iLBC")));
    assert!(
        !caller
            .agreement()
            .unwrap()
            .send
            .codecs
            .iter()
            .any(|format| format.codec.is("iLBC"))
    );
}

#[test]
fn answers_that_do_not_fit_are_told_apart() {
    let two_lines = answer("m=audio 4000 RTP/AVP 0\nm=video 0 RTP/AVP 97");
    assert_eq!(call(SIPP, &two_lines).err(), Some(NegotiationError::Mismatch));
    assert_eq!(call(SIPP, &answer("a=x")).err(), Some(NegotiationError::Mismatch));
    assert_eq!(
        call(SIPP, &answer("m=video 4000 RTP/AVP 0")).err(),
        Some(NegotiationError::Mismatch)
    );
    assert_eq!(
        call(SIPP, &answer("m=audio 0 RTP/AVP 0")).err(),
        Some(NegotiationError::Refused)
    );
    assert_eq!(leg(1).accept_answer(&read(SIPP)).err(), Some(NegotiationError::NoOffer));
}

#[test]
fn the_same_answer_may_come_twice() {
    let mut callee = leg(2);
    callee.offer(&callee_side(), &Capabilities::of_codecs([Codec::PCMU]));
    let early = callee.accept_answer(&read(SIPP)).unwrap().clone();
    assert_eq!(callee.accept_answer(&read(SIPP)), Ok(&early));
}
