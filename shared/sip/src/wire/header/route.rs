//! Route: the hops that a request has to visit (RFC 3261 §20.34).

use super::support::name_addr_header;

name_addr_header! {
    /// One hop that the request has to visit.
    Route, List
}

impl Route {
    /// Whether the hop is a loose router (RFC 3261 §16.12).
    pub fn is_loose(&self) -> bool {
        self.uri().param("lr").is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn loose_routers_say_so() {
        assert!(reads_as::<Route>("<sip:p.example.com;lr>;x=1", "<sip:p.example.com;lr>;x=1").is_loose());
        assert!(!reads_as::<Route>("<sip:p.example.com>", "<sip:p.example.com>").is_loose());
    }
}
