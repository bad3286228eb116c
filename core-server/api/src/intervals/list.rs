//! Lists the intervals.

use axum::{Json, extract::State};
use wigwag_model::{Interval, api::Page};

use crate::{ApiState, caller::Caller, error::ApiError};

/// List the intervals
///
/// For everybody of the company.
#[utoipa::path(
    get,
    path = "/v1/intervals",
    tag = "intervals",
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The intervals", body = Page<Interval>),
    )
)]
pub(crate) async fn list_intervals(
    State(api): State<ApiState>,
    caller: Caller,
) -> Result<Json<Page<Interval>>, ApiError> {
    let intervals = api.store().read(caller.tenant()).await?.intervals().await?;
    Ok(Json(Page::whole(intervals)))
}
