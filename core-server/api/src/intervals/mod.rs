//! Time intervals (S188–S193).

mod create;
mod list;
mod read;
mod remove;
mod update;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::ApiState;

pub(crate) fn endpoints() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_intervals, create::create_interval))
        .routes(routes!(
            read::read_interval,
            update::update_interval,
            remove::remove_interval
        ))
}
