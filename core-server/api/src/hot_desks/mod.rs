//! Hot desks (A12).

mod begin;
mod end;
mod list;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::ApiState;

pub(crate) fn endpoints() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_hot_desks, begin::begin_hot_desk))
        .routes(routes!(end::end_hot_desk))
}
