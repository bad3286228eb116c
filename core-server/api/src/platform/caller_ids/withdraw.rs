//! Lets a company no longer show a number of somebody else.

use axum::{extract::State, http::StatusCode};
use wigwag_model::{TenantId, api::ApprovedCallerId};

use crate::{
    ApiState,
    access::NotFound,
    error::ApiError,
    extract::{Id, JsonBody},
    platform::Operator,
};

/// Let a company no longer show a number of somebody else
///
/// Where it is set as caller ID, calls show another number from now on.
#[utoipa::path(
    delete,
    path = "/v1/platform/tenants/{tenant_id}/caller_ids",
    tag = "platform",
    security(("bearer" = [])),
    params(("tenant_id" = TenantId, Path, description = "The company")),
    request_body = ApprovedCallerId,
    responses(
        (status = 204, description = "Withdrawn"),
        (status = 404, description = "There is no such company, or it may not show the number"),
    )
)]
pub(crate) async fn withdraw_caller_id(
    State(api): State<ApiState>,
    operator: Operator,
    Id(id): Id<TenantId>,
    JsonBody(approved): JsonBody<ApprovedCallerId>,
) -> Result<StatusCode, ApiError> {
    let mut tx = operator.change_tenant(&api, id).await?;
    if !tx.withdraw_caller_id(&approved.number).await? {
        return Err(NotFound.into());
    }
    let committed = tx.commit().await?;
    api.take_effect(id, committed).await?;
    tracing::info!(tenant.id = %id, user.id = %operator.0.id, "A caller ID was withdrawn.");
    Ok(StatusCode::NO_CONTENT)
}
