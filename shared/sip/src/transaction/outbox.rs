//! The outputs of one transaction that have not been polled yet.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// A queue that gives its memory back when it runs empty, because thousands of transactions linger with nothing to say.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Outbox<T>(VecDeque<T>);

impl<T> Outbox<T> {
    pub(super) const fn new() -> Self {
        Outbox(VecDeque::new())
    }

    pub(super) fn push(&mut self, output: T) {
        self.0.push_back(output);
    }

    pub(super) fn pop(&mut self) -> Option<T> {
        let output = self.0.pop_front();
        if output.is_none() {
            self.0 = VecDeque::new();
        }
        output
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_outbox_holds_no_memory() {
        let mut outbox = Outbox::new();
        outbox.push(1);
        outbox.push(2);
        assert_eq!((outbox.pop(), outbox.pop(), outbox.pop()), (Some(1), Some(2), None));
        assert_eq!(outbox.0.capacity(), 0);
    }
}
