//! Session descriptions: read, printed, answered, and offered again.

use wigwag_sansio::Entropy;
use wigwag_sip::sdp::{Capabilities, Codec, Description, Direction, LocalAudio, Negotiation, Suite};

/// What a phone offers and, once more, answers.
pub(crate) fn offer(input: &[u8]) {
    let Ok(description) = Description::parse(input) else {
        return;
    };
    let printed = description.to_bytes();
    let again = Description::parse(&printed).expect("what was printed can be read");
    assert_eq!(again.to_bytes(), printed);
    let local = LocalAudio {
        rtp: ([192, 0, 2, 1], 4000).into(),
        suites: Suite::ALL.to_vec(),
        direction: Direction::SendRecv,
    };
    let capabilities = Capabilities::of_codecs([Codec::PCMA, Codec::PCMU]);
    let mut called = Negotiation::new(Entropy::from_number(1));
    if let Ok(answer) = called.answer(&description, &local, &capabilities) {
        let answer = answer.to_bytes();
        assert!(Description::parse(&answer).is_ok(), "our answer can be read");
        drop(called.refresh(&description));
        drop(called.reoffer(Direction::SendOnly));
    }
    let mut caller = Negotiation::new(Entropy::from_number(2));
    drop(caller.offer(&local, &capabilities));
    let _ = caller.accept_answer(&description);
    drop(caller.reoffer(Direction::RecvOnly));
}
