//! PINs of extensions (A27).

mod change;
mod guess;
mod read;

use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) use guess::require_pin;

use crate::ApiState;

pub(crate) fn endpoints() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(read::read_pin, change::change_pin))
}
