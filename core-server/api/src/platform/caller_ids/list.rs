//! Lists what a company may show besides its own numbers.

use axum::{Json, extract::State};
use wigwag_model::{
    TenantId,
    api::{ApprovedCallerId, Page},
};

use crate::{ApiState, access::NotFound, error::ApiError, extract::Id, platform::Operator};

/// List the numbers of others that a company may show
#[utoipa::path(
    get,
    path = "/v1/platform/tenants/{tenant_id}/caller_ids",
    tag = "platform",
    security(("bearer" = [])),
    params(("tenant_id" = TenantId, Path, description = "The company")),
    responses(
        (status = 200, description = "The numbers in their order", body = Page<ApprovedCallerId>),
        (status = 404, description = "There is no such company"),
    )
)]
pub(crate) async fn list_caller_ids(
    State(api): State<ApiState>,
    _operator: Operator,
    Id(id): Id<TenantId>,
) -> Result<Json<Page<ApprovedCallerId>>, ApiError> {
    let mut tx = api.store().read(id).await?;
    tx.tenant().await?.ok_or(NotFound)?;
    let numbers = tx.approved_caller_ids().await?.into_iter();
    Ok(Json(Page::whole(numbers.map(|number| ApprovedCallerId { number }))))
}
