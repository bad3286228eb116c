//! Why a call or a leg ended: one list, from which SIP status, Q.850 cause and words derive.

use serde::{Deserialize, Serialize};

use crate::Outcome;

/// Why a call or a leg ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HangupCause {
    /// Answered, and ended by one of the two.
    NormalClearing,
    /// The caller gave up before an answer.
    CallerGaveUp,
    /// Another device or person answered.
    AnsweredElsewhere,
    /// The called side is on the phone.
    Busy,
    /// Nobody answered in time.
    NoAnswer,
    /// The called person refused the call.
    Declined,
    /// No phone is connected.
    NoDevice,
    /// Nobody has that number.
    UnknownNumber,
    /// More digits are needed.
    IncompleteNumber,
    /// The caller may not call that.
    NotAllowed,
    /// The caller is on the company's list of blocked callers.
    Blocked,
    /// The company, the extension or the server has no line left.
    LimitReached,
    /// There is not enough credit.
    NoCredit,
    /// The two phones have no codec in common.
    NoCommonCodec,
    /// The carrier or the network did not carry the call.
    NetworkFailure,
    /// No sound arrived for too long.
    MediaLost,
    /// The server was restarted during the call.
    ServerRestarted,
    /// What was called does not take calls here.
    NotAvailable,
}

struct Row {
    cause: HangupCause,
    word: &'static str,
    sip_status: u16,
    q850: u8,
    outcome: Outcome,
    words: &'static str,
}

#[rustfmt::skip]
const TABLE: [Row; 18] = {
    use HangupCause as C;
    use Outcome as O;
    const fn row(cause: C, word: &'static str, sip_status: u16, q850: u8, outcome: O, words: &'static str) -> Row {
        Row { cause, word, sip_status, q850, outcome, words }
    }
    [
        row(C::NormalClearing,    "normal_clearing",    480, 16, O::Answered, "Answered"),
        row(C::CallerGaveUp,      "caller_gave_up",     487, 16, O::NoAnswer, "Caller hung up"),
        row(C::AnsweredElsewhere, "answered_elsewhere", 487, 26, O::Answered, "Answered elsewhere"),
        row(C::Busy,              "busy",               486, 17, O::Busy,     "Busy"),
        row(C::NoAnswer,          "no_answer",          480, 19, O::NoAnswer, "No answer"),
        row(C::Declined,          "declined",           603, 21, O::Declined, "Declined"),
        row(C::NoDevice,          "no_device",          480, 20, O::Failed,   "No phone connected"),
        row(C::UnknownNumber,     "unknown_number",     404,  1, O::Failed,   "Number not recognised"),
        row(C::IncompleteNumber,  "incomplete_number",  484, 28, O::Failed,   "Number incomplete"),
        row(C::NotAllowed,        "not_allowed",        403, 57, O::Failed,   "Not allowed"),
        row(C::Blocked,           "blocked",            603, 21, O::Blocked,  "Blocked"),
        row(C::LimitReached,      "limit_reached",      503, 34, O::Failed,   "All lines in use"),
        row(C::NoCredit,          "no_credit",          402, 57, O::Failed,   "Not enough credit"),
        row(C::NoCommonCodec,     "no_common_codec",    488, 88, O::Failed,   "Phones cannot agree on sound"),
        row(C::NetworkFailure,    "network_failure",    502, 38, O::Failed,   "Network problem"),
        row(C::MediaLost,         "media_lost",         480, 41, O::Answered, "Connection lost"),
        row(C::ServerRestarted,   "server_restarted",   503, 41, O::Answered, "Interrupted"),
        row(C::NotAvailable,      "not_available",      501, 79, O::Failed,   "Not available"),
    ]
};

impl HangupCause {
    /// The word in the database and the API.
    pub fn as_str(self) -> &'static str {
        self.row().word
    }

    /// The cause that [`HangupCause::as_str`] names so.
    pub fn from_word(word: &str) -> Option<Self> {
        TABLE.iter().find(|row| row.word == word).map(|row| row.cause)
    }

    /// The SIP status that refuses a call for this cause (RFC 3261 §21).
    pub fn sip_status(self) -> u16 {
        self.row().sip_status
    }

    /// The Q.850 cause for the Reason header (RFC 3326).
    pub fn q850(self) -> u8 {
        self.row().q850
    }

    /// What the history says of a call that ended so.
    pub fn outcome(self) -> Outcome {
        self.row().outcome
    }

    /// What a person reads.
    pub fn words(self) -> &'static str {
        self.row().words
    }

    /// What a final status from a called phone means (RFC 3261 §21, RFC 3398 §7.2.4.1).
    pub fn from_sip_status(status: u16) -> Self {
        match status {
            200..=299 => HangupCause::NormalClearing,
            402 => HangupCause::NoCredit,
            401 | 403 | 405 | 407 => HangupCause::NotAllowed,
            404 | 410 | 604 => HangupCause::UnknownNumber,
            484 => HangupCause::IncompleteNumber,
            408 | 480 => HangupCause::NoAnswer,
            486 | 600 => HangupCause::Busy,
            487 => HangupCause::CallerGaveUp,
            415 | 488 | 606 => HangupCause::NoCommonCodec,
            603 | 607 | 608 => HangupCause::Declined,
            _ => HangupCause::NetworkFailure,
        }
    }

    fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_stands_in_the_order_of_the_enum() {
        for (index, row) in TABLE.iter().enumerate() {
            assert_eq!(row.cause as usize, index);
            assert_eq!(HangupCause::from_word(row.word), Some(row.cause));
            assert_eq!(serde_json::to_value(row.cause).expect("a word"), row.word);
        }
    }
}
