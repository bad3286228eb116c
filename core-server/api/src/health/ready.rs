//! The server can serve: requests may be sent here.

use axum::{Json, extract::State, http::StatusCode};
use wigwag_model::api::Readiness;

use crate::ApiState;

/// Whether calls and changes can be served
#[utoipa::path(
    get,
    path = "/health/ready",
    tag = "server",
    responses(
        (status = 200, description = "They can", body = Readiness),
        (status = 503, description = "They cannot", body = Readiness),
    )
)]
pub(crate) async fn read_readiness(State(api): State<ApiState>) -> (StatusCode, Json<Readiness>) {
    let database = api.store().check().await.is_ok();
    let switch = api.switch().metrics().await.is_ok();
    let ready = database && switch;
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (
        status,
        Json(Readiness {
            ready,
            database,
            switch,
        }),
    )
}
