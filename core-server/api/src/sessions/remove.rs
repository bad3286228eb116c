//! Signs out.

use axum::{extract::State, http::StatusCode};

use crate::{ApiState, caller::Caller, error::ApiError};

/// Sign out
///
/// The token is worth nothing from then on.
#[utoipa::path(
    delete,
    path = "/v1/sessions/current",
    tag = "sessions",
    security(("bearer" = [])),
    responses((status = 204, description = "Signed out"))
)]
pub(crate) async fn remove_session(State(api): State<ApiState>, caller: Caller) -> Result<StatusCode, ApiError> {
    api.store().revoke_session(&caller.token).await?;
    Ok(StatusCode::NO_CONTENT)
}
