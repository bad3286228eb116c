//! Changes an extension (S078–S081).

use axum::{Json, extract::State};
use wigwag_model::{
    ExtensionId,
    api::{ExtensionChange, ExtensionView},
};

use super::refused;
use crate::{
    ApiState,
    access::{Function, NotFound},
    caller::Caller,
    error::ApiError,
    extract::{FieldsRefused, Id, JsonBody},
};

/// Change an extension
///
/// What is absent stays as it is. Calls that begin after this is answered follow the change.
#[utoipa::path(
    patch,
    path = "/v1/extensions/{extension_id}",
    tag = "extensions",
    security(("bearer" = [])),
    params(("extension_id" = ExtensionId, Path, description = "The extension")),
    request_body = ExtensionChange,
    responses(
        (status = 200, description = "The extension as it is now", body = ExtensionView),
        (status = 403, description = "The access level does not allow to change the number"),
        (status = 404, description = "There is no such extension"),
        (status = 409, description = "Another extension has this number"),
    )
)]
pub(crate) async fn update_extension(
    State(api): State<ApiState>,
    caller: Caller,
    Id(id): Id<ExtensionId>,
    JsonBody(change): JsonBody<ExtensionChange>,
) -> Result<Json<ExtensionView>, ApiError> {
    caller.require_extension(id)?;
    if change.number.is_some() {
        caller.require(Function::ChangeExtensionNumber)?;
    }
    let tenant = caller.tenant();
    let mut tx = api.store().write(tenant).await?;
    let before = tx.extension(id).await?.ok_or(NotFound)?;
    let draft = change.draft(&before).map_err(FieldsRefused)?;
    let after = tx
        .update_extension(id, &draft)
        .await
        .map_err(refused)?
        .ok_or(NotFound)?;
    let committed = tx.commit().await?;
    api.take_effect(tenant, committed).await?;
    tracing::info!(tenant.id = %tenant, user.id = %caller.user.id, extension.id = %id, "An extension was changed.");
    Ok(Json(after.into()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{TestApi, Told};

    #[tokio::test]
    async fn what_is_absent_stays_and_calls_follow_before_the_answer() {
        let (api, acme) = TestApi::with_company().await;
        let path = format!("/v1/extensions/{}", acme.reception.id);
        let changed = api
            .patch(&acme.receptionist, &path, json!({"name": "Desk"}))
            .await
            .expect(200);
        assert_eq!(changed["name"], "Desk");
        assert_eq!(changed["number"], "101");
        assert_eq!(changed["ring_timeout_s"], 30);
        assert!(matches!(api.switch.told()[..], [Told::ConfigurationChanged(tenant, _)] if tenant == acme.tenant.id));
        assert_eq!(api.get(&acme.owner, &path).await.expect(200), changed);
    }

    #[tokio::test]
    async fn the_number_is_for_admins_to_change() {
        let (api, acme) = TestApi::with_company().await;
        let path = format!("/v1/extensions/{}", acme.reception.id);
        let renumber = json!({"number": "150"});
        api.patch(&acme.receptionist, &path, renumber.clone())
            .await
            .expect_refusal(403, "not_allowed");
        assert_eq!(
            api.patch(&acme.admin, &path, renumber).await.expect(200)["number"],
            "150"
        );
        api.patch(&acme.admin, &path, json!({"number": "102"}))
            .await
            .expect_refusal(409, "number_taken");
        api.patch(&acme.admin, &path, json!({"number": "112"}))
            .await
            .expect_refusal(422, "invalid_fields");
    }

    #[tokio::test]
    async fn fields_that_are_not_the_clients_to_set_are_refused() {
        let (api, acme) = TestApi::with_company().await;
        let path = format!("/v1/extensions/{}", acme.reception.id);
        for field in ["id", "tenant_id", "sip_username", "created_at", "version"] {
            let problem = api.patch(&acme.owner, &path, json!({field: "x"})).await;
            assert_eq!(
                problem.expect_refusal(422, "invalid_fields")["errors"][0]["field"],
                field
            );
        }
        assert!(api.switch.told().is_empty());
    }
}
