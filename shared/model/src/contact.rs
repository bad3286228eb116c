//! Contacts of a company (S227); the full phone book is built on them.

use serde::{Deserialize, Serialize};

use crate::{ContactId, DraftProblem, PhoneNumber, Problem, Revision, SpeedDial};

/// A contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Contact {
    /// Its identity.
    pub id: ContactId,
    /// Rises with every change.
    pub revision: Revision,
    /// What a person says of it.
    #[serde(flatten)]
    pub settings: ContactSettings,
}

/// What a person says of a contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ContactSettings {
    /// Whom it is.
    pub name: String,
    /// The number.
    pub number: PhoneNumber,
    /// What dials it behind `*0`, from 1 to 9999; unique in the company.
    #[serde(default)]
    pub speed_dial: Option<u16>,
}

impl ContactSettings {
    /// Finds everything that is wrong; empty when it can be stored.
    pub fn problems(&self) -> Vec<DraftProblem> {
        let name = Problem::of_name(&self.name).map(|problem| DraftProblem::new("name", problem));
        let key = self.speed_dial.and_then(SpeedDial::problem_of_key);
        name.into_iter().chain(key).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_has_a_name_and_a_speed_dial_of_one_to_four_digits() {
        let settings: ContactSettings =
            serde_json::from_str(r#"{"name": " ", "number": "01632 960123", "speed_dial": 0}"#).expect("settings");
        let fields: Vec<_> = settings.problems().iter().map(|problem| problem.field).collect();
        assert_eq!(fields, ["name", "speed_dial"]);
    }
}
