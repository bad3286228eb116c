//! Whole messages, streams of them, and URIs.

use bytes::Bytes;
use wigwag_sip::wire::{Frame, Message, StreamDecoder, Uri, limits};

/// One datagram: read, checked, and answered where that is possible.
pub(crate) fn datagram(input: &[u8]) {
    match Message::parse(Bytes::copy_from_slice(input)) {
        Err(error) => {
            if let Some(reply) = error.reply() {
                let reply = reply.to_tag("t").build();
                assert_eq!(Message::parse(reply.bytes().clone()), Ok(Message::Response(reply)));
            }
        }
        Ok(Message::Request(request)) => {
            let source = ([192, 0, 2, 1], 5060).into();
            if request.validate().is_ok()
                && let Ok(noted) = request.with_received(source)
            {
                assert_eq!(
                    Message::parse(noted.bytes().clone()),
                    Ok(Message::Request(noted.clone()))
                );
                assert_eq!(noted.body(), request.body());
            }
        }
        Ok(Message::Response(response)) => {
            let popped = response.without_top_via();
            assert_eq!(popped.body(), response.body());
            drop(response.validate());
        }
    }
}

/// A stream is read the same way in whatever pieces it comes. The first byte says how large they are.
pub(crate) fn stream(input: &[u8]) {
    let Some((&size, input)) = input.split_first() else {
        return;
    };
    let (mut whole, mut pieces) = (frames(input, input.len()), frames(input, usize::from(size) + 1));
    // Half a ping looks like a pong, which matters to nobody as long as the whole ping is seen.
    for (frames, _) in [&mut whole, &mut pieces] {
        frames.retain(|frame| *frame != Frame::Pong);
    }
    assert_eq!(whole, pieces);
}

fn frames(input: &[u8], size: usize) -> (Vec<Frame>, bool) {
    let (mut decoder, mut frames) = (StreamDecoder::default(), Vec::new());
    for piece in input.chunks(size.max(1)) {
        decoder.push(piece);
        loop {
            match decoder.next() {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(_) => return (frames, false),
            }
        }
    }
    (frames, true)
}

/// A URI: what was read prints as something that is read and compared the same.
pub(crate) fn uri(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    if text.len() > limits::MAX_HEADER {
        return;
    }
    if let Ok(uri) = Uri::parse(text) {
        let printed = uri.to_string();
        let again = Uri::parse(&printed).expect("what was printed can be read");
        assert_eq!(again.to_string(), printed);
        // One that says the same thing twice is equivalent to nothing, not even to itself.
        assert_eq!(again.is_equivalent(&uri), uri.is_equivalent(&uri), "{printed}, {text}");
    }
}
