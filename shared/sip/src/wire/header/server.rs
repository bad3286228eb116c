//! Server: the software that answered (RFC 3261 §20.35).

use super::support::text_header;

text_header! {
    /// The software that answered.
    Server
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn is_free_text() {
        let header = reads_as::<Server>("WigWag/0.1 (x; y)", "WigWag/0.1 (x; y)");
        assert_eq!(header.as_str(), "WigWag/0.1 (x; y)");
    }
}
