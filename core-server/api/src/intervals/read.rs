//! Shows one interval.

use axum::{Json, extract::State};
use wigwag_model::{Interval, IntervalId};

use crate::{ApiState, access::NotFound, caller::Caller, error::ApiError, extract::Id};

/// Show an interval
///
/// For everybody of the company.
#[utoipa::path(
    get,
    path = "/v1/intervals/{interval_id}",
    tag = "intervals",
    security(("bearer" = [])),
    params(("interval_id" = IntervalId, Path, description = "The interval")),
    responses(
        (status = 200, description = "The interval", body = Interval),
        (status = 404, description = "There is no such interval"),
    )
)]
pub(crate) async fn read_interval(
    State(api): State<ApiState>,
    caller: Caller,
    Id(id): Id<IntervalId>,
) -> Result<Json<Interval>, ApiError> {
    let interval = api.store().read(caller.tenant()).await?.interval(id).await?;
    Ok(Json(interval.ok_or(NotFound)?))
}
