//! application/simple-message-summary: whether messages wait, and how many (RFC 3842 §5).

use serde::{Deserialize, Serialize};

use crate::wire::Uri;

/// How many voice messages wait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageSummary {
    /// What to call to hear them.
    pub account: Uri,
    /// Not heard yet.
    pub new: u32,
    /// Heard and kept.
    pub old: u32,
}

impl MessageSummary {
    pub(super) fn print(&self) -> String {
        let MessageSummary { account, new, old } = self;
        let waiting = if *new > 0 { "yes" } else { "no" };
        // A URI never contains a line end.
        format!("Messages-Waiting: {waiting}\r\nMessage-Account: {account}\r\nVoice-Message: {new}/{old} (0/0)\r\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lamp_is_lit_by_new_messages_alone() {
        let account = Uri::parse("sip:*95@pbx.example").unwrap();
        let mut summary = MessageSummary {
            account,
            new: 2,
            old: 8,
        };
        assert_eq!(
            summary.print(),
            "Messages-Waiting: yes\r\nMessage-Account: sip:*95@pbx.example\r\nVoice-Message: 2/8 (0/0)\r\n"
        );
        summary.new = 0;
        assert!(summary.print().starts_with("Messages-Waiting: no\r\n"));
    }
}
