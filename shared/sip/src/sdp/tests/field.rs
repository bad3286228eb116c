//! What everyday devices offer, as the call sees it.

use std::fmt::Write;

use super::*;
use crate::sdp::{AudioDescription, Capabilities, MediaKind, NegotiationError};

fn summary(text: &str) -> String {
    let description = read(text);
    let mut out = String::new();
    match AudioDescription::of(&description) {
        Err(error) => write!(out, "{error}").unwrap(),
        Ok(audio) => {
            let names = |formats: &Capabilities| {
                let names = formats
                    .formats()
                    .map(|format| format!("{} {}", format.payload_type, format.codec));
                names.collect::<Vec<_>>().join(", ")
            };
            writeln!(out, "{} of {}", audio.protocol.as_str(), description.media.len()).unwrap();
            writeln!(
                out,
                "rtp {:?}, rtcp {:?}, mux {}",
                audio.rtp, audio.rtcp, audio.rtcp_mux
            )
            .unwrap();
            writeln!(out, "{}", names(&audio.capabilities)).unwrap();
            write!(
                out,
                "{}, ptime {:?}",
                audio.direction.as_str(),
                audio.capabilities.ptime
            )
            .unwrap();
        }
    }
    out
}

#[test]
fn baresip() {
    insta::assert_snapshot!(summary(BARESIP), @r"
    RTP/AVP of 1
    rtp Some(192.0.2.10:16772), rtcp Some(192.0.2.10:16773), mux true
    96 opus/48000/2, 9 G722/8000, 8 PCMA/8000, 0 PCMU/8000, 101 telephone-event/8000
    sendrecv, ptime Some(20)
    ");
}

#[test]
fn pjsip() {
    insta::assert_snapshot!(summary(PJSIP), @r"
    RTP/AVP of 1
    rtp Some(192.0.2.30:4000), rtcp Some(192.0.2.30:4001), mux false
    96 speex/16000, 97 speex/8000, 98 speex/32000, 99 iLBC/8000, 3 GSM/8000, 0 PCMU/8000, 8 PCMA/8000, 9 G722/8000, 120 telephone-event/16000, 121 telephone-event/8000, 122 telephone-event/32000
    sendrecv, ptime None
    ");
}

#[test]
fn linphone_with_video() {
    insta::assert_snapshot!(summary(LINPHONE), @r"
    RTP/AVPF of 2
    rtp Some(192.0.2.40:7078), rtcp Some(192.0.2.40:7079), mux false
    96 opus/48000/2, 97 speex/16000, 98 speex/8000, 0 PCMU/8000, 8 PCMA/8000, 18 G729/8000, 101 telephone-event/48000, 99 telephone-event/16000, 100 telephone-event/8000
    sendrecv, ptime None
    ");
}

#[test]
fn yealink() {
    insta::assert_snapshot!(summary(YEALINK), @r"
    RTP/AVP of 1
    rtp Some(192.0.2.50:11782), rtcp Some(192.0.2.50:11783), mux false
    9 G722/8000, 0 PCMU/8000, 8 PCMA/8000, 18 G729/8000, 101 telephone-event/8000
    sendrecv, ptime Some(20)
    ");
}

#[test]
fn cisco() {
    insta::assert_snapshot!(summary(CISCO), @r"
    RTP/AVP of 1
    rtp Some(192.0.2.60:26874), rtcp Some(192.0.2.60:26875), mux false
    114 opus/48000/2, 9 G722/8000, 124 ISAC/16000, 0 PCMU/8000, 8 PCMA/8000, 116 iLBC/8000, 18 G729/8000, 101 telephone-event/8000
    sendrecv, ptime None
    ");
}

#[test]
fn sipp() {
    insta::assert_snapshot!(summary(SIPP), @r"
    RTP/AVP of 1
    rtp Some(127.0.0.1:6000), rtcp Some(127.0.0.1:6001), mux false
    0 PCMU/8000
    sendrecv, ptime None
    ");
}

#[test]
fn a_phone_on_ipv6_with_comfort_noise() {
    insta::assert_snapshot!(summary(IPV6), @r"
    RTP/AVP of 1
    rtp Some([2001:db8::10]:5004), rtcp Some([2001:db8::10]:5005), mux false
    8 PCMA/8000, 13 CN/8000, 101 telephone-event/8000
    sendrecv, ptime None
    ");
}

#[test]
fn a_browser_waits_for_the_webrtc_gateway() {
    let description = read(CHROME);
    assert!(description.media[0].section.uses_ice());
    assert_eq!(
        AudioDescription::of(&description),
        Err(NegotiationError::UnsupportedTransport)
    );
}

#[test]
fn redundant_audio_is_not_relayed_because_it_names_payload_types() {
    let plain = CHROME.replace("UDP/TLS/RTP/SAVPF", "RTP/AVPF");
    let audio = AudioDescription::of(&read(&plain)).unwrap();
    assert!(audio.capabilities.format(63).is_none());
    assert!(audio.capabilities.format(111).is_some());
}

#[test]
fn a_fax_is_told_from_a_call_without_audio() {
    assert_eq!(AudioDescription::of(&read(FAX)), Err(NegotiationError::FaxOnly));
    let nothing = "v=0\no=- 1 1 IN IP4 192.0.2.1\ns=-\nc=IN IP4 192.0.2.1\nt=0 0\n";
    assert_eq!(AudioDescription::of(&read(nothing)), Err(NegotiationError::NoAudio));
    assert_eq!(read(FAX).media[1].kind, MediaKind::Image);
}

#[test]
fn an_address_that_no_packet_may_go_to_is_refused() {
    for host in [
        "IP4 224.2.1.1/127",
        "IP4 239.1.1.1",
        "IP4 255.255.255.255",
        "IP4 phone.example",
        "IP6 ff02::1",
    ] {
        let offer = SIPP.replace("c=IN IP4 127.0.0.1", &format!("c=IN {host}"));
        let refused = AudioDescription::of(&read(&offer));
        assert_eq!(refused, Err(NegotiationError::UnusableAddress), "{host}");
    }
}

#[test]
fn rtcp_goes_to_the_next_port_unless_told() {
    let rtcp = |line: &str| AudioDescription::of(&read(&format!("{SIPP}{line}\n"))).unwrap().rtcp;
    assert_eq!(rtcp("a=x"), Some(address("127.0.0.1:6001")));
    assert_eq!(rtcp("a=rtcp:7000"), Some(address("127.0.0.1:7000")));
    assert_eq!(rtcp("a=rtcp:7000 IN IP4 192.0.2.9"), Some(address("192.0.2.9:7000")));
    assert_eq!(rtcp("a=rtcp:7000 IN IP4 0.0.0.0"), Some(address("127.0.0.1:7000")));
    let last_port = SIPP.replace("m=audio 6000", "m=audio 65535");
    assert_eq!(AudioDescription::of(&read(&last_port)).unwrap().rtcp, None);
}
