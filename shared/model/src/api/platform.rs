//! What the platform's operator sees and says.

use serde::{Deserialize, Serialize};

use super::Timestamp;
use crate::{PhoneNumber, Revision, StockNumber, StockPlace, Tenant, TenantId, TenantTerms};

/// A company, as the operator sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlatformTenantView {
    /// Its identity.
    pub id: TenantId,
    /// Its name.
    pub name: String,
    /// Which change of its terms this is.
    pub revision: Revision,
    /// What it may have.
    #[serde(flatten)]
    pub terms: TenantTerms,
    /// When it signed up.
    pub created_at: Timestamp,
}

/// A number of the stock, and where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlatformNumberView {
    /// What is known of it.
    #[serde(flatten)]
    pub stock: StockNumber,
    /// Where it is.
    pub place: StockPlaceWord,
    /// The company that has it or had it last, until everybody can take it.
    pub tenant_id: Option<TenantId>,
    /// When everybody can take it again, where it was given back.
    pub quarantined_until: Option<Timestamp>,
}

/// Where a number of the stock is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum StockPlaceWord {
    /// Nobody has it.
    Free,
    /// A company has it.
    Taken,
    /// A company has given it back, and alone can take it for a while.
    Quarantined,
}

/// Numbers for the stock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoadNumbers {
    /// The numbers; those that are there already are replaced, but not who has them.
    pub numbers: Vec<StockNumber>,
}

/// What became of numbers that were to be loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NumbersLoaded {
    /// How many were loaded.
    pub loaded: u32,
    /// How many lines of a CSV text could not be read.
    pub refused: u32,
    /// The first of these lines.
    pub refused_lines: Vec<RefusedLine>,
}

/// A line of a CSV text that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefusedLine {
    /// Its number; the heading is line 1.
    pub line: u64,
    /// What is wrong with it.
    pub message: String,
}

/// A number of somebody else that a company may show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApprovedCallerId {
    /// The number.
    pub number: PhoneNumber,
}

impl PlatformTenantView {
    /// `tenant` with its terms.
    pub fn new(tenant: Tenant, revision: Revision, terms: TenantTerms) -> Self {
        PlatformTenantView {
            id: tenant.id,
            name: tenant.name,
            revision,
            terms,
            created_at: tenant.created_at.into(),
        }
    }
}

impl PlatformNumberView {
    /// `stock`, which is at `place`.
    pub fn new(stock: StockNumber, place: StockPlace) -> Self {
        let (place, tenant_id, until) = match place {
            StockPlace::Free => (StockPlaceWord::Free, None, None),
            StockPlace::Taken { by } => (StockPlaceWord::Taken, Some(by), None),
            StockPlace::Quarantined { by, until } => (StockPlaceWord::Quarantined, Some(by), Some(until.into())),
        };
        PlatformNumberView {
            stock,
            place,
            tenant_id,
            quarantined_until: until,
        }
    }
}
