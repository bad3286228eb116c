//! All routes, and what surrounds them.

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::StatusCode,
    middleware::{from_fn, from_fn_with_state},
};
use thiserror::Error;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    ApiState,
    access::NotFound,
    calls, devices,
    error::{ApiError, Refusal},
    extensions, front_page, health, layer, live_calls, me, monitoring, openapi, sessions, tenant,
};

/// Bytes of a request's body.
const BODY_BYTES: usize = 64 * 1024;

/// The API as a service: every endpoint with limits, security headers, log and figures around it.
pub fn router(api: ApiState) -> Router {
    let (router, _) = endpoints().split_for_parts();
    router
        .merge(front_page::route())
        .fallback(async || ApiError::from(NotFound))
        .method_not_allowed_fallback(async || ApiError::from(MethodNotAllowed))
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(from_fn_with_state(layer::InFlight::default(), layer::run))
        .layer(from_fn_with_state(api.clone(), layer::log))
        .layer(from_fn(layer::security_headers))
        .with_state(api)
}

/// Every endpoint that the OpenAPI document describes.
pub(crate) fn endpoints() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .merge(sessions::endpoints())
        .merge(me::endpoint())
        .merge(tenant::endpoint())
        .merge(extensions::endpoints())
        .merge(devices::endpoints())
        .merge(live_calls::endpoint())
        .merge(calls::endpoints())
        .merge(health::endpoints())
        .merge(monitoring::endpoint())
        .merge(openapi::endpoint())
}

/// The path exists, the method does not.
#[derive(Clone, Copy, Debug, Error)]
#[error("this method does not exist here")]
struct MethodNotAllowed;

impl Refusal for MethodNotAllowed {
    fn status(&self) -> StatusCode {
        StatusCode::METHOD_NOT_ALLOWED
    }

    fn code(&self) -> &'static str {
        "method_not_allowed"
    }
}
