//! Rules about where calls go: by the number that was called, by the extension, and by who calls (S057, S102–S114,
//! S205–S210).

use serde::{Deserialize, Serialize};

use crate::{
    AnnouncementId, BlockedCallerId, Destination, ForwardTo, ForwardingRuleId, IntervalId, PhoneNumber, Revision,
};

/// Sends external calls to a number elsewhere during an interval (S057, S058); the first that matches wins (A37).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RoutingRule {
    /// When it holds.
    pub interval_id: IntervalId,
    /// Where calls go then.
    pub destination: Destination,
}

/// A forwarding rule of a regular extension; the first that matches wins (A30).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ForwardingRule {
    /// Its identity.
    pub id: ForwardingRuleId,
    /// Rises with every change.
    pub revision: Revision,
    /// What a person says of it.
    #[serde(flatten)]
    pub settings: ForwardingRuleSettings,
}

/// What a person says of a forwarding rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ForwardingRuleSettings {
    /// When it holds; always where there is none (S103).
    #[serde(default)]
    pub interval_id: Option<IntervalId>,
    /// What must have become of the call (S104–S107).
    pub status: CallStatus,
    /// What happens then (S108).
    pub action: ForwardingAction,
    /// Whether calls by way of a queue or group follow it too (S110).
    #[serde(default)]
    pub group_calls: bool,
    /// Whether the caller's own number is shown where the call goes (S111).
    #[serde(default)]
    pub preserve_caller_id: bool,
    /// Whether whoever answers has to accept the call by a key (S112).
    #[serde(default)]
    pub screening: bool,
    /// Whether calls from the own company are left alone (S113).
    #[serde(default)]
    pub external_only: bool,
    /// The two digits behind `*74` that switch it on and off (S114).
    #[serde(default)]
    pub key: Option<RuleKey>,
    /// Whether it is switched on.
    #[serde(default = "yes")]
    pub enabled: bool,
}

fn yes() -> bool {
    true
}

/// What must have become of a call for a forwarding rule to match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CallStatus {
    /// Nothing yet: the rule is looked at before the extension rings.
    Any,
    /// Its phones are busy.
    Busy,
    /// It rang, and nobody answered in time.
    Unanswered,
    /// It could not be rung (A31).
    Failure,
}

/// What a forwarding rule does with a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "to", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ForwardingAction {
    /// It rings elsewhere.
    Forward(ForwardTo),
    /// It goes to the extension's own mailbox.
    Voicemail,
    /// The caller hears an announcement, and the call ends.
    Announcement(AnnouncementId),
    /// The caller hears the busy tone.
    Busy,
}

/// The two digits by which a rule is switched at the phone, 00 to 99.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RuleKey(u8);

/// A text that is no key of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be two digits from 00 to 99")]
pub struct RuleKeyError;

/// A caller whom the company does not want to hear (S205–S210).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BlockedCaller {
    /// Its identity.
    pub id: BlockedCallerId,
    /// Who is meant.
    pub matches: BlockedMatch,
}

/// Which callers are blocked.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "number", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum BlockedMatch {
    /// This number (S206).
    Exact(PhoneNumber),
    /// All numbers that begin so, in international form without the plus, for example `44870` (S207).
    Prefix(NumberPrefix),
    /// Whoever withholds the number (S208).
    Withheld,
    /// Calls without a number for another reason, often from abroad (A66).
    Unavailable,
}

/// The first digits of numbers, with the country code.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NumberPrefix(String);

/// A text that is no beginning of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be the first 3 to 14 digits of numbers, such as 0870")]
pub struct NumberPrefixError;

impl CallStatus {
    /// All of them.
    pub const ALL: [CallStatus; 4] = [
        CallStatus::Any,
        CallStatus::Busy,
        CallStatus::Unanswered,
        CallStatus::Failure,
    ];

    /// The word in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            CallStatus::Any => "any",
            CallStatus::Busy => "busy",
            CallStatus::Unanswered => "unanswered",
            CallStatus::Failure => "failure",
        }
    }

    /// The status that [`CallStatus::as_str`] names so.
    pub fn from_word(word: &str) -> Option<Self> {
        CallStatus::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

impl RuleKey {
    /// The two digits.
    pub fn text(self) -> String {
        format!("{:02}", self.0)
    }

    /// From 0 to 99.
    pub const fn value(self) -> u8 {
        self.0
    }
}

impl NumberPrefix {
    /// The digits with the country code.
    pub fn digits(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for NumberPrefix {
    type Err = NumberPrefixError;

    /// `0870`, `+44870` and `0044870` mean the same (A66).
    fn from_str(text: &str) -> Result<Self, NumberPrefixError> {
        let plain: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')')).collect();
        let digits = match (
            plain.strip_prefix('+'),
            plain.strip_prefix("00"),
            plain.strip_prefix('0'),
        ) {
            (Some(international), _, _) | (None, Some(international), _) => international.to_owned(),
            (None, None, Some(national)) => format!("44{national}"),
            (None, None, None) => plain,
        };
        let is_prefix = (3..=14).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        if is_prefix {
            Ok(NumberPrefix(digits))
        } else {
            Err(NumberPrefixError)
        }
    }
}

impl TryFrom<String> for NumberPrefix {
    type Error = NumberPrefixError;

    fn try_from(text: String) -> Result<Self, NumberPrefixError> {
        text.parse()
    }
}

impl From<NumberPrefix> for String {
    fn from(prefix: NumberPrefix) -> String {
        format!("+{}", prefix.0)
    }
}

impl TryFrom<String> for RuleKey {
    type Error = RuleKeyError;

    fn try_from(text: String) -> Result<Self, RuleKeyError> {
        text.parse()
    }
}

impl std::str::FromStr for RuleKey {
    type Err = RuleKeyError;

    fn from_str(text: &str) -> Result<Self, RuleKeyError> {
        let two_digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse()
            .ok()
            .filter(|_| two_digits)
            .map(RuleKey)
            .ok_or(RuleKeyError)
    }
}

impl From<RuleKey> for String {
    fn from(key: RuleKey) -> String {
        key.text()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_reads_as_the_screen_says_it() {
        let rule: ForwardingRuleSettings = serde_json::from_str(
            r#"{"status": "busy", "action": {"kind": "forward", "to": {"number": "07700 900123"}}, "key": "07"}"#,
        )
        .expect("a rule");
        let mobile = "+447700900123".parse().expect("a number");
        assert_eq!(rule.action, ForwardingAction::Forward(ForwardTo::Number(mobile)));
        assert_eq!(rule.key.map(RuleKey::value), Some(7));
        assert!(rule.enabled && !rule.group_calls && rule.interval_id.is_none());
    }

    #[test]
    fn the_beginning_of_numbers_is_the_same_in_every_form() {
        for text in ["0870", "+44870", "0044 870"] {
            assert_eq!(text.parse::<NumberPrefix>().expect("a prefix").digits(), "44870");
        }
        assert!("07".parse::<NumberPrefix>().is_ok() && "+4".parse::<NumberPrefix>().is_err());
        assert!("7".parse::<RuleKey>().is_err() && "+7".parse::<RuleKey>().is_err());
    }
}
