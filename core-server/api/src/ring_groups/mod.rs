//! Ring groups (S117–S125).

mod create;
mod list;
mod read;
mod remove;
mod update;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::ApiState;

pub(crate) fn endpoints() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_ring_groups, create::create_ring_group))
        .routes(routes!(
            read::read_ring_group,
            update::update_ring_group,
            remove::remove_ring_group
        ))
}
