//! Shows one finished call.

use axum::{Json, extract::State};
use wigwag_model::{CallId, api::CallView};

use crate::{
    ApiState,
    access::{NotFound, Reach},
    caller::Caller,
    error::ApiError,
    extract::Id,
};

/// Show a finished call
#[utoipa::path(
    get,
    path = "/v1/calls/{call_id}",
    tag = "calls",
    security(("bearer" = [])),
    params(("call_id" = CallId, Path, description = "The call")),
    responses(
        (status = 200, description = "The call with its legs", body = CallView),
        (status = 404, description = "There is no such finished call"),
    )
)]
pub(crate) async fn read_call(
    State(api): State<ApiState>,
    caller: Caller,
    Id(id): Id<CallId>,
) -> Result<Json<CallView>, ApiError> {
    let record = api.store().read(caller.tenant()).await?.call_record(id).await?;
    let call = CallView::from(record.ok_or(NotFound)?);
    let within_reach = match caller.reach() {
        Reach::All => true,
        Reach::Own(own) => own.is_some_and(|own| call.involves(own)),
    };
    if within_reach {
        Ok(Json(call))
    } else {
        Err(NotFound.into())
    }
}
