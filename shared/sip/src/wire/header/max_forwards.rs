//! Max-Forwards: how many hops a request may still make (RFC 3261 §20.22).

use super::support::number_header;
use crate::wire::lex::number;

number_header! {
    /// How many hops the request may still make.
    MaxForwards, u8, hops, "The hops that are left.", number
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn is_a_number() {
        reads_as::<MaxForwards>("0068", "68");
        refuses::<MaxForwards>(&["", "-1", "256", "1 2", "x"]);
    }
}
