//! What a company has set up about where its calls go, beside its extensions.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use wigwag_sansio::{Entropy, Secret, Utc};

use crate::{
    AreaCode, BlockedCaller, ContactId, DraftProblem, ExtensionId, FeatureCodes, ForwardingRule, IncomingNumber,
    Interval, PhoneNumber, Problem, Revision, RingGroup, limits,
};

/// All of it; everything that a decision about a call depends on, but for extensions and devices.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallHandling {
    /// What holds for the whole company.
    pub settings: CompanySettings,
    /// Its public numbers.
    pub numbers: Vec<IncomingNumber>,
    /// Numbers of others that the platform's operator lets it show (S059).
    pub approved_caller_ids: Vec<PhoneNumber>,
    /// Its ring groups.
    pub ring_groups: Vec<RingGroup>,
    /// Its time intervals.
    pub intervals: Vec<Interval>,
    /// The forwarding rules of each extension, in their order.
    pub forwarding_rules: Vec<(ExtensionId, ForwardingRule)>,
    /// Whom it does not want to hear.
    pub blocked_callers: Vec<BlockedCaller>,
    /// Who receives calls at whose phone.
    pub hot_desks: Vec<HotDesk>,
    /// Its star codes.
    pub feature_codes: FeatureCodes,
    /// Contacts that have a speed dial.
    pub speed_dials: Vec<SpeedDial>,
    /// The PIN of each extension, for its mailbox and for hot desking (A27).
    pub pins: Vec<(ExtensionId, Pin)>,
}

/// What holds for a whole company.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CompanySettings {
    /// Rises with every change.
    #[serde(default)]
    pub revision: Revision,
    /// Its clock, as a name of the time zone database (A34).
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "Europe/London"))]
    pub time_zone: SmolStr,
    /// Completes numbers that are dialled without one.
    #[serde(default)]
    pub area_code: Option<AreaCode>,
    /// Whether numbers of other countries can be called.
    #[serde(default)]
    pub international: bool,
    /// Shown on outgoing calls where the extension has no number of its own.
    #[serde(default)]
    pub caller_id: Option<PhoneNumber>,
    /// Whether `*21` picks up only what rings in one of one's own ring groups (A08).
    #[serde(default)]
    pub pick_up_in_groups_only: bool,
    /// Whether the company may not call out: set by the platform's operator. Emergency calls always go out.
    #[serde(default)]
    pub suspended: bool,
}

/// A person's calls ring at somebody else's phone (1.S, A12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HotDesk {
    /// Whose calls.
    pub guest: ExtensionId,
    /// Where they ring.
    pub host: ExtensionId,
    /// Since when.
    pub since: Utc,
    /// When it ends by itself.
    pub until: Option<Utc>,
}

/// A contact that is dialled by one to four digits behind `*0` (S227).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpeedDial {
    /// The contact.
    pub contact_id: ContactId,
    /// From 1 to 9999.
    pub key: u16,
    /// Whom it is.
    pub name: String,
    /// The number.
    pub number: PhoneNumber,
}

/// Four digits that only one person knows (A27).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pin(Secret<String>);

/// Why four digits are no PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PinError {
    /// A PIN has exactly four digits.
    #[error("must be exactly four digits")]
    NotFourDigits,
    /// Repeated or running digits are tried first by whoever guesses.
    #[error("is too easy to guess")]
    TooSimple,
}

impl Pin {
    /// Digits that nobody guesses first.
    pub fn random(entropy: &mut Entropy) -> Self {
        loop {
            let digits = format!("{:04}", entropy.below(10_000));
            if let Ok(pin) = digits.parse() {
                return pin;
            }
        }
    }

    /// The digits, for comparing and for showing them to their owner.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl std::str::FromStr for Pin {
    type Err = PinError;

    fn from_str(text: &str) -> Result<Self, PinError> {
        let digits: [u8; 4] = text.as_bytes().try_into().map_err(|_| PinError::NotFourDigits)?;
        if !digits.iter().all(u8::is_ascii_digit) {
            return Err(PinError::NotFourDigits);
        }
        let steps = |step: i16| {
            digits
                .windows(2)
                .all(|pair| i16::from(pair[1]) - i16::from(pair[0]) == step)
        };
        if steps(0) || steps(1) || steps(-1) {
            return Err(PinError::TooSimple);
        }
        Ok(Pin(Secret::new(text.to_owned())))
    }
}

impl TryFrom<String> for Pin {
    type Error = PinError;

    fn try_from(text: String) -> Result<Self, PinError> {
        text.parse()
    }
}

impl From<Pin> for String {
    fn from(pin: Pin) -> String {
        pin.expose().to_owned()
    }
}

impl Default for CompanySettings {
    fn default() -> Self {
        CompanySettings {
            revision: Revision::default(),
            time_zone: SmolStr::new_static("Europe/London"),
            area_code: None,
            international: false,
            caller_id: None,
            pick_up_in_groups_only: false,
            suspended: false,
        }
    }
}

impl CompanySettings {
    /// Finds everything that is wrong; empty when it can be stored. Whether the caller ID may be shown is the store's
    /// business.
    pub fn problems(&self) -> Vec<DraftProblem> {
        let is_known = jiff::tz::TimeZone::get(&self.time_zone).is_ok();
        let unknown = (!is_known).then_some(DraftProblem::new("time_zone", Problem::NotATimeZone));
        unknown.into_iter().collect()
    }
}

impl SpeedDial {
    /// Finds what is wrong with a key, if anything.
    pub fn problem_of_key(key: u16) -> Option<DraftProblem> {
        let (least, most) = (*limits::SPEED_DIALS.start(), *limits::SPEED_DIALS.end());
        let problem = Problem::OutOfRange {
            least: least.into(),
            most: most.into(),
        };
        (!limits::SPEED_DIALS.contains(&key)).then_some(DraftProblem::new("speed_dial", problem))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_has_a_name_of_the_time_zone_database() {
        let of = |time_zone: &'static str| CompanySettings {
            time_zone: SmolStr::new_static(time_zone),
            ..CompanySettings::default()
        };
        assert_eq!(of("Europe/London").problems(), []);
        for name in ["Europe/Nottingham", "", "../../etc/passwd", "GMT+25"] {
            let problem = DraftProblem::new("time_zone", Problem::NotATimeZone);
            assert_eq!(of(name).problems(), [problem], "{name}");
        }
    }

    #[test]
    fn a_pin_that_is_tried_first_is_refused() {
        for text in ["0000", "1234", "4321", "7777"] {
            assert_eq!(text.parse::<Pin>(), Err(PinError::TooSimple), "{text}");
        }
        for text in ["123", "12345", "12a4", "١٢٣٤"] {
            assert_eq!(text.parse::<Pin>(), Err(PinError::NotFourDigits), "{text}");
        }
        assert_eq!("2580".parse::<Pin>().expect("a PIN").expose(), "2580");
    }
}
