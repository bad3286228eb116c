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
    changed::require_revision,
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
        (status = 403, description = "The access level does not allow to change the number, the kind or the caller ID"),
        (status = 404, description = "There is no such extension"),
        (status = 409, description = "Something else has this number, it has devices, or somebody else has changed it meanwhile"),
    )
)]
pub(crate) async fn update_extension(
    State(api): State<ApiState>,
    caller: Caller,
    Id(id): Id<ExtensionId>,
    JsonBody(change): JsonBody<ExtensionChange>,
) -> Result<Json<ExtensionView>, ApiError> {
    caller.require_extension(id)?;
    if change.is_for_admins() {
        caller.require(Function::SetUpExtension)?;
    }
    let tenant = caller.tenant();
    let mut tx = api.change(&caller).await?;
    let before = tx.extension(id).await?.ok_or(NotFound)?;
    require_revision(change.revision, before.revision, &ExtensionView::from(before.clone()))?;
    let settings = tx.company_settings().await?;
    let draft = change
        .draft(&before, settings.area_code.as_ref())
        .map_err(FieldsRefused)?;
    let after = match tx.update_extension(id, &draft).await {
        Ok(after) => after.ok_or(NotFound)?,
        Err(error) => return Err(refused(error, &mut tx).await),
    };
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
            .patch(&acme.receptionist, &path, json!({"revision": 0, "name": "Desk"}))
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
        let renumber = json!({"revision": 0, "number": "150"});
        api.patch(&acme.receptionist, &path, renumber.clone())
            .await
            .expect_refusal(403, "not_allowed");
        assert_eq!(
            api.patch(&acme.admin, &path, renumber).await.expect(200)["number"],
            "150"
        );
        api.patch(&acme.admin, &path, json!({"revision": 1, "number": "102"}))
            .await
            .expect_refusal(409, "number_taken");
        api.patch(&acme.admin, &path, json!({"revision": 1, "number": "112"}))
            .await
            .expect_refusal(422, "invalid_fields");
    }

    #[tokio::test]
    async fn fields_that_are_not_the_clients_to_set_are_refused() {
        let (api, acme) = TestApi::with_company().await;
        let path = format!("/v1/extensions/{}", acme.reception.id);
        for field in ["id", "tenant_id", "sip_username", "created_at", "version"] {
            let problem = api.patch(&acme.owner, &path, json!({"revision": 0, field: "x"})).await;
            assert_eq!(
                problem.expect_refusal(422, "invalid_fields")["errors"][0]["field"],
                field
            );
        }
        assert!(api.switch.told().is_empty());
    }

    #[tokio::test]
    async fn a_taken_number_is_refused_with_whoever_has_it() {
        let (api, acme) = TestApi::with_company().await;
        let path = format!("/v1/extensions/{}", acme.reception.id);
        let problem = api
            .patch(&acme.admin, &path, json!({"revision": 0, "number": "102"}))
            .await;
        let problem = problem.expect_refusal(409, "number_taken");
        let words = json!([{"field": "number", "code": "taken", "message": "is the one of the extension Workshop"}]);
        assert_eq!(problem["errors"], words);
    }

    #[tokio::test]
    async fn a_change_on_top_of_somebody_elses_is_told_and_not_lost() {
        let (api, acme) = TestApi::with_company().await;
        let path = format!("/v1/extensions/{}", acme.reception.id);
        let first = json!({"revision": 0, "ring_timeout_s": 45});
        let first = api.patch(&acme.owner, &path, first).await.expect(200);
        let second = json!({"revision": 0, "ring_timeout_s": 60});
        let problem = api.patch(&acme.admin, &path, second).await;
        assert_eq!(problem.expect_refusal(409, "changed_meanwhile")["current"], first);
        let unsaid = api.patch(&acme.admin, &path, json!({"name": "Desk"})).await;
        assert_eq!(
            unsaid.expect_refusal(422, "invalid_fields")["errors"][0]["field"],
            "revision"
        );
    }

    #[tokio::test]
    async fn users_switch_do_not_disturb_and_admins_what_rings() {
        let (api, acme) = TestApi::with_company().await;
        let path = format!("/v1/extensions/{}", acme.reception.id);
        let mine = json!({"revision": 0, "do_not_disturb": true, "withhold_number": true});
        let changed = api.patch(&acme.receptionist, &path, mine).await.expect(200);
        assert_eq!(
            (&changed["do_not_disturb"], &changed["withhold_number"]),
            (&json!(true), &json!(true))
        );
        let mobile = json!({"revision": 1, "kind": {"virtual": {"forward_to": "07700 900123", "screening": true}}});
        api.patch(&acme.receptionist, &path, mobile.clone())
            .await
            .expect_refusal(403, "not_allowed");
        api.patch(&acme.admin, &path, mobile.clone())
            .await
            .expect_refusal(409, "has_devices");
        let phone = format!("/v1/devices/{}", acme.reception_phone.id);
        api.delete(&acme.admin, &phone).await.expect(204);
        let changed = api.patch(&acme.admin, &path, mobile).await.expect(200);
        let kind = json!({"virtual": {"forward_to": "+447700900123", "screening": true}});
        assert_eq!(changed["kind"], kind);
        let devices = format!("{path}/devices");
        api.post(&acme.admin, &devices, json!({"name": "Phone"}))
            .await
            .expect_refusal(409, "virtual_extension");
    }
}
