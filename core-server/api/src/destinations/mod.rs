//! Everything of a company that a call can be sent to, and the one space of numbers that it shares (S046, S108).

mod list;
mod number_taken;

use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) use number_taken::number_refused;

use crate::ApiState;

pub(crate) fn endpoints() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(list::list_destinations))
}
