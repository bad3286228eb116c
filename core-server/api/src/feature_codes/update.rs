//! Changes the star codes of the company; no two may be dialled by the same keys.

use axum::{Json, extract::State};
use wigwag_model::{
    CodeClash, FeatureCodes,
    api::{FeatureCodesChange, FeatureCodesView, FieldError},
};

use crate::{
    ApiState,
    access::Function,
    caller::Caller,
    changed::require_revision,
    error::ApiError,
    extract::{FieldsRefused, JsonBody},
};

/// Change the star codes
///
/// What is not named has its usual code. Admins and owners only.
#[utoipa::path(
    put,
    path = "/v1/feature_codes",
    tag = "feature codes",
    security(("bearer" = [])),
    request_body = FeatureCodesChange,
    responses(
        (status = 200, description = "The codes as they are now", body = FeatureCodesView),
        (status = 403, description = "The access level does not allow it"),
        (status = 409, description = "Somebody else has changed them meanwhile"),
    )
)]
pub(crate) async fn update_feature_codes(
    State(api): State<ApiState>,
    caller: Caller,
    JsonBody(change): JsonBody<FeatureCodesChange>,
) -> Result<Json<FeatureCodesView>, ApiError> {
    caller.require(Function::SetUpCallHandling)?;
    let codes = FeatureCodes::new(change.changed).map_err(clash)?;
    let tenant = caller.tenant();
    let mut tx = api.change(&caller).await?;
    let (revision, before) = tx.feature_codes().await?;
    require_revision(change.revision, revision, &FeatureCodesView::new(revision, &before))?;
    let revision = tx.set_feature_codes(&codes).await?;
    let committed = tx.commit().await?;
    api.take_effect(tenant, committed).await?;
    tracing::info!(tenant.id = %tenant, user.id = %caller.user.id, "Star codes were changed.");
    Ok(Json(FeatureCodesView::new(revision, &codes)))
}

fn clash(clash: CodeClash) -> FieldsRefused {
    let message = format!("could be dialled by the same keys as {}", clash.second.as_str());
    FieldsRefused(vec![FieldError::new(
        format!("changed.{}", clash.first.as_str()),
        "clash",
        message,
    )])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::TestApi;

    #[tokio::test]
    async fn codes_are_changed_unless_two_could_be_the_same_keys() {
        let (api, acme) = TestApi::with_company().await;
        let usual = api.get(&acme.newcomer, "/v1/feature_codes").await.expect(200);
        assert_eq!(
            usual["codes"][0],
            json!({"feature": "mailbox", "code": "*95", "usual": "*95"})
        );
        let change = json!({"revision": 0, "changed": {"echo": "*43"}});
        let changed = api
            .put(&acme.admin, "/v1/feature_codes", change.clone())
            .await
            .expect(200);
        assert_eq!(changed["revision"], 1);
        assert!(
            changed["codes"]
                .as_array()
                .expect("codes")
                .iter()
                .any(|code| code["code"] == "*43")
        );
        let stale = api.put(&acme.admin, "/v1/feature_codes", change).await;
        assert_eq!(stale.expect_refusal(409, "changed_meanwhile")["current"], changed);
        let clash = json!({"revision": 1, "changed": {"echo": "*95"}});
        let clash = api
            .put(&acme.admin, "/v1/feature_codes", clash)
            .await
            .expect_refusal(422, "invalid_fields");
        assert_eq!(clash["errors"][0]["code"], "clash");
        let wrong = json!({"revision": 1, "changed": {"echo": "52"}});
        api.put(&acme.admin, "/v1/feature_codes", wrong)
            .await
            .expect_refusal(422, "invalid_fields");
        let change = json!({"revision": 1, "changed": {}});
        api.put(&acme.receptionist, "/v1/feature_codes", change)
            .await
            .expect_refusal(403, "not_allowed");
    }
}
