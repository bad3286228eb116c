//! What would happen to a call: asked with a caller, what is dialled and a time; answered with every branch.

use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, de};
use wigwag_sansio::Pii;

use super::{PartyView, Timestamp};
use crate::{ExtensionId, ExtensionNumber, HangupCause, PhoneNumber};

/// A call of which one wants to know what would happen to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SimulationRequest {
    /// Who calls.
    pub from: SimulatedCaller,
    /// What an extension dials, or the public number of the company that somebody outside calls; 1 to 64 characters.
    #[cfg_attr(feature = "openapi", schema(value_type = String, min_length = 1, max_length = 64, example = "101"))]
    pub to: Pii<String>,
    /// When; now, where it is absent.
    #[serde(default)]
    pub at: Option<Timestamp>,
}

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum SimulatedCaller {
    /// An extension of the company, by its number or its id.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    Extension(ExtensionName),
    /// Somebody outside with this number.
    Number(PhoneNumber),
    /// Somebody outside who withholds the number.
    Withheld,
    /// Somebody outside without a number.
    Unavailable,
}

/// An extension, as a request names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum ExtensionName {
    /// By its number.
    Number(ExtensionNumber),
    /// By its identity.
    Id(ExtensionId),
}

/// What would happen at one stage of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SimulationView {
    /// How it is decided, in sentences.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub steps: Vec<Pii<String>>,
    /// Whom the caller sees as called, where that is somebody.
    pub callee: Option<PartyView>,
    /// What is done.
    pub outcome: SimulatedOutcome,
}

/// What is done at a stage of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum SimulatedOutcome {
    /// Somebody rings.
    Rings {
        /// Who.
        rings: Vec<SimulatedRinger>,
        /// In which order.
        order: SimulatedOrder,
        /// After so many seconds the call counts as unanswered.
        timeout_s: u64,
        /// What follows when nobody answers, by what has become of it.
        otherwise: Vec<SimulatedBranch>,
        /// Whether branches are left out because there are too many.
        is_cut: bool,
    },
    /// The exchange itself answers.
    Treated {
        /// What it does, in words.
        words: String,
    },
    /// The call ends.
    Ends {
        /// Why.
        cause: HangupCause,
        /// Why, in words.
        cause_words: String,
    },
}

/// In which order several ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum SimulatedOrder {
    /// All at once.
    Together,
    /// One after the other.
    OneByOne {
        /// The next one rings after so many seconds, or as soon as the one before falls out.
        every_s: u64,
        /// Whether those before keep ringing.
        keep_ringing: bool,
    },
}

/// Somebody who rings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SimulatedRinger {
    /// What rings.
    pub kind: SimulatedKind,
    /// The number that rings.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub number: Pii<String>,
    /// The name of the extension for which it rings, where it does for one.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub name: Option<Pii<String>>,
    /// That extension.
    pub extension_id: Option<ExtensionId>,
    /// Whether whoever answers has to accept the call by a key.
    pub screening: bool,
    /// It stops ringing after so many seconds, where that is before all do.
    pub timeout_s: Option<u64>,
    /// The number that is shown to it outside; withheld, where there is none.
    pub shown: Option<PhoneNumber>,
    /// Who rings in its place, by why it has fallen out; absent causes leave its place empty.
    pub instead: Vec<SimulatedInstead>,
}

/// What rings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum SimulatedKind {
    /// The phones of an extension.
    Extension,
    /// A number outside.
    Outside,
}

/// Who rings in somebody's place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SimulatedInstead {
    /// Why somebody has fallen out.
    pub cause: HangupCause,
    /// The same in words.
    pub cause_words: String,
    /// How it is decided, in sentences.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub steps: Vec<Pii<String>>,
    /// Who rings.
    #[cfg_attr(feature = "openapi", schema(no_recursion))]
    pub rings: Vec<SimulatedRinger>,
}

/// What follows when nobody has answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SimulatedBranch {
    /// Why nobody has.
    pub cause: HangupCause,
    /// The same in words.
    pub cause_words: String,
    /// What would happen then.
    #[cfg_attr(feature = "openapi", schema(no_recursion))]
    pub then: SimulationView,
}

/// What is said of an extension's name that is none.
const NO_NAME: &str = "expected three digits or an id";

impl<'de> Deserialize<'de> for ExtensionName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let by_number = ExtensionNumber::from_str(&text).map(ExtensionName::Number);
        by_number
            .or_else(|_| text.parse().map(ExtensionName::Id))
            .map_err(|_| de::Error::custom(NO_NAME))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_are_extensions_by_number_or_id_numbers_outside_or_nobody_known() {
        let caller = |json: &str| serde_json::from_str::<SimulatedCaller>(json);
        let number = "101".parse().expect("a number");
        assert_eq!(
            caller(r#"{"extension": "101"}"#).ok(),
            Some(SimulatedCaller::Extension(ExtensionName::Number(number)))
        );
        let id = r#"{"extension": "018f3c3e-7b4a-7000-8000-000000000001"}"#;
        assert!(matches!(
            caller(id),
            Ok(SimulatedCaller::Extension(ExtensionName::Id(_)))
        ));
        assert!(matches!(
            caller(r#"{"number": "07700 900123"}"#),
            Ok(SimulatedCaller::Number(_))
        ));
        assert_eq!(caller(r#""withheld""#).ok(), Some(SimulatedCaller::Withheld));
        assert!(caller(r#"{"extension": "1"}"#).is_err());
        assert!(caller(r#""anybody""#).is_err());
    }
}
