//! Bodies made to hurt (design: attack case 16), and sloppy ones that must not be taken for them.

use super::*;
use crate::sdp::{
    AudioDescription, Fault, NegotiationError,
    limits::{MAX_ATTRIBUTES, MAX_BODY_BYTES, MAX_FMTP_BYTES, MAX_FORMATS, MAX_LINES, MAX_MEDIA},
};

const HEAD: &str = "v=0\no=- 1 1 IN IP4 192.0.2.1\ns=-\nc=IN IP4 192.0.2.1\nt=0 0\n";

fn fault(body: impl AsRef<[u8]>) -> Option<Fault> {
    Description::parse(body.as_ref()).err().map(|error| error.fault)
}

#[test]
fn too_much_of_anything_is_refused() {
    let with = |line: &str, times: usize| format!("{HEAD}{}", line.repeat(times));
    assert_eq!(fault(with("m=audio 9 RTP/AVP 0\n", 1000)), Some(Fault::TooManyMedia));
    assert_eq!(fault(with("m=audio 9 RTP/AVP 0\n", MAX_MEDIA)), None);
    assert_eq!(fault(with("a=x\n", MAX_ATTRIBUTES + 1)), Some(Fault::TooManyAttributes));
    assert_eq!(fault(with("a=x\n", MAX_ATTRIBUTES)), None);
    assert_eq!(fault(with("b=AS:1\n", MAX_LINES)), Some(Fault::TooManyLines));
    assert_eq!(fault(with("b=AS:1\n", MAX_LINES - 1)), None);
    let formats = |count| format!("{HEAD}m=audio 9 RTP/AVP{}\n", " 0".repeat(count));
    assert_eq!(fault(formats(MAX_FORMATS + 1)), Some(Fault::TooManyFormats));
    assert_eq!(fault(formats(MAX_FORMATS)), None);
}

#[test]
fn a_64_kilobyte_line_is_refused_before_it_is_read() {
    let line = format!("{HEAD}a={}\n", "x".repeat(65_536));
    assert_eq!(fault(line), Some(Fault::TooLong));
    assert_eq!(fault(vec![b'='; MAX_BODY_BYTES + 1]), Some(Fault::TooLong));
}

#[test]
fn a_port_is_a_port() {
    for port in [
        "-1",
        "65536",
        "99999999999999999999",
        "0x10",
        "audio",
        "80/-1",
        "80/70000",
    ] {
        assert_eq!(
            fault(format!("{HEAD}m=audio {port} RTP/AVP 0\n")),
            Some(Fault::Media),
            "{port}"
        );
    }
}

#[test]
fn lines_that_could_end_elsewhere_are_refused() {
    assert_eq!(fault(format!("{HEAD}a=x\ra=y\n")), Some(Fault::ControlCharacter));
    assert_eq!(fault(format!("{HEAD}a=x\0\n")), Some(Fault::ControlCharacter));
    assert_eq!(fault(format!("{HEAD}hello\n")), Some(Fault::NotALine));
    assert_eq!(fault(format!("{HEAD}ab=1\n")), Some(Fault::NotALine));
    assert_eq!(fault(format!("{HEAD}=1\n")), Some(Fault::NotALine));
}

#[test]
fn what_is_no_description_is_refused() {
    assert_eq!(fault(""), Some(Fault::NoVersion));
    assert_eq!(fault("v=0\r\n"), Some(Fault::NoOrigin));
    assert_eq!(fault("v=1\r\n"), Some(Fault::NoVersion));
    assert_eq!(fault("v=0\r\no=- 1\r\n"), Some(Fault::Origin));
    assert_eq!(
        fault(format!("{HEAD}m=audio 9 RTP/AVP 0\nc=IN\n")),
        Some(Fault::Connection)
    );
    let error = Description::parse(b"v=0\r\no=x\r\n").unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 2 of the session description: the origin is malformed"
    );
}

#[test]
fn a_refused_port_is_not_a_stream() {
    let offer = read(&format!("{HEAD}m=audio 0 RTP/AVP 0\n"));
    assert_eq!(AudioDescription::of(&offer), Err(NegotiationError::NoAudio));
}

#[test]
fn payload_types_and_codecs_said_twice_count_once() {
    let text = format!(
        "{HEAD}m=audio 9 RTP/AVP 96 96 97 0 0\na=rtpmap:96 opus/48000/2\na=rtpmap:96 PCMA/8000\na=rtpmap:97 opus/48000/2\n"
    );
    let audio = AudioDescription::of(&read(&text)).unwrap();
    let numbers: Vec<_> = audio.capabilities.formats().map(|format| format.payload_type).collect();
    assert_eq!(numbers, [96, 97, 0]);
    assert!(
        audio.capabilities.codecs[0].codec.is("opus"),
        "the first meaning counts"
    );
    let offer = leg(1).offer(&callee_side(), &audio.capabilities);
    assert_eq!(offer.media[0].formats, ["96", "0"]);
}

#[test]
fn long_parameters_do_not_travel_to_other_legs() {
    let text = format!(
        "{HEAD}m=audio 9 RTP/AVP 96 0\na=rtpmap:96 opus/48000/2\na=fmtp:96 {}\n",
        "x=1;".repeat(500)
    );
    let audio = AudioDescription::of(&read(&text)).unwrap();
    assert!(audio.capabilities.format(96).is_none());
    assert!(audio.capabilities.format(0).is_some());
}

#[test]
fn the_largest_offer_makes_an_offer_that_can_be_read() {
    let numbers: Vec<u8> = (64..128).collect();
    let list: String = numbers.iter().map(|number| format!(" {number}")).collect();
    let formats: String = numbers
        .iter()
        .map(|number| {
            let (name, parameters) = ("x".repeat(60), "y".repeat(MAX_FMTP_BYTES));
            format!("a=rtpmap:{number} {name}{number}/8000\na=fmtp:{number} {parameters}\n")
        })
        .collect();
    let heard = AudioDescription::of(&read(&format!("{HEAD}m=audio 9 RTP/AVP{list}\n{formats}"))).unwrap();
    let offer = leg(1).offer(&callee_side(), &heard.capabilities);
    assert_eq!(offer.media[0].formats.len(), 61, "all that there are numbers for");
    assert_eq!(Description::parse(&offer.to_bytes()), Ok(offer));
}

#[test]
fn sloppy_devices_are_understood() {
    let text = "\nv=0\nt=0 0\no=John Smith 1 1 IN IP4 192.0.2.1\n\ns=\nx=odd\nm=audio 9 RTP/AVP 0 \na=sendonly\na=\nc=IN IP4 192.0.2.1  \n\n\n";
    let description = Description::parse(text.as_bytes()).unwrap();
    let audio = AudioDescription::of(&description).unwrap();
    assert_eq!(audio.rtp, Some(address("192.0.2.1:9")));
    assert!(audio.holds());
    assert_eq!(description.session.lines.len(), 2);
    assert_eq!(description.name.expose(), "-");
}

#[test]
fn text_that_is_not_utf_8_does_no_harm() {
    let body = b"v=0\no=- 1 1 IN IP4 192.0.2.1\ns=Caf\xe9\nc=IN IP4 192.0.2.1\nm=audio 9 RTP/AVP 0\n";
    assert_eq!(Description::parse(body).unwrap().media.len(), 1);
}
