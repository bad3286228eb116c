//! A JSON body: right content type, at most 64 KiB, no unknown fields, and the field that is wrong named.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header},
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use thiserror::Error;
use wigwag_model::{
    DraftProblem,
    api::{Change, FieldError},
};

use crate::error::{ApiError, Refusal};

/// Characters of a client's own text that are given back at most.
const ECHOED_CHARS: usize = 80;

/// The body, read as `T`.
#[derive(Debug)]
pub(crate) struct JsonBody<T>(pub(crate) T);

/// The body, read as a revision and the new settings.
#[derive(Debug)]
pub(crate) struct JsonChange<T>(pub(crate) Change<T>);

#[derive(Debug, Error)]
enum BodyError {
    #[error("the content type must be application/json")]
    ContentType,
    #[error("the body is too large")]
    TooLarge,
    #[error("the body is not UTF-8 text")]
    NotText,
    #[error("the body did not arrive whole")]
    Incomplete,
    #[error("the body is not valid JSON (line {line}, column {column})")]
    Syntax { line: usize, column: usize },
}

/// Refuses what has `problems`, each with its field.
pub(crate) fn require_no_problems(problems: Vec<DraftProblem>) -> Result<(), FieldsRefused> {
    if problems.is_empty() {
        return Ok(());
    }
    Err(FieldsRefused(problems.into_iter().map(FieldError::from).collect()))
}

/// Fields that are wrong.
#[derive(Debug, Error)]
#[error("some fields are not valid")]
pub(crate) struct FieldsRefused(pub(crate) Vec<FieldError>);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        read(&json_bytes(request, state).await?).map(JsonBody)
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonChange<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let mut fields: Value = read(&json_bytes(request, state).await?)?;
        // The two parts are read one after the other, so that the field that is wrong can be named.
        let revision = fields.as_object_mut().and_then(|fields| fields.remove("revision"));
        let settings = read_value(fields)?;
        let revision = match revision {
            Some(revision) => serde_json::from_value(revision).map_err(|error| refused("revision", &error))?,
            None => return Err(missing("revision")),
        };
        Ok(JsonChange(Change { revision, settings }))
    }
}

/// The body as text.
pub(crate) async fn text<S: Send + Sync>(request: Request, state: &S) -> Result<String, ApiError> {
    let bytes = Bytes::from_request(request, state).await.map_err(not_read)?;
    String::from_utf8(bytes.into()).map_err(|_| BodyError::NotText.into())
}

async fn json_bytes<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, ApiError> {
    if !is_json(request.headers()) {
        return Err(BodyError::ContentType.into());
    }
    Ok(Bytes::from_request(request, state).await.map_err(not_read)?)
}

fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.and_then(|value| value.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

fn not_read(rejection: BytesRejection) -> BodyError {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        BodyError::TooLarge
    } else {
        BodyError::Incomplete
    }
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        refused(&path, error.inner())
    })?;
    reader.end().map_err(|error| refused(".", &error))?;
    Ok(value)
}

fn read_value<T: DeserializeOwned>(value: Value) -> Result<T, ApiError> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        refused(&path, error.inner())
    })
}

fn missing(field: &str) -> ApiError {
    FieldsRefused(vec![FieldError::new(field, "missing", "must be given")]).into()
}

fn refused(path: &str, error: &serde_json::Error) -> ApiError {
    if !error.is_data() {
        let (line, column) = (error.line(), error.column());
        return BodyError::Syntax { line, column }.into();
    }
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    let named = text.split('`').nth(1);
    let (field, code, message) = if text.starts_with("missing field") {
        (named.unwrap_or(path), "missing", "must be given")
    } else if text.starts_with("unknown field") {
        (named.unwrap_or(path), "unknown", "is not a field of this request")
    } else if text.starts_with("duplicate field") {
        (named.unwrap_or(path), "duplicate", "must be given once only")
    } else {
        (path, "not_valid", text)
    };
    FieldsRefused(vec![FieldError::new(echoed(field), code, echoed(message))]).into()
}

pub(super) fn echoed(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(ECHOED_CHARS).collect()
}

impl Refusal for BodyError {
    fn status(&self) -> StatusCode {
        match self {
            BodyError::ContentType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            BodyError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            BodyError::NotText | BodyError::Incomplete | BodyError::Syntax { .. } => StatusCode::BAD_REQUEST,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            BodyError::ContentType => "not_json",
            BodyError::TooLarge => "too_large",
            BodyError::NotText => "not_text",
            BodyError::Incomplete => "incomplete",
            BodyError::Syntax { .. } => "malformed_json",
        }
    }
}

impl Refusal for FieldsRefused {
    fn status(&self) -> StatusCode {
        StatusCode::UNPROCESSABLE_ENTITY
    }

    fn code(&self) -> &'static str {
        "invalid_fields"
    }

    fn fields(&self) -> Vec<FieldError> {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, response::IntoResponse};
    use proptest::prelude::*;
    use wigwag_model::{IntervalSettings, api::ExtensionRequest};

    use super::*;

    async fn read(content_type: &str, body: impl Into<Body>) -> Result<ExtensionRequest, String> {
        let request = Request::post("/")
            .header(header::CONTENT_TYPE, content_type)
            .body(body.into())
            .expect("a request");
        match JsonBody::from_request(request, &()).await {
            Ok(JsonBody(value)) => Ok(value),
            Err(error) => Err(format!("{error:?}")),
        }
    }

    #[tokio::test]
    async fn the_content_type_may_have_parameters_but_must_be_json() {
        let body = r#"{"number": "104", "name": "Reception"}"#;
        assert!(read("application/json", body).await.is_ok());
        assert!(read("Application/JSON; charset=utf-8", body).await.is_ok());
        assert!(read("text/plain", body).await.expect_err("415").contains("not_json"));
        assert!(
            read("application/jsonp", body)
                .await
                .expect_err("415")
                .contains("not_json")
        );
    }

    #[tokio::test]
    async fn the_field_that_is_wrong_is_named() {
        for (body, field, code) in [
            (r#"{"number": "104", "name": "R", "colour": 1}"#, "colour", "unknown"),
            (r#"{"number": "104"}"#, "name", "missing"),
            (
                r#"{"number": "104", "number": "105", "name": "R"}"#,
                "number",
                "duplicate",
            ),
            (
                r#"{"number": "104", "name": "R", "ring_timeout_s": "x"}"#,
                "ring_timeout_s",
                "not_valid",
            ),
            (
                r#"{"number": "104", "name": "R", "ring_timeout_s": 70000}"#,
                "ring_timeout_s",
                "not_valid",
            ),
        ] {
            let error = read("application/json", body).await.expect_err("422");
            assert!(
                error.contains(&format!("{field:?}")) && error.contains(&format!("{code:?}")),
                "{error}"
            );
        }
    }

    #[tokio::test]
    async fn what_is_no_json_is_refused_with_its_place() {
        for body in ["", "{", "{\"number\": \"104\",}", "{} {}", "\u{feff}{}", "[[[[[["] {
            let error = read("application/json", body).await.expect_err("400");
            assert!(
                error.contains("malformed_json") || error.contains("invalid_fields"),
                "{error}"
            );
        }
        let deep = "[".repeat(60_000);
        assert!(read("application/json", deep).await.is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Err(error) = super::read::<ExtensionRequest>(&bytes) {
                prop_assert!(error.into_response().status().is_client_error());
            }
        }

        #[test]
        fn any_field_that_is_unknown_is_named(name in "[a-z_]{1,20}") {
            prop_assume!(!["number", "name", "ring_timeout_s", "call_waiting"].contains(&name.as_str()));
            let body = format!(r#"{{"{name}": [{{}}]}}"#);
            let error = super::read::<ExtensionRequest>(body.as_bytes()).expect_err("422");
            let named = format!("field: {name:?}, code: \"unknown\"");
            let error = format!("{error:?}");
            prop_assert!(error.contains(&named));
        }
    }

    #[test]
    fn a_clients_own_text_is_given_back_short_and_clean() {
        assert_eq!(echoed("a\u{0}b\n"), "ab");
        assert_eq!(echoed(&"x".repeat(5_000)).len(), ECHOED_CHARS);
    }

    #[tokio::test]
    async fn a_change_says_what_it_is_based_on_and_has_no_unknown_fields() {
        async fn read(body: &str) -> Result<Change<IntervalSettings>, String> {
            let request = Request::put("/").header(header::CONTENT_TYPE, "application/json");
            let request = request.body(Body::from(body.to_owned())).expect("a request");
            match JsonChange::from_request(request, &()).await {
                Ok(JsonChange(change)) => Ok(change),
                Err(error) => Err(format!("{error:?}")),
            }
        }
        let when = r#""when": {"kind": "bank_holidays", "ranges": "scotland"}"#;
        let change = read(&format!(r#"{{"revision": 3, "name": "Holidays", {when}}}"#)).await;
        assert_eq!(change.map(|change| change.revision.0), Ok(3));
        for (body, field, code) in [
            (format!(r#"{{"name": "Holidays", {when}}}"#), "revision", "missing"),
            (
                format!(r#"{{"name": "Holidays", "revision": "3", {when}}}"#),
                "revision",
                "not_valid",
            ),
            (format!(r#"{{"revision": 3, {when}}}"#), "name", "missing"),
            (format!(r#"{{"revision": 3, "name": 7, {when}}}"#), "name", "not_valid"),
            (
                format!(r#"{{"revision": 3, "name": "A", "id": 1, {when}}}"#),
                "id",
                "unknown",
            ),
            ("[]".to_owned(), ".", "not_valid"),
        ] {
            let error = read(&body).await.expect_err("refused");
            assert!(
                error.contains(&format!(r#"field: "{field}", code: "{code}""#)),
                "{error}"
            );
        }
    }
}
