//! Makes a ring group.

use axum::{Json, extract::State, http::StatusCode};
use wigwag_model::{RingGroup, RingGroupSettings};

use crate::{
    ApiState,
    access::Function,
    caller::Caller,
    destinations::number_refused,
    error::ApiError,
    extract::{JsonBody, require_no_problems},
};

/// Make a ring group
///
/// Calls that begin after this is answered follow it. Admins and owners only.
#[utoipa::path(
    post,
    path = "/v1/ring_groups",
    tag = "ring groups",
    security(("bearer" = [])),
    request_body = RingGroupSettings,
    responses(
        (status = 201, description = "The ring group", body = RingGroup),
        (status = 403, description = "The access level does not allow it"),
        (status = 409, description = "Something else has its number"),
    )
)]
pub(crate) async fn create_ring_group(
    State(api): State<ApiState>,
    caller: Caller,
    JsonBody(settings): JsonBody<RingGroupSettings>,
) -> Result<(StatusCode, Json<RingGroup>), ApiError> {
    caller.require(Function::SetUpCallHandling)?;
    require_no_problems(settings.problems())?;
    let tenant = caller.tenant();
    let mut tx = api.change(&caller).await?;
    let ring_group = match tx.create_ring_group(&settings, &mut api.entropy()).await {
        Ok(ring_group) => ring_group,
        Err(error) => return Err(number_refused(error, &mut tx).await),
    };
    let committed = tx.commit().await?;
    api.take_effect(tenant, committed).await?;
    tracing::info!(tenant.id = %tenant, user.id = %caller.user.id, ring_group.id = %ring_group.id, "A ring group was made.");
    Ok((StatusCode::CREATED, Json(ring_group)))
}
