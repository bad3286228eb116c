//! Lists the gateways.

use axum::{Json, extract::State};
use wigwag_model::{Gateway, api::Page};

use crate::{ApiState, error::ApiError, platform::Operator};

/// List the gateways
///
/// In the order of their names, all on one page, without their passwords.
#[utoipa::path(
    get,
    path = "/v1/platform/gateways",
    tag = "platform",
    security(("bearer" = [])),
    responses((status = 200, description = "The gateways", body = Page<Gateway>))
)]
pub(crate) async fn list_gateways(
    State(api): State<ApiState>,
    _operator: Operator,
) -> Result<Json<Page<Gateway>>, ApiError> {
    let gateways = api.store().gateways().await?.gateways;
    Ok(Json(Page::whole(gateways.into_iter().map(Gateway::without_password))))
}
