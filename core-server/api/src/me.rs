//! Who is signed in.

use axum::{Json, extract::State};
use utoipa_axum::{router::OpenApiRouter, routes};
use wigwag_model::{User, api::Me};
use wigwag_store::StoreError;

use crate::{ApiState, caller::Caller, error::ApiError};

pub(crate) fn endpoint() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(read_me))
}

/// Who is signed in
#[utoipa::path(
    get,
    path = "/v1/me",
    tag = "me",
    security(("bearer" = [])),
    responses((status = 200, description = "The user and the company", body = Me))
)]
async fn read_me(State(api): State<ApiState>, caller: Caller) -> Result<Json<Me>, ApiError> {
    Ok(Json(me(&api, caller.user).await?))
}

/// `user` with the company.
pub(crate) async fn me(api: &ApiState, user: User) -> Result<Me, ApiError> {
    let mut tx = api.store().read(user.tenant_id).await?;
    let tenant = tx.tenant().await?.ok_or(StoreError::NoTenant)?;
    Ok(Me {
        user: user.into(),
        tenant: tenant.into(),
    })
}
