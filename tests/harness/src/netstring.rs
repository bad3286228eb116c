//! Netstrings, baresip's framing on its control port: `5:hello,`.

/// Longest frame that is taken for one.
const LONGEST: usize = 1 << 20;

pub(crate) fn encode(text: &str) -> String {
    format!("{}:{text},", text.len())
}

/// Takes the first whole frame off the front of `buffer`; `None` while more has to come.
///
/// # Panics
///
/// When the peer does not speak netstrings.
pub(crate) fn take(buffer: &mut Vec<u8>) -> Option<Vec<u8>> {
    let colon = buffer.iter().position(|byte| *byte == b':')?;
    let digits = std::str::from_utf8(&buffer[..colon]).ok();
    let length: usize = digits
        .and_then(|digits| digits.parse().ok())
        .expect("a netstring begins with its length");
    assert!(length <= LONGEST, "a netstring of {length} bytes");
    let end = colon + 1 + length;
    if buffer.len() <= end {
        return None;
    }
    assert_eq!(buffer[end], b',', "a netstring ends with a comma");
    let frame = buffer[colon + 1..end].to_vec();
    buffer.drain(..=end);
    Some(frame)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_out_one_by_one() {
        let mut buffer = (encode("hello") + &encode("") + "3:ab").into_bytes();
        assert_eq!(take(&mut buffer).as_deref(), Some(&b"hello"[..]));
        assert_eq!(take(&mut buffer).as_deref(), Some(&b""[..]));
        assert_eq!(take(&mut buffer), None);
        buffer.extend(b"c,");
        assert_eq!(take(&mut buffer).as_deref(), Some(&b"abc"[..]));
        assert!(buffer.is_empty());
    }
}
