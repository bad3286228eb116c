//! What holds for the whole company, in the API.

use serde::{Deserialize, Serialize};

use super::FieldError;
use crate::{AreaCode, CompanySettings, PhoneNumber, Revision};

/// New settings of the company, and the revision that they are based on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SettingsChange {
    /// The revision that the change is based on.
    pub revision: Revision,
    /// The company's clock, as a name of the time zone database.
    #[cfg_attr(feature = "openapi", schema(example = "Europe/London"))]
    pub time_zone: String,
    /// Completes numbers that are dialled without one.
    #[serde(default)]
    pub area_code: Option<AreaCode>,
    /// Whether numbers of other countries can be called; not unless told.
    #[serde(default)]
    pub international: bool,
    /// Shown on outgoing calls where the extension has no number of its own: one of the company's numbers, or one that
    /// the platform's operator has approved.
    #[serde(default)]
    pub caller_id: Option<PhoneNumber>,
    /// Whether `*21` picks up only what rings in one of one's own ring groups; not unless told.
    #[serde(default)]
    pub pick_up_in_groups_only: bool,
}

impl SettingsChange {
    /// The settings that this asks for, or every field that is wrong.
    pub fn settings(self) -> Result<CompanySettings, Vec<FieldError>> {
        let settings = CompanySettings {
            revision: self.revision,
            time_zone: self.time_zone.into(),
            area_code: self.area_code,
            international: self.international,
            caller_id: self.caller_id,
            pick_up_in_groups_only: self.pick_up_in_groups_only,
            suspended: false,
        };
        let errors: Vec<FieldError> = settings.problems().into_iter().map(FieldError::from).collect();
        if errors.is_empty() { Ok(settings) } else { Err(errors) }
    }
}
