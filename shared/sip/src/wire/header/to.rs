//! To: whom the request is for (RFC 3261 §20.39).

use super::support::name_addr_header;

name_addr_header! {
    /// Whom the request is for; the tag is the recipient's half of the dialog id.
    To, One
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn prints_with_brackets() {
        reads_as::<To>(r#"sip:bob@h;tag=1"#, r#"<sip:bob@h>;tag=1"#);
    }
}
