//! Allow-Events: event packages that the sender serves (RFC 6665 §8.2.2).

use super::support::words_header;

words_header! {
    /// Event packages that the sender serves.
    AllowEvents
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn is_a_list_of_words() {
        let words = reads_as::<AllowEvents>("100rel ,timer,,\r\n x-foo", "100rel, timer, x-foo");
        assert!(words.contains("TIMER") && !words.contains("path"));
        assert!(reads_as::<AllowEvents>("", "").is_empty());
        refuses::<AllowEvents>(&["a b", "a;b", "\"a\""]);
    }
}
