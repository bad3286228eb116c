//! The call history (S178, S187) and the explanation of a call.

mod list;
mod read;
mod trace;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::ApiState;

pub(crate) fn endpoints() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_calls))
        .routes(routes!(read::read_call))
        .routes(routes!(trace::read_call_trace))
}
