//! User-Agent: the software that sent a request (RFC 3261 §20.41).

use super::support::text_header;

text_header! {
    /// The software that sent the request.
    UserAgent
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn is_free_text() {
        let header = reads_as::<UserAgent>("WigWag/0.1 (x; y)", "WigWag/0.1 (x; y)");
        assert_eq!(header.as_str(), "WigWag/0.1 (x; y)");
    }
}
