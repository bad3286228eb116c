//! Blocked callers (S205–S210).

mod create;
mod list;
mod remove;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::ApiState;

pub(crate) fn endpoints() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_blocked_callers, create::create_blocked_caller))
        .routes(routes!(remove::remove_blocked_caller))
}
