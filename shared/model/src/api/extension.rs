//! Phone extensions in the API (S074–S092).

use serde::{Deserialize, Serialize};

use super::{FieldError, Timestamp, given};
use crate::{
    AreaCode, Extension, ExtensionDraft, ExtensionId, ExtensionKind, ExtensionNumber, NumberError, PhoneNumber,
    Revision, limits,
};

/// A phone extension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExtensionView {
    /// Its identity.
    pub id: ExtensionId,
    /// Rises with every change.
    pub revision: Revision,
    /// What colleagues dial: three digits.
    pub number: ExtensionNumber,
    /// What its devices register as: six digits.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[0-9]{6}$", example = "100101"))]
    pub sip_username: String,
    /// Shown to whoever is called from here.
    pub name: String,
    /// What rings there: its own phones, or a number elsewhere.
    pub kind: ExtensionKind,
    /// How long it rings before the call counts as unanswered, in seconds.
    pub ring_timeout_s: u16,
    /// Whether one more call is offered while one is active.
    pub call_waiting: bool,
    /// Shown on outgoing calls; the company's where there is none.
    pub caller_id: Option<PhoneNumber>,
    /// Whether outgoing calls show no number, unless the caller says otherwise for one call.
    pub withhold_number: bool,
    /// Whether calls count as busy without ringing.
    pub do_not_disturb: bool,
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
    /// What rings there; its own phones unless told otherwise.
    #[serde(default)]
    pub kind: KindRequest,
    /// How long it rings before the call counts as unanswered, in seconds: 5 to 180, 30 unless told otherwise.
    #[cfg_attr(feature = "openapi", schema(minimum = 5, maximum = 180))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ring_timeout_s: Option<u16>,
    /// Whether one more call is offered while one is active; on unless told otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_waiting: Option<bool>,
    /// Shown on outgoing calls: a number of the company, or one that it may show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller_id: Option<PhoneNumber>,
    /// Whether outgoing calls show no number; off unless told otherwise.
    #[serde(default)]
    pub withhold_number: bool,
    /// Whether calls count as busy without ringing; off unless told otherwise.
    #[serde(default)]
    pub do_not_disturb: bool,
}

/// What rings at an extension, as a person says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum KindRequest {
    /// Its phones and apps.
    #[default]
    Regular,
    /// A landline or mobile elsewhere; it has no devices.
    Virtual {
        /// What rings instead; a number without area code is completed by the company's.
        #[cfg_attr(feature = "openapi", schema(example = "07700 900123"))]
        forward_to: String,
        /// Whether whoever answers there has to accept the call by a key.
        #[serde(default)]
        screening: bool,
    },
}

/// A change of an extension; what is absent stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExtensionChange {
    /// The revision that the change is based on.
    pub revision: Revision,
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
    /// What rings there; only admins and owners may change it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<KindRequest>,
    /// Shown on outgoing calls; null for the company's. Only admins and owners may change it.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<PhoneNumber>))]
    pub caller_id: Option<Option<PhoneNumber>>,
    /// Whether outgoing calls show no number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withhold_number: Option<bool>,
    /// Whether calls count as busy without ringing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub do_not_disturb: Option<bool>,
}

impl From<Extension> for ExtensionView {
    fn from(extension: Extension) -> Self {
        ExtensionView {
            id: extension.id,
            revision: extension.revision,
            kind: extension.kind,
            caller_id: extension.caller_id,
            withhold_number: extension.withhold_number,
            do_not_disturb: extension.do_not_disturb,
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
    /// The draft that this asks for, or every field that is wrong; local numbers are completed by `area`.
    pub fn draft(self, area: Option<&AreaCode>) -> Result<ExtensionDraft, Vec<FieldError>> {
        let number = self.number.parse();
        checked(number, self.kind.completed(area), |number, kind| ExtensionDraft {
            number,
            name: self.name,
            kind,
            ring_timeout_s: self.ring_timeout_s.unwrap_or(limits::RING_TIMEOUT_S),
            call_waiting: self.call_waiting.unwrap_or(true),
            caller_id: self.caller_id,
            withhold_number: self.withhold_number,
            do_not_disturb: self.do_not_disturb,
        })
    }
}

impl ExtensionChange {
    /// Whether it touches what an extension's own user may not change: its number, what rings there, and the number
    /// that calls show.
    pub fn is_for_admins(&self) -> bool {
        self.number.is_some() || self.kind.is_some() || self.caller_id.is_some()
    }

    /// The draft that turns `extension` into what this asks for, or every field that is wrong; local numbers are
    /// completed by `area`.
    pub fn draft(self, extension: &Extension, area: Option<&AreaCode>) -> Result<ExtensionDraft, Vec<FieldError>> {
        let before = extension.draft();
        let number = self.number.map_or(Ok(before.number), |number| number.parse());
        let kind = self.kind.map_or(Ok(before.kind), |kind| kind.completed(area));
        checked(number, kind, |number, kind| ExtensionDraft {
            number,
            name: self.name.unwrap_or(before.name),
            kind,
            ring_timeout_s: self.ring_timeout_s.unwrap_or(before.ring_timeout_s),
            call_waiting: self.call_waiting.unwrap_or(before.call_waiting),
            caller_id: self.caller_id.unwrap_or(before.caller_id),
            withhold_number: self.withhold_number.unwrap_or(before.withhold_number),
            do_not_disturb: self.do_not_disturb.unwrap_or(before.do_not_disturb),
        })
    }
}

impl KindRequest {
    fn completed(self, area: Option<&AreaCode>) -> Result<ExtensionKind, FieldError> {
        let (forward_to, screening) = match self {
            KindRequest::Regular => return Ok(ExtensionKind::Regular),
            KindRequest::Virtual { forward_to, screening } => (forward_to, screening),
        };
        let forward_to = PhoneNumber::dialled(&forward_to, area)
            .map_err(|error| FieldError::new("kind.virtual.forward_to", "not_a_number", error.to_string()))?;
        Ok(ExtensionKind::Virtual { forward_to, screening })
    }
}

fn checked(
    number: Result<ExtensionNumber, NumberError>,
    kind: Result<ExtensionKind, FieldError>,
    draft: impl FnOnce(ExtensionNumber, ExtensionKind) -> ExtensionDraft,
) -> Result<ExtensionDraft, Vec<FieldError>> {
    let mut errors = Vec::new();
    let number = number.unwrap_or_else(|error| {
        errors.push(FieldError::of_number("number", error));
        // Stands in, so that the other fields are looked at too.
        "000".parse().expect("three digits that are no emergency number")
    });
    let kind = kind.unwrap_or_else(|error| {
        errors.push(error);
        ExtensionKind::Regular
    });
    let draft = draft(number, kind);
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
        let draft = request(r#"{"number": "104", "name": "Reception"}"#).draft(None);
        let number = "104".parse().expect("a number");
        assert_eq!(draft, Ok(ExtensionDraft::new(number, "Reception")));
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let errors = request(r#"{"number": "999", "name": " ", "ring_timeout_s": 4}"#)
            .draft(None)
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
    fn a_local_number_is_completed_by_the_area_code_of_the_company() {
        let json = r#"{"number": "104", "name": "Home", "kind": {"virtual": {"forward_to": "960123"}}}"#;
        let area = "01632".parse().expect("an area code");
        let draft = request(json).draft(Some(&area)).expect("a draft");
        let forward_to = "+441632960123".parse().expect("a number");
        let screening = false;
        assert_eq!(draft.kind, ExtensionKind::Virtual { forward_to, screening });
        let errors = request(json).draft(None).expect_err("no area code");
        assert_eq!(errors[0].field, "kind.virtual.forward_to");
    }

    #[test]
    fn unknown_fields_are_refused() {
        let json = r#"{"number": "104", "name": "Reception", "tenant_id": "x"}"#;
        assert!(serde_json::from_str::<ExtensionRequest>(json).is_err());
    }
}
