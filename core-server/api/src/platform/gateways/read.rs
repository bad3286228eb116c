//! Shows one gateway.

use axum::{Json, extract::State};
use wigwag_model::{Gateway, GatewayId};

use crate::{ApiState, access::NotFound, error::ApiError, extract::Id, platform::Operator};

/// Show a gateway
///
/// Without its password.
#[utoipa::path(
    get,
    path = "/v1/platform/gateways/{gateway_id}",
    tag = "platform",
    security(("bearer" = [])),
    params(("gateway_id" = GatewayId, Path, description = "The gateway")),
    responses(
        (status = 200, description = "The gateway", body = Gateway),
        (status = 404, description = "There is no such gateway"),
    )
)]
pub(crate) async fn read_gateway(
    State(api): State<ApiState>,
    _operator: Operator,
    Id(id): Id<GatewayId>,
) -> Result<Json<Gateway>, ApiError> {
    let gateway = api.store().gateway(id).await?.ok_or(NotFound)?;
    Ok(Json(gateway.without_password()))
}
