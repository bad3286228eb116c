//! Changes a gateway.

use axum::{Json, extract::State};
use wigwag_model::{Gateway, GatewayId, GatewaySettings, api::Change};

use super::{checked, refused, take_effect};
use crate::{
    ApiState,
    access::NotFound,
    changed::require_revision,
    error::ApiError,
    extract::{Id, JsonChange},
    platform::Operator,
};

/// Change a gateway
///
/// All settings at once; only a password that is absent stays as it is. Calls that begin after this is answered follow
/// the change.
#[utoipa::path(
    put,
    path = "/v1/platform/gateways/{gateway_id}",
    tag = "platform",
    security(("bearer" = [])),
    params(("gateway_id" = GatewayId, Path, description = "The gateway")),
    request_body = Change<GatewaySettings>,
    responses(
        (status = 200, description = "The gateway as it is now", body = Gateway),
        (status = 404, description = "There is no such gateway"),
        (status = 409, description = "Another gateway has this name, or somebody has changed this one meanwhile"),
    )
)]
pub(crate) async fn update_gateway(
    State(api): State<ApiState>,
    operator: Operator,
    Id(id): Id<GatewayId>,
    JsonChange(Change { revision, settings }): JsonChange<GatewaySettings>,
) -> Result<Json<Gateway>, ApiError> {
    let mut tx = operator.change_platform(&api).await?;
    let before = tx.gateway(id).await?.ok_or(NotFound)?;
    let settings = settings.with_password_of(&before.settings);
    checked(&settings)?;
    require_revision(revision, before.revision, &before.without_password())?;
    let changed = tx.update_gateway(id, &settings, &mut api.entropy()).await;
    let after = changed.map_err(refused)?.ok_or(NotFound)?;
    tx.commit().await?;
    take_effect(&api).await?;
    tracing::info!(user.id = %operator.0.id, gateway.id = %id, "A gateway was changed.");
    Ok(Json(after.without_password()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::TestApi;

    #[tokio::test]
    async fn a_change_on_top_of_somebody_elses_is_told() {
        let (mut api, acme) = TestApi::with_company().await;
        let operator = acme.make_operator(&mut api).await;
        let path = format!("/v1/platform/gateways/{}", api.gateway().await);
        let body = json!({"revision": 0, "name": "Carrier", "host": "b.example"});
        let now = api.put(operator, &path, body.clone()).await.expect(200);
        let problem = api
            .put(operator, &path, body)
            .await
            .expect_refusal(409, "changed_meanwhile");
        assert_eq!(problem["current"], now);
    }
}
