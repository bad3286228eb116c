//! The OpenAPI 3.1 document: endpoints describe themselves, and what is the same everywhere is added here.

use std::sync::LazyLock;

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Array, Components, Content, Info, License, OpenApi, Ref, RefOr, ResponseBuilder, Schema,
        path::Operation,
        security::{Http, HttpAuthScheme, SecurityScheme},
    },
};
use utoipa_axum::{router::OpenApiRouter, routes};
use wigwag_model::{
    Use, UseKind,
    api::{FieldError, ProblemDetails},
};

use crate::{ApiState, router};

const PROBLEM: &str = "application/problem+json";

static DOCUMENT: LazyLock<String> = LazyLock::new(openapi_text);

/// The OpenAPI document of this version of the API.
pub fn openapi() -> OpenApi {
    completed(router::endpoints().into_openapi())
}

/// The document as it is served and as it stands in `core-server/api/openapi.json`.
pub fn openapi_text() -> String {
    let mut text = openapi()
        .to_pretty_json()
        .expect("the document is made of strings and maps");
    text.push('\n');
    text
}

pub(crate) fn endpoint() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(read_openapi))
}

/// This description of the API
#[utoipa::path(
    get,
    path = "/openapi.json",
    tag = "server",
    responses((status = 200, description = "The OpenAPI document", content_type = "application/json"))
)]
async fn read_openapi() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, DOCUMENT.as_str()).into_response()
}

/// Adds to each operation what is the same for all of them.
fn completed(mut document: OpenApi) -> OpenApi {
    let mut info = Info::new("WigWag", env!("CARGO_PKG_VERSION"));
    info.description = Some(
        "The API of the WigWag telephone exchange. Sign in with POST /v1/sessions and send the token as \
         `Authorization: Bearer …`. Refusals are problem details (RFC 9457): `code` is for programs, `detail` for \
         people, `errors` names the fields that are wrong. A change says by its `revision` what it is based on, and is refused \
         with what it is by now where somebody else has been quicker. Answers may gain fields; nothing else changes within /v1."
            .to_owned(),
    );
    info.license = Some(License::new("MIT OR Apache-2.0"));
    document.info = info;
    let components = document.components.get_or_insert_with(Components::new);
    components.add_security_scheme("bearer", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    // Refusals are added below: what they are made of is named by no endpoint.
    for (name, schema) in [
        (ProblemDetails::name(), ProblemDetails::schema()),
        (FieldError::name(), FieldError::schema()),
        (Use::name(), Use::schema()),
        (UseKind::name(), UseKind::schema()),
    ] {
        components.schemas.insert(name.into_owned(), schema);
    }
    components
        .schemas
        .iter_mut()
        .for_each(|(name, schema)| name_entries(name, schema));
    for item in document.paths.paths.values_mut() {
        let operations = [
            &mut item.get,
            &mut item.post,
            &mut item.put,
            &mut item.patch,
            &mut item.delete,
        ];
        operations.into_iter().flatten().for_each(complete);
    }
    document
}

/// Lets the schema of a page name the schema of its entries instead of repeating it.
fn name_entries(name: &str, schema: &mut RefOr<Schema>) {
    if let (Some(entry), RefOr::T(Schema::Object(page))) = (name.strip_prefix("Page_"), schema) {
        let entries = Array::new(Ref::from_schema_name(entry));
        page.properties.insert("items".to_owned(), entries.into());
    }
}

fn complete(operation: &mut Operation) {
    let responses = &mut operation.responses.responses;
    if operation.security.is_some() {
        responses
            .entry("401".to_owned())
            .or_insert_with(|| refusal("Not signed in, or not any more"));
    }
    if operation.request_body.is_some() {
        responses
            .entry("422".to_owned())
            .or_insert_with(|| refusal("A field is missing, unknown or not valid"));
    }
    responses
        .entry("default".to_owned())
        .or_insert_with(|| refusal("Refused"));
    let refusals = responses
        .iter_mut()
        .filter(|(status, _)| status.starts_with(['4', '5']));
    for (_, response) in refusals {
        if let RefOr::T(response) = response
            && response.content.is_empty()
        {
            response.content.insert(PROBLEM.to_owned(), problem_content().into());
        }
    }
}

fn refusal(description: &str) -> RefOr<utoipa::openapi::Response> {
    ResponseBuilder::new()
        .description(description)
        .content(PROBLEM, problem_content())
        .build()
        .into()
}

fn problem_content() -> Content {
    Content::new(Some(Ref::from_schema_name(ProblemDetails::name())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_document_is_up_to_date() {
        let committed = include_str!("../openapi.json");
        assert!(
            committed == openapi_text(),
            "core-server/api/openapi.json is out of date: run `cargo xtask openapi`"
        );
    }

    #[test]
    fn every_endpoint_of_v1_but_the_sign_in_needs_the_bearer_token() {
        let document = serde_json::to_value(openapi()).expect("a document");
        assert_eq!(document["openapi"], "3.1.0");
        let paths = document["paths"].as_object().expect("paths");
        for (path, item) in paths.iter().filter(|(path, _)| path.starts_with("/v1/")) {
            for (method, operation) in item.as_object().expect("operations") {
                let open = path == "/v1/sessions" && method == "post";
                assert_eq!(operation.get("security").is_none(), open, "{method} {path}");
                assert!(
                    operation["summary"].is_string() && operation["responses"]["default"].is_object(),
                    "{path}"
                );
            }
        }
    }
}
