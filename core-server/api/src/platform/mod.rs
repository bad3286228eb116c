//! What only the platform's operators see and do; for everybody else nothing is here.

mod audit_log;
mod caller_ids;
mod gateways;
mod number_stock;
mod operator;
mod tenants;

pub(crate) use operator::Operator;

use utoipa_axum::router::OpenApiRouter;

use crate::ApiState;

pub(crate) fn endpoints() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .merge(gateways::endpoints())
        .merge(number_stock::endpoints())
        .merge(tenants::endpoints())
        .merge(caller_ids::endpoints())
        .merge(audit_log::endpoint())
}
