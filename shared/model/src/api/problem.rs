//! Refusals as problem details (RFC 9457), with the fields that are to blame.

use serde::{Deserialize, Serialize};

use crate::{DraftProblem, NumberError, Problem, Use};

/// Why a request was refused (RFC 9457 §3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProblemDetails {
    /// Always `about:blank`: `code` says which problem it is.
    pub r#type: String,
    /// The status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// A sentence that a person can act on.
    pub detail: String,
    /// The word that a program can act on; it never changes once published.
    pub code: String,
    /// The fields that are wrong, where single fields are.
    #[serde(default)]
    pub errors: Vec<FieldError>,
    /// What it is by now, where a change was based on something older.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub current: Option<serde_json::Value>,
    /// What uses it, where something cannot be removed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub used_by: Vec<Use>,
}

/// One field that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// The field's name in the request.
    pub field: String,
    /// The word that a program can act on.
    pub code: String,
    /// What is wrong with it, in words that fit after the field's name.
    pub message: String,
}

impl FieldError {
    /// Says that `field` is wrong.
    pub fn new(field: impl Into<String>, code: impl Into<String>, message: impl Into<String>) -> Self {
        FieldError {
            field: field.into(),
            code: code.into(),
            message: message.into(),
        }
    }

    pub(super) fn of_number(field: &str, error: NumberError) -> Self {
        let code = match error {
            NumberError::NotThreeDigits => "not_three_digits",
            NumberError::Emergency => "emergency_number",
            NumberError::NotSixDigits => "not_six_digits",
        };
        FieldError::new(field, code, error.to_string())
    }
}

impl From<DraftProblem> for FieldError {
    fn from(draft: DraftProblem) -> Self {
        let code = match draft.problem {
            Problem::Empty => "empty",
            Problem::TooLong { .. } => "too_long",
            Problem::TooShort { .. } => "too_short",
            Problem::ControlCharacters => "control_characters",
            Problem::NotAlphanumeric => "not_alphanumeric",
            Problem::OutOfRange { .. } => "out_of_range",
            Problem::TooMany { .. } => "too_many",
            Problem::Twice => "twice",
            Problem::NeverHolds => "never_holds",
            Problem::NotAHost => "not_a_host",
            Problem::NotATimeZone => "not_a_time_zone",
            Problem::NotDigits => "not_digits",
        };
        FieldError::new(draft.field, code, draft.problem.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_of_a_draft_names_field_code_and_words() {
        let error = FieldError::from(DraftProblem::new("name", Problem::TooLong { most: 80 }));
        assert_eq!(
            error,
            FieldError::new("name", "too_long", "must have at most 80 characters")
        );
    }
}
