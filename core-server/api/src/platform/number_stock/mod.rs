//! The numbers that the platform has, and who has them.

mod list;
mod load;
mod read;

use axum::extract::DefaultBodyLimit;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::ApiState;

/// Bytes of a body with numbers: some ten thousand lines.
const BODY_BYTES: usize = 4 * 1024 * 1024;

pub(super) fn endpoints() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_number_stock, load::load_number_stock))
        .layer(DefaultBodyLimit::max(BODY_BYTES))
}
