//! Star codes: which features can be dialled from idle, and the codes that a company dials for them (features.md 1.T).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// A feature that can be dialled from idle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum FeatureCode {
    /// Hear the own or somebody's mailbox: `*95`, `*95xxx` (S216, S217).
    Mailbox,
    /// Hear any mailbox after its number and PIN: `*950` (S218, A06).
    AnyMailbox,
    /// Log in to all queues or one: `*96`, `*96xxx` (S221, A07).
    QueueLogIn,
    /// Toggle that: `*97`, `*97xxx` (S222).
    QueueToggle,
    /// Log out: `*98`, `*98xxx` (S220).
    QueueLogOut,
    /// Pick up whoever rings longest: `*21` (S223, A08).
    PickUpAny,
    /// Pick up an extension or a username: `**xxx`, `**xxxxxx` (S224, S225, A01).
    PickUp,
    /// Receive one's calls here: `*78xxx` (S211).
    HotDesk,
    /// End that: `*79`, `*79xxx` (S215).
    HotDeskEnd,
    /// Speed dial: `*0n` (S227, A02).
    SpeedDial,
    /// Withhold the number for this call: `*67…` (S228, A05).
    Withhold,
    /// The same, as dialled in the United Kingdom: `141…` (A05).
    WithholdUk,
    /// Show the number although it is withheld otherwise: `1470…` (A05).
    Release,
    /// Switch a forwarding rule: `*74xx`; bare, hear which are on (S229, A04).
    ForwardingRule,
    /// Do not disturb on and off: `*76`.
    DoNotDisturb,
    /// Park the other side here, or fetch whom one has parked: `*85`, `*85n`.
    Park,
    /// Hear oneself: `*52` (S232).
    Echo,
}

/// What may follow a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argument {
    /// Digits that may follow, at least.
    pub least: u8,
    /// At most; what is between may be not allowed, see [`Argument::takes`].
    pub most: u8,
    /// Counts between the two that do not occur.
    gaps: &'static [u8],
}

/// The codes of a company: the usual ones, and what it has changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FeatureCodes {
    changed: BTreeMap<FeatureCode, CodeText>,
}

/// A code as it is dialled: `*` or a digit first, then up to five `*`, `#` or digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "SmolStr", into = "SmolStr")]
pub struct CodeText(SmolStr);

/// A text that is no star code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 2 to 6 of the keys 0-9, * and #, beginning with *")]
pub struct CodeTextError;

/// Two codes of which somebody could dial both at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("two star codes could mean the same keys")]
pub struct CodeClash {
    /// The one.
    pub first: FeatureCode,
    /// The other.
    pub second: FeatureCode,
}

/// What was dialled, where it is a star code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DialledFeature {
    /// The feature.
    pub feature: FeatureCode,
    /// What follows the code.
    pub argument: SmolStr,
}

impl FeatureCode {
    /// All of them.
    pub const ALL: [FeatureCode; 17] = [
        FeatureCode::Mailbox,
        FeatureCode::AnyMailbox,
        FeatureCode::QueueLogIn,
        FeatureCode::QueueToggle,
        FeatureCode::QueueLogOut,
        FeatureCode::PickUpAny,
        FeatureCode::PickUp,
        FeatureCode::HotDesk,
        FeatureCode::HotDeskEnd,
        FeatureCode::SpeedDial,
        FeatureCode::Withhold,
        FeatureCode::WithholdUk,
        FeatureCode::Release,
        FeatureCode::ForwardingRule,
        FeatureCode::DoNotDisturb,
        FeatureCode::Park,
        FeatureCode::Echo,
    ];

    /// The word in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            FeatureCode::Mailbox => "mailbox",
            FeatureCode::AnyMailbox => "any_mailbox",
            FeatureCode::QueueLogIn => "queue_log_in",
            FeatureCode::QueueToggle => "queue_toggle",
            FeatureCode::QueueLogOut => "queue_log_out",
            FeatureCode::PickUpAny => "pick_up_any",
            FeatureCode::PickUp => "pick_up",
            FeatureCode::HotDesk => "hot_desk",
            FeatureCode::HotDeskEnd => "hot_desk_end",
            FeatureCode::SpeedDial => "speed_dial",
            FeatureCode::Withhold => "withhold",
            FeatureCode::WithholdUk => "withhold_uk",
            FeatureCode::Release => "release",
            FeatureCode::ForwardingRule => "forwarding_rule",
            FeatureCode::DoNotDisturb => "do_not_disturb",
            FeatureCode::Park => "park",
            FeatureCode::Echo => "echo",
        }
    }

    /// What is dialled for it unless the company has changed it.
    pub const fn usual(self) -> &'static str {
        match self {
            FeatureCode::Mailbox => "*95",
            FeatureCode::AnyMailbox => "*950",
            FeatureCode::QueueLogIn => "*96",
            FeatureCode::QueueToggle => "*97",
            FeatureCode::QueueLogOut => "*98",
            FeatureCode::PickUpAny => "*21",
            FeatureCode::PickUp => "**",
            FeatureCode::HotDesk => "*78",
            FeatureCode::HotDeskEnd => "*79",
            FeatureCode::SpeedDial => "*0",
            FeatureCode::Withhold => "*67",
            FeatureCode::WithholdUk => "141",
            FeatureCode::Release => "1470",
            FeatureCode::ForwardingRule => "*74",
            FeatureCode::DoNotDisturb => "*76",
            FeatureCode::Park => "*85",
            FeatureCode::Echo => "*52",
        }
    }

    /// What may follow the code.
    pub const fn argument(self) -> Argument {
        const fn digits(least: u8, most: u8, gaps: &'static [u8]) -> Argument {
            Argument { least, most, gaps }
        }
        match self {
            FeatureCode::AnyMailbox | FeatureCode::PickUpAny | FeatureCode::DoNotDisturb | FeatureCode::Echo => {
                digits(0, 0, &[])
            }
            FeatureCode::Mailbox
            | FeatureCode::QueueLogIn
            | FeatureCode::QueueToggle
            | FeatureCode::QueueLogOut
            | FeatureCode::HotDesk
            | FeatureCode::HotDeskEnd => digits(0, 3, &[1, 2]),
            FeatureCode::PickUp => digits(3, 6, &[4, 5]),
            FeatureCode::SpeedDial => digits(0, 4, &[]),
            FeatureCode::Withhold | FeatureCode::WithholdUk | FeatureCode::Release => digits(3, 20, &[]),
            FeatureCode::ForwardingRule => digits(0, 2, &[1]),
            FeatureCode::Park => digits(0, 2, &[]),
        }
    }
}

impl Argument {
    /// Whether so many digits may follow.
    pub fn takes(self, digits: usize) -> bool {
        u8::try_from(digits)
            .is_ok_and(|digits| (self.least..=self.most).contains(&digits) && !self.gaps.contains(&digits))
    }
}

impl FeatureCodes {
    /// The usual codes, but for `changed`; refused when two could be dialled by the same keys.
    pub fn new(changed: BTreeMap<FeatureCode, CodeText>) -> Result<Self, CodeClash> {
        let codes = FeatureCodes { changed };
        for (index, first) in FeatureCode::ALL.into_iter().enumerate() {
            for second in FeatureCode::ALL.into_iter().skip(index + 1) {
                if codes.clash(first, second) {
                    return Err(CodeClash { first, second });
                }
            }
        }
        Ok(codes)
    }

    /// What is dialled for `feature`.
    pub fn code(&self, feature: FeatureCode) -> &str {
        self.changed.get(&feature).map_or(feature.usual(), |code| &code.0)
    }

    /// What the company has changed.
    pub fn changed(&self) -> &BTreeMap<FeatureCode, CodeText> {
        &self.changed
    }

    /// Reads `text`, which is all that was dialled.
    pub fn read(&self, text: &str) -> Option<DialledFeature> {
        FeatureCode::ALL.into_iter().find_map(|feature| {
            let argument = text.strip_prefix(self.code(feature))?;
            let number = argument.strip_prefix('+').unwrap_or(argument);
            let fits = feature.argument().takes(number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
            // `*950` is the prompt, `*95` with three digits a mailbox (A06): both fit one code only.
            fits.then(|| DialledFeature {
                feature,
                argument: argument.into(),
            })
        })
    }

    /// Whether some keys would be both.
    fn clash(&self, first: FeatureCode, second: FeatureCode) -> bool {
        let (one, other) = (self.code(first), self.code(second));
        let (short, long, of_short, of_long) = if one.len() <= other.len() {
            (one, other, first.argument(), second.argument())
        } else {
            (other, one, second.argument(), first.argument())
        };
        let Some(rest) = long.strip_prefix(short) else {
            return false;
        };
        rest.bytes().all(|byte| byte.is_ascii_digit())
            && (0..=usize::from(of_long.most))
                .any(|digits| of_long.takes(digits) && of_short.takes(rest.len() + digits))
    }
}

impl TryFrom<SmolStr> for CodeText {
    type Error = CodeTextError;

    fn try_from(text: SmolStr) -> Result<Self, CodeTextError> {
        let keys = text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'*' | b'#'));
        let fits = (2..=6).contains(&text.len()) && text.starts_with('*');
        if keys && fits {
            Ok(CodeText(text))
        } else {
            Err(CodeTextError)
        }
    }
}

impl From<CodeText> for SmolStr {
    fn from(code: CodeText) -> SmolStr {
        code.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(FeatureCode, String)> {
        let dialled = FeatureCodes::default().read(text)?;
        Some((dialled.feature, dialled.argument.to_string()))
    }

    #[test]
    fn the_usual_codes_do_not_clash_but_where_the_number_of_digits_tells() {
        let withhold = FeatureCodes::new(BTreeMap::new());
        // 1470 and a number could be 141 only if it began so; it does not.
        assert_eq!(withhold, Ok(FeatureCodes::default()));
    }

    #[test]
    fn codes_are_read_with_what_follows() {
        assert_eq!(read("*95"), Some((FeatureCode::Mailbox, String::new())));
        assert_eq!(read("*950"), Some((FeatureCode::AnyMailbox, String::new())));
        assert_eq!(read("*95012"), Some((FeatureCode::Mailbox, "012".to_owned())));
        assert_eq!(read("**104"), Some((FeatureCode::PickUp, "104".to_owned())));
        assert_eq!(read("**100104"), Some((FeatureCode::PickUp, "100104".to_owned())));
        assert_eq!(read("*7407"), Some((FeatureCode::ForwardingRule, "07".to_owned())));
        assert_eq!(read("*74"), Some((FeatureCode::ForwardingRule, String::new())));
        assert_eq!(
            read("14101632960123"),
            Some((FeatureCode::WithholdUk, "01632960123".to_owned()))
        );
        assert_eq!(
            read("*67+441632960123"),
            Some((FeatureCode::Withhold, "+441632960123".to_owned()))
        );
        assert_eq!(read("*7"), None);
        assert_eq!(read("*741"), None);
        assert_eq!(read("*5299"), None);
    }

    #[test]
    fn a_code_that_another_could_mean_is_refused() {
        let change = |feature, code: &str| {
            let code = CodeText::try_from(SmolStr::from(code)).expect("a code");
            FeatureCodes::new(BTreeMap::from([(feature, code)]))
        };
        let clash = CodeClash {
            first: FeatureCode::Mailbox,
            second: FeatureCode::Echo,
        };
        assert_eq!(change(FeatureCode::Echo, "*95"), Err(clash));
        assert_eq!(change(FeatureCode::Echo, "*95123"), Err(clash));
        assert!(change(FeatureCode::Echo, "*43").is_ok());
        assert!(CodeText::try_from(SmolStr::from("52")).is_err());
    }
}
