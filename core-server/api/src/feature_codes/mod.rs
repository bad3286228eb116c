//! Star codes (features.md 1.T).

mod read;
mod update;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::ApiState;

pub(crate) fn endpoints() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(read::read_feature_codes, update::update_feature_codes))
}
