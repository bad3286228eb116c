//! What comes to a port for sound, and recordings that somebody uploads.

use std::time::Duration;

use wigwag_media::{Sound, untrusted, untrusted::SrtpEnd};
use wigwag_sansio::{Now, Secret, Tick};
use wigwag_sip::sdp::{SrtpKeys, Suite};

/// Bytes of an RTP header without sources and extension.
const HEADER: usize = 12;

/// An RTP packet.
pub(crate) fn packet(input: &[u8]) {
    if let Some(payload) = untrusted::payload_of(input) {
        assert!(HEADER <= payload.start && payload.start <= payload.end && payload.end <= input.len());
    }
}

/// A compound of RTCP.
pub(crate) fn reports(input: &[u8]) {
    let is_read = untrusted::reads_reports(input, Now::default());
    assert!(!is_read || input.len() >= 4);
}

/// Telephone events: each ten bytes are a timestamp, a payload, and the time since the one before in 2 ms.
pub(crate) fn keys(input: &[u8]) {
    let mut now = Tick::default();
    let packets = input.chunks(10).filter_map(|chunk| {
        let (timestamp, rest) = chunk.split_first_chunk()?;
        let (pause, payload) = rest.split_last()?;
        now += Duration::from_millis(u64::from(*pause) * 2);
        Some((u32::from_be_bytes(*timestamp), payload, now))
    });
    let pressed = untrusted::key_presses(packets);
    assert!(
        pressed.len() <= 2 * input.len().div_ceil(10),
        "no key is pressed by nothing"
    );
}

/// A packet of somebody who does not know the keys does not pass, and one of somebody who does passes unchanged, once.
/// The first byte chooses the suite.
pub(crate) fn sealed(input: &[u8]) {
    let Some((choice, packet)) = input.split_first() else {
        return;
    };
    let suite = Suite::ALL[usize::from(*choice) % Suite::ALL.len()];
    let [mut us, mut phone] = ends(suite);
    assert_eq!(phone.open(packet), None, "{suite:?}");
    assert_eq!(phone.open_reports(packet), None, "{suite:?}");
    let Some(sealed) = us.seal(packet) else { return };
    let mut changed = sealed.clone();
    let at = packet.iter().map(|byte| usize::from(*byte)).sum::<usize>() % changed.len();
    changed[at] ^= 1 << (choice % 8);
    assert_eq!(phone.open(&changed), None, "byte {at} is changed: {suite:?}");
    assert_eq!(phone.open(&sealed).as_deref(), Some(packet), "{suite:?}");
    assert_eq!(phone.open(&sealed), None, "it is a replay: {suite:?}");
    assert_eq!(us.seal(packet), None, "no key stream is used twice: {suite:?}");
}

/// A recording.
pub(crate) fn file(input: &[u8]) {
    drop(Sound::from_wav(input));
}

/// What one of them sends the other receives.
fn ends(suite: Suite) -> [SrtpEnd; 2] {
    let length = suite.key_bytes() + suite.salt_bytes();
    let key = |first: u8| Secret::new((first..).take(length).collect::<Vec<u8>>());
    let end =
        |send, receive| SrtpEnd::new(SrtpKeys { suite, send, receive }).expect("the keys have the length of the suite");
    [end(key(0), key(100)), end(key(100), key(0))]
}
