//! Shows one number.

use axum::{Json, extract::State};
use wigwag_model::{NumberId, api::NumberView};

use crate::{
    ApiState,
    access::{Function, NotFound},
    caller::Caller,
    error::ApiError,
    extract::Id,
};

/// Show a number
#[utoipa::path(
    get,
    path = "/v1/numbers/{number_id}",
    tag = "numbers",
    security(("bearer" = [])),
    params(("number_id" = NumberId, Path, description = "The number")),
    responses(
        (status = 200, description = "The number", body = NumberView),
        (status = 403, description = "The access level does not allow it"),
        (status = 404, description = "There is no such number"),
    )
)]
pub(crate) async fn read_number(
    State(api): State<ApiState>,
    caller: Caller,
    Id(id): Id<NumberId>,
) -> Result<Json<NumberView>, ApiError> {
    caller.require(Function::SetUpNumber)?;
    let number = api.store().read(caller.tenant()).await?.number(id).await?;
    Ok(Json(number.ok_or(NotFound)?.into()))
}
