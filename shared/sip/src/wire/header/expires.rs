//! Expires: how long something holds (RFC 3261 §20.19).

use super::support::number_header;
use crate::wire::lex::saturating_u32;

number_header! {
    /// How long a registration, a subscription or an invitation holds.
    Expires, u32, seconds, "Seconds; what does not fit counts as the most.", saturating_u32
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn is_a_number() {
        reads_as::<Expires>("99999999999", "4294967295");
        refuses::<Expires>(&["", "-1", "1.5", "1 2", "x"]);
    }
}
