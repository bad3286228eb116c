//! What holds for the whole company (S059, A08, A34).

mod read;
mod update;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::ApiState;

pub(crate) fn endpoints() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(read::read_settings, update::update_settings))
}
