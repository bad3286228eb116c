//! Forwarding rules of extensions (S102–S114).

mod create;
mod list;
mod order;
mod remove;
mod update;
mod warnings;

use utoipa_axum::{router::OpenApiRouter, routes};

use warnings::warnings;

use crate::ApiState;

pub(crate) fn endpoints() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_forwarding_rules, create::create_forwarding_rule))
        .routes(routes!(order::order_forwarding_rules))
        .routes(routes!(update::update_forwarding_rule, remove::remove_forwarding_rule))
}
