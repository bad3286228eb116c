//! Supported: extensions that the sender knows (RFC 3261 §20.37).

use super::support::words_header;

words_header! {
    /// Extensions that the sender knows.
    Supported
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn is_a_list_of_words() {
        let words = reads_as::<Supported>("100rel ,timer,,\r\n x-foo", "100rel, timer, x-foo");
        assert!(words.contains("TIMER") && !words.contains("path"));
        assert!(reads_as::<Supported>("", "").is_empty());
        refuses::<Supported>(&["a b", "a;b", "\"a\""]);
    }
}
