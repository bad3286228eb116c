//! For whoever watches the server.

mod live;
mod ready;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::ApiState;

pub(crate) fn endpoints() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(live::read_health))
        .routes(routes!(ready::read_readiness))
}
