//! Changes what a company may have: its limit of calls, and whether it may call out (S093).

use axum::{Json, extract::State};
use wigwag_model::{
    TenantId, TenantTerms,
    api::{Change, FieldError, PlatformTenantView},
    limits,
};

use super::view;
use crate::{
    ApiState,
    changed::require_revision,
    error::ApiError,
    extract::{FieldsRefused, Id, JsonChange},
    platform::Operator,
};

/// Change what a company may have
///
/// A company that is suspended cannot call out, except for help. Calls that begin after this is answered follow.
#[utoipa::path(
    put,
    path = "/v1/platform/tenants/{tenant_id}",
    tag = "platform",
    security(("bearer" = [])),
    params(("tenant_id" = TenantId, Path, description = "The company")),
    request_body = Change<TenantTerms>,
    responses(
        (status = 200, description = "The company as it is now", body = PlatformTenantView),
        (status = 404, description = "There is no such company"),
        (status = 409, description = "Somebody else has changed it meanwhile"),
    )
)]
pub(crate) async fn update_tenant(
    State(api): State<ApiState>,
    operator: Operator,
    Id(id): Id<TenantId>,
    JsonChange(Change {
        revision,
        settings: terms,
    }): JsonChange<TenantTerms>,
) -> Result<Json<PlatformTenantView>, ApiError> {
    if !(1..=limits::CONCURRENT_CALLS_MOST).contains(&terms.concurrent_calls) {
        let words = format!("must be from 1 to {}", limits::CONCURRENT_CALLS_MOST);
        return Err(FieldsRefused(vec![FieldError::new("concurrent_calls", "out_of_range", words)]).into());
    }
    let mut tx = operator.change_tenant(&api, id).await?;
    let before = view(&mut tx).await?;
    require_revision(revision, before.revision, &before)?;
    tx.set_terms(terms).await?;
    let after = view(&mut tx).await?;
    let committed = tx.commit().await?;
    api.take_effect(id, committed).await?;
    tracing::info!(tenant.id = %id, user.id = %operator.0.id, "What a company may have was changed.");
    Ok(Json(after))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Company, TestApi, Told};

    #[tokio::test]
    async fn a_limit_and_a_suspension_reach_the_company_and_its_log() {
        let mut api = TestApi::new().await;
        let acme = Company::new(&mut api, "acme").await;
        let rival = Company::new(&mut api, "rival").await;
        let operator = rival.make_operator(&mut api).await;
        let path = format!("/v1/platform/tenants/{}", acme.tenant.id);
        let terms = json!({"revision": 0, "concurrent_calls": 7, "suspended": true});
        let now = api.put(operator, &path, terms.clone()).await.expect(200);
        assert_eq!((&now["concurrent_calls"], &now["suspended"]), (&json!(7), &json!(true)));
        assert!(matches!(api.switch.told()[..], [Told::ConfigurationChanged(tenant, _)] if tenant == acme.tenant.id));
        assert_eq!(api.get(operator, &path).await.expect(200), now);
        let usage = api.get(&acme.owner, "/v1/tenant/usage").await.expect(200);
        assert_eq!(usage["concurrent_calls"]["limit"], 7);
        assert_eq!(
            api.get(&acme.owner, "/v1/settings").await.expect(200)["suspended"],
            true
        );
        let log = api
            .get(&acme.owner, "/v1/audit_log?entity=tenant&limit=1")
            .await
            .expect(200);
        let actor = json!({"kind": "operator", "username": operator.user.username});
        assert_eq!(log["items"][0]["actor"], actor);
        api.put(operator, &path, terms)
            .await
            .expect_refusal(409, "changed_meanwhile");
        let none = json!({"revision": 1, "concurrent_calls": 0});
        api.put(operator, &path, none)
            .await
            .expect_refusal(422, "invalid_fields");
        let nobody = "/v1/platform/tenants/01939e3a-0000-7000-8000-000000000000";
        let terms = json!({"revision": 0, "concurrent_calls": 7});
        api.put(operator, nobody, terms).await.expect_refusal(404, "not_found");
        api.get(operator, nobody).await.expect_refusal(404, "not_found");
    }
}
