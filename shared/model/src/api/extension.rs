//! Phone extensions in the API (S074–S092).

use serde::{Deserialize, Serialize};

use super::{FieldError, Timestamp};
use crate::{Extension, ExtensionDraft, ExtensionId, ExtensionNumber, limits};

/// A phone extension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExtensionView {
    /// Its identity.
    pub id: ExtensionId,
    /// What colleagues dial: three digits.
    #[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[0-9]{3}$", example = "101"))]
    pub number: ExtensionNumber,
    /// What its devices register as: six digits.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[0-9]{6}$", example = "100101"))]
    pub sip_username: String,
    /// Shown to whoever is called from here.
    pub name: String,
    /// How long it rings before the call counts as unanswered, in seconds.
    pub ring_timeout_s: u16,
    /// Whether one more call is offered while one is active.
    pub call_waiting: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

/// An extension that is to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExtensionRequest {
    /// What colleagues dial: three digits, not 999 or 112.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[0-9]{3}$", example = "104"))]
    pub number: String,
    /// Shown to whoever is called from here; 1 to 80 characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 80, example = "Reception"))]
    pub name: String,
    /// How long it rings before the call counts as unanswered, in seconds: 5 to 180, 30 unless told otherwise.
    #[cfg_attr(feature = "openapi", schema(minimum = 5, maximum = 180))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ring_timeout_s: Option<u16>,
    /// Whether one more call is offered while one is active; on unless told otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_waiting: Option<bool>,
}

/// A change of an extension; what is absent stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExtensionChange {
    /// What colleagues dial; only admins and owners may change it.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[0-9]{3}$"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Shown to whoever is called from here; 1 to 80 characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 80))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How long it rings, in seconds: 5 to 180.
    #[cfg_attr(feature = "openapi", schema(minimum = 5, maximum = 180))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ring_timeout_s: Option<u16>,
    /// Whether one more call is offered while one is active.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_waiting: Option<bool>,
}

impl From<Extension> for ExtensionView {
    fn from(extension: Extension) -> Self {
        ExtensionView {
            id: extension.id,
            number: extension.number,
            sip_username: extension.sip_username.to_string(),
            name: extension.name,
            ring_timeout_s: extension.ring_timeout_s,
            call_waiting: extension.call_waiting,
            created_at: extension.created_at.into(),
        }
    }
}

impl ExtensionRequest {
    /// The draft that this asks for, or every field that is wrong.
    pub fn draft(self) -> Result<ExtensionDraft, Vec<FieldError>> {
        checked(
            &self.number,
            self.name,
            self.ring_timeout_s.unwrap_or(limits::RING_TIMEOUT_S),
            self.call_waiting.unwrap_or(true),
        )
    }
}

impl ExtensionChange {
    /// The draft that turns `extension` into what this asks for, or every field that is wrong.
    pub fn draft(self, extension: &Extension) -> Result<ExtensionDraft, Vec<FieldError>> {
        checked(
            self.number.as_deref().unwrap_or(extension.number.as_str()),
            self.name.unwrap_or_else(|| extension.name.clone()),
            self.ring_timeout_s.unwrap_or(extension.ring_timeout_s),
            self.call_waiting.unwrap_or(extension.call_waiting),
        )
    }
}

fn checked(
    number: &str,
    name: String,
    ring_timeout_s: u16,
    call_waiting: bool,
) -> Result<ExtensionDraft, Vec<FieldError>> {
    let mut errors = Vec::new();
    let number = number.parse().unwrap_or_else(|error| {
        errors.push(FieldError::of_number("number", error));
        // Stands in, so that the other fields are looked at too.
        "000".parse().expect("three digits that are no emergency number")
    });
    let draft = ExtensionDraft {
        number,
        name,
        ring_timeout_s,
        call_waiting,
    };
    errors.extend(draft.problems().into_iter().map(FieldError::from));
    if errors.is_empty() { Ok(draft) } else { Err(errors) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(json: &str) -> ExtensionRequest {
        serde_json::from_str(json).expect("a request")
    }

    #[test]
    fn a_request_rings_for_30_s_and_has_call_waiting_unless_it_says_otherwise() {
        let draft = request(r#"{"number": "104", "name": "Reception"}"#).draft();
        let number = "104".parse().expect("a number");
        assert_eq!(draft, Ok(ExtensionDraft::new(number, "Reception")));
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let errors = request(r#"{"number": "999", "name": " ", "ring_timeout_s": 4}"#)
            .draft()
            .expect_err("three problems");
        let named: Vec<_> = errors
            .iter()
            .map(|error| (error.field.as_str(), error.code.as_str()))
            .collect();
        assert_eq!(
            named,
            [
                ("number", "emergency_number"),
                ("name", "empty"),
                ("ring_timeout_s", "out_of_range")
            ]
        );
    }

    #[test]
    fn unknown_fields_are_refused() {
        let json = r#"{"number": "104", "name": "Reception", "tenant_id": "x"}"#;
        assert!(serde_json::from_str::<ExtensionRequest>(json).is_err());
    }
}
