//! Lets a person's calls ring at the own phone again (A12).

use axum::{extract::State, http::StatusCode};
use wigwag_model::ExtensionId;

use crate::{ApiState, access::NotFound, caller::Caller, error::ApiError, extract::Id};

/// End a hot desk
///
/// From the own extension or from the one that it is a guest of; admins and owners end all.
#[utoipa::path(
    delete,
    path = "/v1/hot_desks/{extension_id}",
    tag = "hot desks",
    security(("bearer" = [])),
    params(("extension_id" = ExtensionId, Path, description = "The guest")),
    responses(
        (status = 204, description = "Ended"),
        (status = 404, description = "The extension is no guest"),
    )
)]
pub(crate) async fn end_hot_desk(
    State(api): State<ApiState>,
    caller: Caller,
    Id(id): Id<ExtensionId>,
) -> Result<StatusCode, ApiError> {
    let (tenant, reach) = (caller.tenant(), caller.reach());
    let mut tx = api.change(&caller).await?;
    let desk = tx.end_hot_desk(id).await?.ok_or(NotFound)?;
    if !reach.includes(desk.guest) && !reach.includes(desk.host) {
        return Err(NotFound.into());
    }
    let committed = tx.commit().await?;
    api.take_effect(tenant, committed).await?;
    tracing::info!(tenant.id = %tenant, user.id = %caller.user.id, extension.id = %id, "A hot desk ended.");
    Ok(StatusCode::NO_CONTENT)
}
