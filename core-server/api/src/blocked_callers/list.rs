//! Lists whom the company does not want to hear.

use axum::{Json, extract::State};
use wigwag_model::{BlockedCaller, api::Page};

use crate::{ApiState, access::Function, caller::Caller, error::ApiError};

/// List the blocked callers
///
/// Admins and owners only.
#[utoipa::path(
    get,
    path = "/v1/blocked_callers",
    tag = "blocked callers",
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The list, the oldest entry first", body = Page<BlockedCaller>),
        (status = 403, description = "The access level does not allow it"),
    )
)]
pub(crate) async fn list_blocked_callers(
    State(api): State<ApiState>,
    caller: Caller,
) -> Result<Json<Page<BlockedCaller>>, ApiError> {
    caller.require(Function::SetUpCallHandling)?;
    let callers = api.store().read(caller.tenant()).await?.blocked_callers().await?;
    Ok(Json(Page::whole(callers)))
}
