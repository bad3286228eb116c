//! Explains one call, finished or running: what was decided and why, and its SIP ladder.

use axum::{Json, extract::State};
use wigwag_model::{CallId, api::CallTrace};

use crate::{
    ApiState,
    access::{Function, NotFound},
    caller::Caller,
    error::ApiError,
    extract::Id,
};

/// Explain a call
///
/// The decisions in sentences and the SIP messages with secrets masked; kept for some days. Admins and owners only.
#[utoipa::path(
    get,
    path = "/v1/calls/{call_id}/trace",
    tag = "calls",
    security(("bearer" = [])),
    params(("call_id" = CallId, Path, description = "The call, finished or running")),
    responses(
        (status = 200, description = "The explanation", body = CallTrace),
        (status = 403, description = "The access level does not allow it"),
        (status = 404, description = "There is no such call, or its explanation is no longer kept"),
    )
)]
pub(crate) async fn read_call_trace(
    State(api): State<ApiState>,
    caller: Caller,
    Id(id): Id<CallId>,
) -> Result<Json<CallTrace>, ApiError> {
    caller.require(Function::SeeTrace)?;
    if !is_own_call(&api, &caller, id).await? {
        return Err(NotFound.into());
    }
    let trace = api.switch().trace(caller.tenant(), id).await?;
    Ok(Json(trace.ok_or(NotFound)?))
}

/// Whether the call is the company's: the switch knows too, but that is not left to it alone.
async fn is_own_call(api: &ApiState, caller: &Caller, id: CallId) -> Result<bool, ApiError> {
    let finished = api.store().read(caller.tenant()).await?.call_record(id).await?;
    if finished.is_some() {
        return Ok(true);
    }
    let running = api.switch().live_calls(caller.tenant()).await?;
    Ok(running.iter().any(|call| call.id == id))
}
