//! Star codes in the API (features.md 1.T).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{CodeText, FeatureCode, FeatureCodes, Revision};

/// The star codes of a company.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FeatureCodesView {
    /// Rises with every change.
    pub revision: Revision,
    /// All features that can be dialled.
    pub codes: Vec<FeatureCodeView>,
}

/// A feature and what is dialled for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FeatureCodeView {
    /// The feature.
    pub feature: FeatureCode,
    /// What is dialled for it.
    pub code: String,
    /// What is dialled for it where nobody has changed that.
    pub usual: String,
}

/// A change of the star codes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FeatureCodesChange {
    /// The revision that the change is based on.
    pub revision: Revision,
    /// The codes of some features; the others have their usual ones.
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, CodeText>))]
    pub changed: BTreeMap<FeatureCode, CodeText>,
}

impl FeatureCodesView {
    /// `codes` as of `revision`.
    pub fn new(revision: Revision, codes: &FeatureCodes) -> Self {
        let view = |feature: FeatureCode| FeatureCodeView {
            feature,
            code: codes.code(feature).to_owned(),
            usual: feature.usual().to_owned(),
        };
        FeatureCodesView {
            revision,
            codes: FeatureCode::ALL.into_iter().map(view).collect(),
        }
    }
}
