//! Lets a company show a number of somebody else.

use axum::{Json, extract::State, http::StatusCode};
use wigwag_model::{TenantId, api::ApprovedCallerId};

use crate::{
    ApiState,
    error::ApiError,
    extract::{Id, JsonBody},
    platform::Operator,
};

/// Let a company show a number of somebody else
///
/// One that it may show already stays so.
#[utoipa::path(
    post,
    path = "/v1/platform/tenants/{tenant_id}/caller_ids",
    tag = "platform",
    security(("bearer" = [])),
    params(("tenant_id" = TenantId, Path, description = "The company")),
    request_body = ApprovedCallerId,
    responses(
        (status = 201, description = "The number", body = ApprovedCallerId),
        (status = 404, description = "There is no such company"),
    )
)]
pub(crate) async fn approve_caller_id(
    State(api): State<ApiState>,
    operator: Operator,
    Id(id): Id<TenantId>,
    JsonBody(approved): JsonBody<ApprovedCallerId>,
) -> Result<(StatusCode, Json<ApprovedCallerId>), ApiError> {
    let mut tx = operator.change_tenant(&api, id).await?;
    tx.approve_caller_id(&approved.number).await?;
    let committed = tx.commit().await?;
    api.take_effect(id, committed).await?;
    tracing::info!(tenant.id = %id, user.id = %operator.0.id, "A caller ID was approved.");
    Ok((StatusCode::CREATED, Json(approved)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::TestApi;

    #[tokio::test]
    async fn a_number_of_somebody_else_is_shown_after_an_operator_has_approved_it() {
        let (mut api, acme) = TestApi::with_company().await;
        let operator = acme.make_operator(&mut api).await;
        let path = format!("/v1/platform/tenants/{}/caller_ids", acme.tenant.id);
        let wanted = json!({"revision": 0, "time_zone": "Europe/London", "caller_id": "01632 960009"});
        api.put(&acme.owner, "/v1/settings", wanted.clone())
            .await
            .expect_refusal(422, "invalid_fields");
        let number = json!({"number": "+441632960009"});
        for _ in 0..2 {
            assert_eq!(
                api.post(operator, &path, json!({"number": "01632 960009"}))
                    .await
                    .expect(201),
                number
            );
        }
        assert_eq!(api.get(operator, &path).await.expect(200)["items"], json!([number]));
        api.put(&acme.owner, "/v1/settings", wanted).await.expect(200);
        api.delete_with(operator, &path, number.clone()).await.expect(204);
        api.delete_with(operator, &path, number)
            .await
            .expect_refusal(404, "not_found");
        assert_eq!(api.get(operator, &path).await.expect(200)["items"], json!([]));
    }
}
