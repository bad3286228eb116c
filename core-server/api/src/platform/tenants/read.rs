//! Shows one company.

use axum::{Json, extract::State};
use wigwag_model::{TenantId, api::PlatformTenantView};

use super::view;
use crate::{ApiState, error::ApiError, extract::Id, platform::Operator};

/// Show a company
#[utoipa::path(
    get,
    path = "/v1/platform/tenants/{tenant_id}",
    tag = "platform",
    security(("bearer" = [])),
    params(("tenant_id" = TenantId, Path, description = "The company")),
    responses(
        (status = 200, description = "The company", body = PlatformTenantView),
        (status = 404, description = "There is no such company"),
    )
)]
pub(crate) async fn read_tenant(
    State(api): State<ApiState>,
    _operator: Operator,
    Id(id): Id<TenantId>,
) -> Result<Json<PlatformTenantView>, ApiError> {
    Ok(Json(view(&mut api.store().read(id).await?).await?))
}
