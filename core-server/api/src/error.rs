//! Refusals: each endpoint's own enum becomes problem details here, and nowhere else (RFC 9457).

use std::{borrow::Cow, time::Duration};

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::Value;
use thiserror::Error;
use wigwag_model::{
    Use,
    api::{FieldError, ProblemDetails},
};
use wigwag_store::StoreError;

use crate::port::SwitchUnavailable;

/// Seconds after which a client may try again when something is busy or away.
const RETRY: Duration = Duration::from_secs(1);

/// Why a request is refused; the error's text is the sentence that the client reads.
pub(crate) trait Refusal: std::error::Error {
    /// The HTTP status.
    fn status(&self) -> StatusCode;

    /// The word for programs; it never changes once published.
    fn code(&self) -> &'static str;

    /// The fields that are wrong.
    fn fields(&self) -> Vec<FieldError> {
        Vec::new()
    }

    /// When trying again may help.
    fn retry_after(&self) -> Option<Duration> {
        None
    }

    /// What it is by now, where a change was based on something older.
    fn current(&self) -> Option<Value> {
        None
    }

    /// What uses it, where something cannot be removed.
    fn used_by(&self) -> Vec<Use> {
        Vec::new()
    }
}

/// A change was stored, but the part that carries calls did not say that it follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the change is stored, but calls do not follow it yet")]
pub(crate) struct NotLive(#[from] SwitchUnavailable);

/// The refusal of a request, ready to be sent.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    code: &'static str,
    detail: Cow<'static, str>,
    fields: Vec<FieldError>,
    retry_after: Option<Duration>,
    current: Option<Box<Value>>,
    used_by: Vec<Use>,
}

impl<R: Refusal> From<R> for ApiError {
    fn from(refusal: R) -> Self {
        ApiError {
            status: refusal.status(),
            code: refusal.code(),
            detail: Cow::Owned(sentence(&refusal.to_string())),
            fields: refusal.fields(),
            retry_after: refusal.retry_after(),
            current: refusal.current().map(Box::new),
            used_by: refusal.used_by(),
        }
    }
}

/// What the store refuses and the client can solve.
#[derive(Clone, Copy, Debug, Error)]
enum StoreRefused {
    #[error("another has this already")]
    Taken { field: &'static str },
    #[error("some fields are not valid")]
    Unknown { field: &'static str },
    #[error("there may be at most {most} {what}")]
    Full { what: &'static str, most: usize },
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        if let Some(refused) = StoreRefused::of(&error) {
            return refused.into();
        }
        let transient = error.is_transient();
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "The store could not serve a request."
        );
        if transient {
            ApiError::unavailable()
        } else {
            ApiError::internal()
        }
    }
}

impl StoreRefused {
    fn of(error: &StoreError) -> Option<Self> {
        match *error {
            StoreError::Conflict { field } => Some(StoreRefused::Taken { field }),
            StoreError::Unknown { field } => Some(StoreRefused::Unknown { field }),
            StoreError::Full { what, most } => Some(StoreRefused::Full { what, most }),
            StoreError::Driver(_)
            | StoreError::Corrupt { .. }
            | StoreError::NumberTaken { .. }
            | StoreError::VirtualWithDevices
            | StoreError::NumberGone { .. }
            | StoreError::Sealed { .. }
            | StoreError::NoTenant => None,
        }
    }
}

impl Refusal for StoreRefused {
    fn status(&self) -> StatusCode {
        match self {
            StoreRefused::Taken { .. } | StoreRefused::Full { .. } => StatusCode::CONFLICT,
            StoreRefused::Unknown { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            StoreRefused::Taken { .. } => "taken",
            StoreRefused::Unknown { .. } => "invalid_fields",
            StoreRefused::Full { .. } => "full",
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match *self {
            StoreRefused::Taken { field } => vec![FieldError::new(field, "taken", "is already taken")],
            StoreRefused::Unknown { field } => {
                let words = "names something that the company does not have";
                vec![FieldError::new(field, "unknown", words)]
            }
            StoreRefused::Full { .. } => Vec::new(),
        }
    }
}

impl From<SwitchUnavailable> for ApiError {
    fn from(error: SwitchUnavailable) -> Self {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "The switch could not serve a request."
        );
        ApiError::unavailable()
    }
}

impl Refusal for NotLive {
    fn status(&self) -> StatusCode {
        StatusCode::SERVICE_UNAVAILABLE
    }

    fn code(&self) -> &'static str {
        "not_live_yet"
    }
}

impl ApiError {
    /// Something of ours is broken; the log says what.
    pub(crate) const fn internal() -> Self {
        ApiError {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            code: "internal",
            detail: Cow::Borrowed("Something went wrong on the server."),
            fields: Vec::new(),
            retry_after: None,
            current: None,
            used_by: Vec::new(),
        }
    }

    /// Something of ours is busy or away.
    pub(crate) const fn unavailable() -> Self {
        ApiError {
            status: StatusCode::SERVICE_UNAVAILABLE,
            code: "unavailable",
            detail: Cow::Borrowed("The server is busy. Try again in a moment."),
            fields: Vec::new(),
            retry_after: Some(RETRY),
            current: None,
            used_by: Vec::new(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let problem = ProblemDetails {
            r#type: "about:blank".to_owned(),
            title: self.status.canonical_reason().unwrap_or("Refused").to_owned(),
            status: self.status.as_u16(),
            detail: self.detail.into_owned(),
            code: self.code.to_owned(),
            errors: self.fields,
            current: self.current.map(|current| *current),
            used_by: self.used_by,
        };
        let body = serde_json::to_vec(&problem).expect("problem details are plain strings and numbers");
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(after) = self.retry_after {
            let seconds = after.as_secs() + u64::from(after.subsec_nanos() > 0);
            headers.insert(header::RETRY_AFTER, seconds.max(1).into());
        }
        response
    }
}

/// Error texts start small and end without a full stop; people read sentences.
fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(characters).chain(std::iter::once('.')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_told_in_whole_seconds_rounded_up() {
        let error = ApiError {
            retry_after: Some(Duration::from_millis(1_200)),
            ..ApiError::unavailable()
        };
        assert_eq!(error.into_response().headers()[header::RETRY_AFTER], "2");
    }

    #[test]
    fn error_texts_become_sentences() {
        assert_eq!(sentence("the number is taken"), "The number is taken.");
    }
}
