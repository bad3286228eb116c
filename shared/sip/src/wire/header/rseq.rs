//! RSeq: the number of a reliable provisional response (RFC 3262 §7.1).

use super::support::number_header;
use crate::wire::lex::number;

number_header! {
    /// The number of a reliable provisional response.
    RSeq, u32, number, "The number.", number
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn is_a_number() {
        reads_as::<RSeq>("988789", "988789");
        refuses::<RSeq>(&["", "-1", "4294967296", "1 2"]);
    }
}
