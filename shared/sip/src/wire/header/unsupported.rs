//! Unsupported: extensions that a 420 complains about (RFC 3261 §20.40).

use super::support::words_header;

words_header! {
    /// Extensions that were required and are not known.
    Unsupported
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn is_a_list_of_words() {
        let words = reads_as::<Unsupported>("100rel ,timer,,\r\n x-foo", "100rel, timer, x-foo");
        assert!(words.contains("TIMER") && !words.contains("path"));
        assert!(reads_as::<Unsupported>("", "").is_empty());
        refuses::<Unsupported>(&["a b", "a;b", "\"a\""]);
    }
}
