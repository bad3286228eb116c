//! Changes the settings of the whole company.

use axum::{Json, extract::State};
use wigwag_model::{
    CompanySettings,
    api::{FieldError, SettingsChange},
};
use wigwag_store::StoreError;

use crate::{
    ApiState,
    access::Function,
    caller::Caller,
    changed::require_revision,
    error::ApiError,
    extract::{FieldsRefused, JsonBody},
};

/// Change the settings of the whole company
///
/// All of them at once. Calls that begin after this is answered follow the change. Admins and owners only.
#[utoipa::path(
    put,
    path = "/v1/settings",
    tag = "tenant",
    security(("bearer" = [])),
    request_body = SettingsChange,
    responses(
        (status = 200, description = "The settings as they are now", body = CompanySettings),
        (status = 403, description = "The access level does not allow it"),
        (status = 409, description = "Somebody else has changed them meanwhile"),
        (status = 422, description = "A field is not valid, or the caller ID may not be shown"),
    )
)]
pub(crate) async fn update_settings(
    State(api): State<ApiState>,
    caller: Caller,
    JsonBody(change): JsonBody<SettingsChange>,
) -> Result<Json<CompanySettings>, ApiError> {
    caller.require(Function::ChangeSettings)?;
    let wanted = change.settings().map_err(FieldsRefused)?;
    let tenant = caller.tenant();
    let mut tx = api.change(&caller).await?;
    let before = tx.company_settings().await?;
    require_revision(wanted.revision, before.revision, &before)?;
    let after = tx.update_company_settings(&wanted).await.map_err(refused)?;
    let committed = tx.commit().await?;
    api.take_effect(tenant, committed).await?;
    tracing::info!(tenant.id = %tenant, user.id = %caller.user.id, "The company's settings were changed.");
    Ok(Json(after))
}

fn refused(error: StoreError) -> ApiError {
    if let StoreError::Unknown { field: "caller_id" } = error {
        let words = "is neither a number of the company nor approved";
        FieldsRefused(vec![FieldError::new("caller_id", "not_approved", words)]).into()
    } else {
        error.into()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Company, TestApi, Told};

    #[tokio::test]
    async fn settings_are_changed_on_top_of_what_one_has_seen() {
        let (api, acme) = TestApi::with_company().await;
        let first = api.get(&acme.admin, "/v1/settings").await.expect(200);
        assert_eq!(
            (&first["time_zone"], &first["revision"]),
            (&json!("Europe/London"), &json!(0))
        );
        let wanted = json!({
            "revision": 0, "time_zone": "Europe/Dublin", "area_code": "0115", "caller_id": acme.number.number,
        });
        let now = api.put(&acme.admin, "/v1/settings", wanted.clone()).await.expect(200);
        assert_eq!((&now["revision"], &now["area_code"]), (&json!(1), &json!("0115")));
        assert!(matches!(api.switch.told()[..], [Told::ConfigurationChanged(tenant, _)] if tenant == acme.tenant.id));
        let problem = api
            .put(&acme.owner, "/v1/settings", wanted)
            .await
            .expect_refusal(409, "changed_meanwhile");
        assert_eq!(problem["current"], now);
        api.get(&acme.receptionist, "/v1/settings")
            .await
            .expect_refusal(403, "not_allowed");
    }

    #[tokio::test]
    async fn what_cannot_be_is_refused_by_name() {
        let mut api = TestApi::new().await;
        let acme = Company::new(&mut api, "acme").await;
        let rival = Company::new(&mut api, "rival").await;
        for (field, value) in [
            ("time_zone", json!("Europe/Nottingham")),
            ("caller_id", json!(rival.number.number)),
            ("area_code", json!("0800")),
            ("suspended", json!(false)),
        ] {
            let mut body = json!({"revision": 0, "time_zone": "Europe/London"});
            body[field] = value;
            let problem = api
                .put(&acme.owner, "/v1/settings", body)
                .await
                .expect_refusal(422, "invalid_fields");
            assert_eq!(problem["errors"][0]["field"], field);
        }
    }
}
