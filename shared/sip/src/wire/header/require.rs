//! Require: extensions that the recipient must know (RFC 3261 §20.32).

use super::support::words_header;

words_header! {
    /// Extensions that the recipient must know, or answer 420.
    Require
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn is_a_list_of_words() {
        let words = reads_as::<Require>("100rel ,timer,,\r\n x-foo", "100rel, timer, x-foo");
        assert!(words.contains("TIMER") && !words.contains("path"));
        assert!(reads_as::<Require>("", "").is_empty());
        refuses::<Require>(&["a b", "a;b", "\"a\""]);
    }
}
