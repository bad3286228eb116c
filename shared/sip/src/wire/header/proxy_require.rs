//! Proxy-Require: extensions that every proxy must know (RFC 3261 §20.29).

use super::support::words_header;

words_header! {
    /// Extensions that every proxy must know, or answer 420.
    ProxyRequire
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn is_a_list_of_words() {
        let words = reads_as::<ProxyRequire>("100rel ,timer,,\r\n x-foo", "100rel, timer, x-foo");
        assert!(words.contains("TIMER") && !words.contains("path"));
        assert!(reads_as::<ProxyRequire>("", "").is_empty());
        refuses::<ProxyRequire>(&["a b", "a;b", "\"a\""]);
    }
}
