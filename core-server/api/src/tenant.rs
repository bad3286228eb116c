//! The limits of the company and how much of them is in use (S093, A61).

use axum::{Json, extract::State};
use utoipa_axum::{router::OpenApiRouter, routes};
use wigwag_model::api::{LimitUse, TenantUsage};
use wigwag_store::StoreError;

use crate::{ApiState, caller::Caller, error::ApiError};

pub(crate) fn endpoint() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(read_tenant_usage))
}

/// The limits of the company and how much of them is in use
#[utoipa::path(
    get,
    path = "/v1/tenant/usage",
    tag = "tenant",
    security(("bearer" = [])),
    responses((status = 200, description = "Each limit and its use", body = TenantUsage))
)]
async fn read_tenant_usage(State(api): State<ApiState>, caller: Caller) -> Result<Json<TenantUsage>, ApiError> {
    let mut tx = api.store().read(caller.tenant()).await?;
    let tenant = tx.tenant().await?.ok_or(StoreError::NoTenant)?;
    drop(tx);
    let calls = api.switch().live_calls(caller.tenant()).await?;
    Ok(Json(TenantUsage {
        concurrent_calls: LimitUse {
            limit: tenant.concurrent_calls,
            in_use: u32::try_from(calls.len()).unwrap_or(u32::MAX),
        },
    }))
}

#[cfg(test)]
mod tests {
    use wigwag_model::limits;

    use crate::testing::TestApi;

    #[tokio::test]
    async fn everybody_sees_the_limit_of_calls_and_its_use() {
        let (mut api, acme) = TestApi::with_company().await;
        acme.start_call(&mut api);
        let usage = api.get(&acme.newcomer, "/v1/tenant/usage").await.expect(200);
        assert_eq!(usage["concurrent_calls"]["limit"], limits::CONCURRENT_CALLS);
        assert_eq!(usage["concurrent_calls"]["in_use"], 1);
    }

    #[tokio::test]
    async fn without_the_switch_the_use_is_not_made_up() {
        let (api, acme) = TestApi::with_company().await;
        api.switch.go_away();
        api.get(&acme.owner, "/v1/tenant/usage")
            .await
            .expect_refusal(503, "unavailable");
    }
}
