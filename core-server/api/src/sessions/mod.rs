//! Signing in and out.

mod create;
mod remove;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::ApiState;

pub(crate) fn endpoints() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(create::create_session))
        .routes(routes!(remove::remove_session))
}
