//! Numbers of others that a company may show on its outgoing calls (S059).

mod approve;
mod list;
mod withdraw;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::ApiState;

pub(super) fn endpoints() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(
        list::list_caller_ids,
        approve::approve_caller_id,
        withdraw::withdraw_caller_id
    ))
}
