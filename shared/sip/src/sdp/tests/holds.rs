//! Hold and resume in both styles, session refreshes, and other re-offers.

use super::*;
use crate::sdp::{AudioDescription, Capabilities, Codec, NegotiationError};

fn playable() -> Capabilities {
    Capabilities::of_codecs([Codec::PCMA, Codec::PCMU, Codec::G722])
}

/// A leg whose first offer was [`YEALINK`].
fn answered() -> (Negotiation, Description) {
    let mut leg = leg(1);
    let answer = leg.answer(&read(YEALINK), &caller_side(), &playable()).unwrap();
    (leg, answer)
}

/// The next description of the same phone.
fn again(change: &str, by: &str) -> Description {
    read(&YEALINK.replace("20042 20042", "20042 20043").replace(change, by))
}

fn version(description: &Description) -> &str {
    &description.origin.version
}

#[test]
fn a_holder_that_plays_music_is_only_heard() {
    let (mut leg, _) = answered();
    let hold = again("a=sendrecv", "a=sendonly");
    assert!(AudioDescription::of(&hold).unwrap().holds());
    let answer = leg.answer(&hold, &caller_side(), &playable()).unwrap();
    assert!(shown(&answer).contains("a=recvonly\n"));
    assert_eq!(leg.agreement().unwrap().direction, Direction::RecvOnly);
    assert!(leg.agreement().unwrap().held_by_remote());
}

#[test]
fn a_holder_without_music_stops_both_ways() {
    let (mut leg, _) = answered();
    let answer = leg
        .answer(&again("a=sendrecv", "a=inactive"), &caller_side(), &playable())
        .unwrap();
    assert!(shown(&answer).contains("a=inactive\n"));
}

#[test]
fn hold_the_old_way_means_the_same() {
    let (mut leg, _) = answered();
    let hold = again("c=IN IP4 192.0.2.50", "c=IN IP4 0.0.0.0");
    let heard = AudioDescription::of(&hold).unwrap();
    assert!(heard.holds());
    assert_eq!((heard.rtp, heard.rtcp), (None, None));
    let answer = leg.answer(&hold, &caller_side(), &playable()).unwrap();
    assert!(shown(&answer).contains("a=recvonly\n"));
    let agreement = leg.agreement().unwrap();
    assert!(agreement.held_by_remote());
    assert_eq!(agreement.remote_rtp, None);
}

#[test]
fn a_browser_without_an_address_yet_does_not_hold() {
    let text = CHROME
        .replace("UDP/TLS/RTP/SAVPF", "RTP/AVPF")
        .replace("192.0.2.20\n", "0.0.0.0\n");
    let audio = AudioDescription::of(&read(&text)).unwrap();
    assert_eq!((audio.rtp, audio.holds()), (None, false));
}

#[test]
fn after_hold_and_resume_the_leg_is_as_before() {
    let (mut leg, first) = answered();
    let agreement = leg.agreement().cloned();
    let held = leg
        .answer(&again("a=sendrecv", "a=sendonly"), &caller_side(), &playable())
        .unwrap();
    let resumed = leg
        .answer(&again("20043", "20044"), &caller_side(), &playable())
        .unwrap();
    assert_eq!([version(&first), version(&held), version(&resumed)], ["1", "2", "3"]);
    assert_eq!(resumed.media, first.media);
    assert_eq!(leg.agreement().cloned(), agreement);
}

#[test]
fn a_session_refresh_gets_the_same_answer() {
    let (mut leg, first) = answered();
    assert_eq!(leg.refresh(&read(YEALINK)), Some(first.clone()));
    let counted_up = again("", "");
    assert_eq!(thawed(&leg).refresh(&counted_up), Some(first));
}

#[test]
fn a_refresh_by_the_side_that_answered_is_understood() {
    let mut callee = leg(2);
    callee.offer(&callee_side(), &playable());
    callee
        .accept_answer(&read(&YEALINK.replace("9 0 8 18 101", "8 101")))
        .unwrap();
    let full = read(&YEALINK.replace("20042 20042", "20042 20043"));
    let answer = callee
        .refresh(&full)
        .expect("the phone only lists all its codecs again");
    assert_eq!(answer.media[0].formats, ["8", "101"]);
    assert_eq!(callee.remote().unwrap().capabilities.codecs.len(), 4);
}

#[test]
fn a_phone_that_moved_is_answered_without_the_other_leg() {
    let (mut leg, first) = answered();
    let moved = YEALINK
        .replace("c=IN IP4 192.0.2.50", "c=IN IP4 192.0.2.51")
        .replace("11782", "11790");
    let answer = leg.refresh(&read(&moved)).unwrap();
    assert_eq!(answer, first);
    assert_eq!(leg.agreement().unwrap().remote_rtp, Some(address("192.0.2.51:11790")));
}

#[test]
fn a_change_that_is_heard_is_no_refresh() {
    let (leg, _) = answered();
    for (change, by) in [
        ("a=sendrecv", "a=sendonly"),
        ("c=IN IP4 192.0.2.50", "c=IN IP4 0.0.0.0"),
        ("RTP/AVP 9 0 8 18 101", "RTP/AVP 0 18 101"),
        ("RTP/AVP 9 0 8 18 101", "RTP/AVP 18"),
        ("a=ptime:20", "a=ptime:30"),
    ] {
        let mut trial = leg.clone();
        assert_eq!(trial.refresh(&again(change, by)), None, "{by}");
        assert_eq!(trial, leg, "nothing has changed");
    }
    assert_eq!(super::leg(1).refresh(&read(YEALINK)), None);
}

#[test]
fn taking_back_from_hold_is_no_refresh_while_the_other_leg_only_receives() {
    let (mut leg, _) = answered();
    let holder = LocalAudio {
        direction: Direction::RecvOnly,
        ..callee_side()
    };
    leg.answer(&again("a=sendrecv", "a=sendonly"), &holder, &playable())
        .unwrap();
    assert_eq!(leg.refresh(&read(YEALINK)), None);
}

#[test]
fn we_hold_and_resume_with_rising_versions() {
    let mut callee = leg(2);
    let offer = callee.offer(&callee_side(), &playable());
    callee.accept_answer(&read(YEALINK)).unwrap();
    let hold = callee.reoffer(Direction::SendOnly).unwrap();
    assert!(shown(&hold).contains("a=sendonly\n"));
    callee.accept_answer(&again("a=sendrecv", "a=recvonly")).unwrap();
    assert_eq!(callee.agreement().unwrap().direction, Direction::SendOnly);
    let resume = callee.reoffer(Direction::SendRecv).unwrap();
    assert_eq!([version(&offer), version(&hold), version(&resume)], ["1", "2", "3"]);
    assert_eq!(
        [&offer.origin.id, &offer.media[0].formats[0]],
        [&resume.origin.id, &resume.media[0].formats[0]]
    );
}

#[test]
fn a_reinvite_without_offer_gets_our_whole_offer_again() {
    let (mut leg, first) = answered();
    let offer = leg.reoffer(Direction::SendRecv).unwrap();
    assert_eq!(version(&offer), "2", "the answer had fewer codecs and no rtcp-mux");
    assert_eq!(first.media[0].formats, ["8", "0", "9", "101"]);
    assert_eq!(
        offer.media[0].formats, first.media[0].formats,
        "in the numbers that the phone chose"
    );
    leg.accept_answer(&again("", "")).unwrap();
}

#[test]
fn a_refused_reoffer_leaves_the_agreement() {
    let (mut leg, first) = answered();
    let before = leg.agreement().cloned();
    leg.reoffer(Direction::Inactive).unwrap();
    assert_eq!(leg.agreement().cloned(), before);
    let answer = leg.refresh(&read(YEALINK)).unwrap();
    assert_eq!(answer.media, first.media);
    assert_eq!(version(&answer), "3", "whatever was sent counts");
}

#[test]
fn a_fax_reoffer_is_refused_and_the_call_goes_on() {
    let (mut leg, _) = answered();
    let before = leg.clone();
    let refused = leg.answer(&read(FAX), &caller_side(), &playable());
    assert_eq!(refused, Err(NegotiationError::FaxOnly));
    assert_eq!(leg, before);
}

#[test]
fn a_new_offer_from_the_phone_may_bring_new_numbers() {
    let mut leg = leg(1);
    let opus = Capabilities::of_codecs([Codec::OPUS, Codec::PCMA]);
    leg.answer(&read(BARESIP), &caller_side(), &opus).unwrap();
    let moved = BARESIP.replace("96", "112");
    let answer = leg.answer(&read(&moved), &caller_side(), &opus).unwrap();
    assert_eq!(answer.media[0].formats, ["112", "8", "101"]);
    let offer = leg.reoffer(Direction::SendOnly).unwrap();
    assert_eq!(offer.media[0].formats[0], "112", "the last number counts");
}
