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

#[cfg(test)]
mod tests {
    use crate::testing::TestApi;

    #[tokio::test]
    async fn a_user_sees_the_own_name_level_extension_and_company() {
        let (api, acme) = TestApi::with_company().await;
        let me = api.get(&acme.receptionist, "/v1/me").await.expect(200);
        assert_eq!(me["user"]["id"], acme.receptionist.user.id.to_string());
        assert_eq!(me["user"]["username"], "acmereception");
        assert_eq!(me["user"]["access_level"], "extension");
        assert_eq!(me["user"]["default_extension_id"], acme.reception.id.to_string());
        assert_eq!(me["tenant"]["name"], "acme");
        let me = api.get(&acme.newcomer, "/v1/me").await.expect(200);
        assert!(me["user"]["default_extension_id"].is_null());
    }
}
