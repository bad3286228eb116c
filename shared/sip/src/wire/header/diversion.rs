//! Diversion: who diverted a call, and why (RFC 5806).

use super::support::name_addr_header;

name_addr_header! {
    /// One diversion, the latest first.
    Diversion, List
}

impl Diversion {
    /// Why, as spelled: `user-busy`, `no-answer`, `unconditional`, …
    pub fn reason(&self) -> Option<&str> {
        self.params().get("reason")
    }

    /// How often the call was diverted here, at least once.
    pub fn counter(&self) -> u32 {
        self.params()
            .get("counter")
            .and_then(|count| count.parse().ok())
            .unwrap_or(1)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn says_why_and_how_often() {
        let text = "<sip:a@h>;reason=no-answer;counter=2";
        let diversion = reads_as::<Diversion>(text, text);
        assert_eq!((diversion.reason(), diversion.counter()), (Some("no-answer"), 2));
    }
}
