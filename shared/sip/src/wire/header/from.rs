//! From: who sends the request (RFC 3261 §20.20).

use super::support::name_addr_header;

name_addr_header! {
    /// Who sends the request; the tag is the sender's half of the dialog id.
    From, One
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn prints_with_brackets() {
        reads_as::<From>(r#"Bob <sip:bob@h>;tag=1"#, r#""Bob" <sip:bob@h>;tag=1"#);
    }
}
