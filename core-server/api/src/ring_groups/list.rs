//! Lists the ring groups.

use axum::{Json, extract::State};
use wigwag_model::{RingGroup, api::Page};

use crate::{ApiState, access::Function, caller::Caller, error::ApiError};

/// List the ring groups
///
/// Admins and owners only.
#[utoipa::path(
    get,
    path = "/v1/ring_groups",
    tag = "ring groups",
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The ring groups", body = Page<RingGroup>),
        (status = 403, description = "The access level does not allow it"),
    )
)]
pub(crate) async fn list_ring_groups(
    State(api): State<ApiState>,
    caller: Caller,
) -> Result<Json<Page<RingGroup>>, ApiError> {
    caller.require(Function::SetUpCallHandling)?;
    let ring_groups = api.store().read(caller.tenant()).await?.ring_groups().await?;
    Ok(Json(Page::whole(ring_groups)))
}
