//! Removes an entry of the list of blocked callers.

use axum::{extract::State, http::StatusCode};
use wigwag_model::BlockedCallerId;

use crate::{
    ApiState,
    access::{Function, NotFound},
    caller::Caller,
    error::ApiError,
    extract::Id,
};

/// Remove an entry of the list of blocked callers
///
/// Admins and owners only.
#[utoipa::path(
    delete,
    path = "/v1/blocked_callers/{blocked_caller_id}",
    tag = "blocked callers",
    security(("bearer" = [])),
    params(("blocked_caller_id" = BlockedCallerId, Path, description = "The entry")),
    responses(
        (status = 204, description = "Removed"),
        (status = 403, description = "The access level does not allow it"),
        (status = 404, description = "There is no such entry"),
    )
)]
pub(crate) async fn remove_blocked_caller(
    State(api): State<ApiState>,
    caller: Caller,
    Id(id): Id<BlockedCallerId>,
) -> Result<StatusCode, ApiError> {
    caller.require(Function::SetUpCallHandling)?;
    let tenant = caller.tenant();
    let mut tx = api.change(&caller).await?;
    tx.remove_blocked_caller(id).await?.ok_or(NotFound)?;
    let committed = tx.commit().await?;
    api.take_effect(tenant, committed).await?;
    tracing::info!(tenant.id = %tenant, user.id = %caller.user.id, blocked_caller.id = %id, "An entry of the list of blocked callers was removed.");
    Ok(StatusCode::NO_CONTENT)
}
