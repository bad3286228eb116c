//! Public numbers of a company, and the platform's inventory that they come from (S047–S059, A45).

use serde::{Deserialize, Serialize};
use wigwag_sansio::Utc;

use crate::{
    Destination, DraftProblem, NumberId, NumberPrefix, PhoneNumber, Problem, Revision, RoutingRule, TenantId, limits,
};

/// A public number of a company.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncomingNumber {
    /// Its identity.
    pub id: NumberId,
    /// The number itself.
    pub number: PhoneNumber,
    /// What it can do.
    pub capabilities: NumberCapabilities,
    /// Rises with every change.
    pub revision: Revision,
    /// What a person says of it.
    #[serde(flatten)]
    pub settings: IncomingNumberSettings,
    /// When the company took it.
    pub taken_at: Utc,
}

/// What a person says of a number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IncomingNumberSettings {
    /// Shown before the caller's name, so that one sees which number was called (S054).
    #[serde(default)]
    pub identifier: Option<String>,
    /// Where calls go; "Not set" where there is none (S010).
    #[serde(default)]
    pub destination: Option<Destination>,
    /// Where external calls go at certain times instead; the first that matches wins (S057).
    #[serde(default)]
    pub routing_rules: Vec<RoutingRule>,
}

/// What a number can be used for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NumberCapabilities {
    /// It can be shown on outgoing calls.
    pub calls: bool,
    /// It can send and receive text messages (A43).
    pub sms: bool,
    /// It can receive faxes.
    pub fax: bool,
}

/// A number that the platform's operator has in stock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StockNumber {
    /// The number.
    pub number: PhoneNumber,
    /// Where it belongs, for example `Nottingham`.
    pub area: String,
    /// Its kind.
    pub kind: NumberKind,
    /// What it can be used for.
    pub capabilities: NumberCapabilities,
    /// What it costs a month, in ten-thousandths of a penny.
    pub monthly_price: i64,
}

/// What somebody looks for in the stock; what is absent matches everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StockSearch {
    /// Part of the area's name, whatever its case.
    pub area: Option<String>,
    /// The first digits of the number, with the country code.
    pub prefix: Option<NumberPrefix>,
    /// The kind.
    pub kind: Option<NumberKind>,
    /// What it has to be able to do.
    pub capability: Option<NumberCapability>,
}

/// One thing that a number can be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberCapability {
    /// It can be shown on outgoing calls.
    Calls,
    /// It can send and receive text messages.
    Sms,
    /// It can receive faxes.
    Fax,
}

/// Where a number of the stock is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StockPlace {
    /// Nobody has it.
    Free,
    /// A company has it.
    Taken {
        /// The company.
        by: TenantId,
    },
    /// A company has given it back: until then it alone can take it again (A45).
    Quarantined {
        /// The company.
        by: TenantId,
        /// When everybody can.
        until: Utc,
    },
}

/// What kind of number it is, by its beginning (S048).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberKind {
    /// 01 and 02.
    Geographic,
    /// 03, 08.
    NonGeographic,
    /// 07.
    Mobile,
    /// Anything else, and numbers of other countries.
    Other,
}

impl NumberKind {
    /// The kind of `number`.
    pub fn of(number: &PhoneNumber) -> Self {
        match number
            .digits()
            .strip_prefix("44")
            .and_then(|national| national.bytes().next())
        {
            Some(b'1' | b'2') => NumberKind::Geographic,
            Some(b'3' | b'8') => NumberKind::NonGeographic,
            Some(b'7') => NumberKind::Mobile,
            Some(_) | None => NumberKind::Other,
        }
    }

    /// The word in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            NumberKind::Geographic => "geographic",
            NumberKind::NonGeographic => "non_geographic",
            NumberKind::Mobile => "mobile",
            NumberKind::Other => "other",
        }
    }

    /// The kind that [`NumberKind::as_str`] names so.
    pub fn from_word(word: &str) -> Option<Self> {
        [
            NumberKind::Geographic,
            NumberKind::NonGeographic,
            NumberKind::Mobile,
            NumberKind::Other,
        ]
        .into_iter()
        .find(|kind| kind.as_str() == word)
    }
}

impl NumberCapability {
    /// The word in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            NumberCapability::Calls => "calls",
            NumberCapability::Sms => "sms",
            NumberCapability::Fax => "fax",
        }
    }

    /// The capability that [`NumberCapability::as_str`] names so.
    pub fn from_word(word: &str) -> Option<Self> {
        [NumberCapability::Calls, NumberCapability::Sms, NumberCapability::Fax]
            .into_iter()
            .find(|capability| capability.as_str() == word)
    }
}

impl IncomingNumberSettings {
    /// Finds everything that is wrong; empty when it can be stored.
    pub fn problems(&self) -> Vec<DraftProblem> {
        let mut problems = Vec::new();
        let identifier = self.identifier.as_deref().and_then(Problem::of_name);
        problems.extend(identifier.map(|problem| DraftProblem::new("identifier", problem)));
        if self.routing_rules.len() > limits::RULES_PER_NUMBER {
            let most = limits::RULES_PER_NUMBER as u32;
            problems.push(DraftProblem::new("routing_rules", Problem::TooMany { most }));
        }
        problems
    }
}
