//! Makes an interval.

use axum::{Json, extract::State, http::StatusCode};
use wigwag_model::{Interval, IntervalSettings};

use crate::{
    ApiState,
    access::Function,
    caller::Caller,
    error::ApiError,
    extract::{JsonBody, require_no_problems},
};

/// Make an interval
///
/// Calls that begin after this is answered follow it. Admins and owners only.
#[utoipa::path(
    post,
    path = "/v1/intervals",
    tag = "intervals",
    security(("bearer" = [])),
    request_body = IntervalSettings,
    responses(
        (status = 201, description = "The interval", body = Interval),
        (status = 403, description = "The access level does not allow it"),
        (status = 409, description = "Another has its name"),
    )
)]
pub(crate) async fn create_interval(
    State(api): State<ApiState>,
    caller: Caller,
    JsonBody(settings): JsonBody<IntervalSettings>,
) -> Result<(StatusCode, Json<Interval>), ApiError> {
    caller.require(Function::SetUpCallHandling)?;
    require_no_problems(settings.problems())?;
    let tenant = caller.tenant();
    let mut tx = api.change(&caller).await?;
    let interval = tx.create_interval(&settings, &mut api.entropy()).await?;
    let committed = tx.commit().await?;
    api.take_effect(tenant, committed).await?;
    tracing::info!(tenant.id = %tenant, user.id = %caller.user.id, interval.id = %interval.id, "An interval was made.");
    Ok((StatusCode::CREATED, Json(interval)))
}
