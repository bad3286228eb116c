//! Figures for Prometheus, for this machine or whoever knows the token.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use subtle::ConstantTimeEq;
use thiserror::Error;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiState,
    caller::bearer_token,
    error::{ApiError, Refusal},
    extract::{Client, is_direct},
};

/// Neither this machine nor the token.
#[derive(Clone, Copy, Debug, Error)]
#[error("the metrics are for this machine, or for whoever has the metrics token")]
struct NotForYou;

pub(crate) fn endpoint() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(read_metrics))
}

/// Figures in the Prometheus text format
///
/// From this machine itself, or with the metrics token as bearer token.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "server",
    responses(
        (status = 200, description = "The figures", body = String, content_type = "text/plain"),
        (status = 401, description = "Neither this machine nor the token"),
    )
)]
async fn read_metrics(
    State(api): State<ApiState>,
    Client(address): Client,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let local = address.is_loopback() && is_direct(&headers);
    if !local && !has_token(&api, &headers) {
        return Err(NotForYou.into());
    }
    let mut text = api.metrics().text();
    text.push_str(&api.switch().metrics().await?);
    let content_type = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    Ok((content_type, text).into_response())
}

fn has_token(api: &ApiState, headers: &HeaderMap) -> bool {
    let (wanted, given) = (api.settings().metrics_token.as_ref(), bearer_token(headers));
    wanted.zip(given).is_some_and(|(wanted, given)| {
        let (wanted, given) = (wanted.expose().as_bytes(), given.expose().as_bytes());
        !wanted.is_empty() && wanted.ct_eq(given).into()
    })
}

impl Refusal for NotForYou {
    fn status(&self) -> StatusCode {
        StatusCode::UNAUTHORIZED
    }

    fn code(&self) -> &'static str {
        "not_for_you"
    }
}
