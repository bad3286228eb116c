//! Min-Expires: the shortest registration that is accepted (RFC 3261 §20.23).

use super::support::number_header;
use crate::wire::lex::saturating_u32;

number_header! {
    /// The shortest expiry that is accepted.
    MinExpires, u32, seconds, "Seconds; what does not fit counts as the most.", saturating_u32
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn is_a_number() {
        reads_as::<MinExpires>("60", "60");
        refuses::<MinExpires>(&["", "-1", "1.5", "1 2", "x"]);
    }
}
