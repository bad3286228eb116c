//! Removes a gateway.

use axum::{extract::State, http::StatusCode};
use wigwag_model::GatewayId;

use super::take_effect;
use crate::{ApiState, access::NotFound, error::ApiError, extract::Id, platform::Operator};

/// Remove a gateway
///
/// Running calls over it go on; new ones do not use it.
#[utoipa::path(
    delete,
    path = "/v1/platform/gateways/{gateway_id}",
    tag = "platform",
    security(("bearer" = [])),
    params(("gateway_id" = GatewayId, Path, description = "The gateway")),
    responses(
        (status = 204, description = "Removed"),
        (status = 404, description = "There is no such gateway"),
    )
)]
pub(crate) async fn remove_gateway(
    State(api): State<ApiState>,
    operator: Operator,
    Id(id): Id<GatewayId>,
) -> Result<StatusCode, ApiError> {
    let mut tx = operator.change_platform(&api).await?;
    tx.remove_gateway(id).await?.ok_or(NotFound)?;
    tx.commit().await?;
    take_effect(&api).await?;
    tracing::info!(user.id = %operator.0.id, gateway.id = %id, "A gateway was removed.");
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use crate::testing::TestApi;

    #[tokio::test]
    async fn what_is_removed_is_gone() {
        let (mut api, acme) = TestApi::with_company().await;
        let operator = acme.make_operator(&mut api).await;
        let path = format!("/v1/platform/gateways/{}", api.gateway().await);
        api.delete(operator, &path).await.expect(204);
        api.get(operator, &path).await.expect_refusal(404, "not_found");
        api.delete(operator, &path).await.expect_refusal(404, "not_found");
    }
}
