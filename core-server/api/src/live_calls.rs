//! Lists the calls that are running now.

use axum::{Json, extract::State};
use utoipa_axum::{router::OpenApiRouter, routes};
use wigwag_model::api::{LiveCall, Page};

use crate::{ApiState, access::Reach, caller::Caller, error::ApiError};

pub(crate) fn endpoint() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(list_live_calls))
}

/// List the calls that are running now
///
/// The oldest first, all on one page. Users of access level `extension` see those of their own extension only.
#[utoipa::path(
    get,
    path = "/v1/live-calls",
    tag = "calls",
    security(("bearer" = [])),
    responses((status = 200, description = "The running calls", body = Page<LiveCall>))
)]
async fn list_live_calls(State(api): State<ApiState>, caller: Caller) -> Result<Json<Page<LiveCall>>, ApiError> {
    let calls = api.switch().live_calls(caller.tenant()).await?;
    let within_reach = |call: &LiveCall| match caller.reach() {
        Reach::All => true,
        Reach::Own(own) => own.is_some_and(|own| call.involves(own)),
    };
    Ok(Json(Page::whole(calls.into_iter().filter(within_reach))))
}
