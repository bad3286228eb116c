//! Shows one ring group.

use axum::{Json, extract::State};
use wigwag_model::{RingGroup, RingGroupId};

use crate::{
    ApiState,
    access::{Function, NotFound},
    caller::Caller,
    error::ApiError,
    extract::Id,
};

/// Show a ring group
///
/// Admins and owners only.
#[utoipa::path(
    get,
    path = "/v1/ring_groups/{ring_group_id}",
    tag = "ring groups",
    security(("bearer" = [])),
    params(("ring_group_id" = RingGroupId, Path, description = "The ring group")),
    responses(
        (status = 200, description = "The ring group", body = RingGroup),
        (status = 403, description = "The access level does not allow it"),
        (status = 404, description = "There is no such ring group"),
    )
)]
pub(crate) async fn read_ring_group(
    State(api): State<ApiState>,
    caller: Caller,
    Id(id): Id<RingGroupId>,
) -> Result<Json<RingGroup>, ApiError> {
    caller.require(Function::SetUpCallHandling)?;
    let ring_group = api.store().read(caller.tenant()).await?.ring_group(id).await?;
    Ok(Json(ring_group.ok_or(NotFound)?))
}
