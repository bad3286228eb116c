//! What a rule found: all of it, one line each.

/// Collects the breaches of one rule and fails the test once, with the whole list.
pub(crate) struct Breaches {
    rule: &'static str,
    found: Vec<String>,
}

impl Breaches {
    pub(crate) fn of(rule: &'static str) -> Breaches {
        Breaches {
            rule,
            found: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, breach: String) {
        self.found.push(breach);
    }

    /// Fails when anything was found.
    pub(crate) fn settle(self) {
        assert!(self.found.is_empty(), "{}:\n  {}", self.rule, self.found.join("\n  "));
    }
}
