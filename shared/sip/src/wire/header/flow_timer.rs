//! Flow-Timer: how long a flow may be silent (RFC 5626 §10).

use super::support::number_header;
use crate::wire::lex::saturating_u32;

number_header! {
    /// After how much silence the server takes a flow for dead.
    FlowTimer, u32, seconds, "Seconds; what does not fit counts as the most.", saturating_u32
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn is_a_number() {
        reads_as::<FlowTimer>("120", "120");
        refuses::<FlowTimer>(&["", "-1", "1.5", "1 2", "x"]);
    }
}
