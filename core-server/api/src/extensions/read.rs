//! Shows one extension.

use axum::{Json, extract::State};
use wigwag_model::{ExtensionId, api::ExtensionView};

use crate::{ApiState, access::NotFound, caller::Caller, error::ApiError, extract::Id};

/// Show an extension
#[utoipa::path(
    get,
    path = "/v1/extensions/{extension_id}",
    tag = "extensions",
    security(("bearer" = [])),
    params(("extension_id" = ExtensionId, Path, description = "The extension")),
    responses(
        (status = 200, description = "The extension", body = ExtensionView),
        (status = 404, description = "There is no such extension"),
    )
)]
pub(crate) async fn read_extension(
    State(api): State<ApiState>,
    caller: Caller,
    Id(id): Id<ExtensionId>,
) -> Result<Json<ExtensionView>, ApiError> {
    caller.require_extension(id)?;
    let extension = api.store().read(caller.tenant()).await?.extension(id).await?;
    Ok(Json(extension.ok_or(NotFound)?.into()))
}

#[cfg(test)]
mod tests {
    use crate::testing::TestApi;

    #[tokio::test]
    async fn it_is_shown_to_its_own_user_and_to_admins() {
        let (api, acme) = TestApi::with_company().await;
        let path = format!("/v1/extensions/{}", acme.reception.id);
        for person in [&acme.owner, &acme.admin, &acme.receptionist] {
            let shown = api.get(person, &path).await.expect(200);
            assert_eq!(shown["sip_username"], acme.reception.sip_username.to_string());
            assert_eq!(shown["created_at"], "2026-01-01T09:00:00.000Z");
        }
        api.get(&acme.newcomer, &path).await.expect_refusal(404, "not_found");
    }
}
