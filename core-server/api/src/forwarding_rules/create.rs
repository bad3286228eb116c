//! Adds a forwarding rule to an extension (S102–S114).

use axum::{Json, extract::State, http::StatusCode};
use wigwag_model::{ExtensionId, ForwardingRuleSettings, api::ForwardingRuleView};

use crate::{
    ApiState,
    access::NotFound,
    caller::Caller,
    error::ApiError,
    extract::{Id, JsonBody},
    forwarding_rules::warnings,
};

/// Add a forwarding rule
///
/// Behind the others of the extension. What is odd about it, such as a circle of rules, is told as a warning.
#[utoipa::path(
    post,
    path = "/v1/extensions/{extension_id}/forwarding_rules",
    tag = "forwarding rules",
    security(("bearer" = [])),
    params(("extension_id" = ExtensionId, Path, description = "The extension")),
    request_body = ForwardingRuleSettings,
    responses(
        (status = 201, description = "The rule", body = ForwardingRuleView),
        (status = 404, description = "There is no such extension"),
        (status = 409, description = "Another rule of the extension has its key, or there are too many"),
    )
)]
pub(crate) async fn create_forwarding_rule(
    State(api): State<ApiState>,
    caller: Caller,
    Id(id): Id<ExtensionId>,
    JsonBody(settings): JsonBody<ForwardingRuleSettings>,
) -> Result<(StatusCode, Json<ForwardingRuleView>), ApiError> {
    caller.require_extension(id)?;
    let tenant = caller.tenant();
    let mut tx = api.change(&caller).await?;
    let created = tx.create_forwarding_rule(id, &settings, &mut api.entropy()).await?;
    let rule = created.ok_or(NotFound)?;
    let warnings = warnings(id, &mut tx).await?;
    let committed = tx.commit().await?;
    api.take_effect(tenant, committed).await?;
    tracing::info!(tenant.id = %tenant, user.id = %caller.user.id, rule.id = %rule.id, "A forwarding rule was added.");
    Ok((StatusCode::CREATED, Json(ForwardingRuleView::new(id, rule, warnings))))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::TestApi;

    #[tokio::test]
    async fn a_user_forwards_the_own_extension_and_a_circle_is_stored_with_a_warning() {
        let (api, acme) = TestApi::with_company().await;
        let path = |extension| format!("/v1/extensions/{extension}/forwarding_rules");
        let forward = |to: &wigwag_model::ExtensionId| {
            let target = json!({"destination": {"kind": "extension", "id": to.to_string()}});
            json!({"status": "any", "action": {"kind": "forward", "to": target}, "key": "07"})
        };
        let rule = forward(&acme.workshop.id);
        let made = api
            .post(&acme.receptionist, &path(acme.reception.id), rule.clone())
            .await
            .expect(201);
        assert_eq!(
            (&made["warnings"], &made["key"], &made["enabled"]),
            (&json!([]), &json!("07"), &json!(true))
        );
        let taken = api.post(&acme.receptionist, &path(acme.reception.id), rule).await;
        assert_eq!(taken.expect_refusal(409, "taken")["errors"][0]["field"], "key");
        let back = api
            .post(&acme.owner, &path(acme.workshop.id), forward(&acme.reception.id))
            .await
            .expect(201);
        let warning = json!([{
            "code": "forwarding_circle",
            "message": "Calls can be sent in a circle: 102, 101, 102.",
        }]);
        assert_eq!(back["warnings"], warning);
        let nowhere = json!({"status": "any", "action": {"kind": "forward", "to": {"number": "12"}}});
        api.post(&acme.owner, &path(acme.workshop.id), nowhere)
            .await
            .expect_refusal(422, "invalid_fields");
    }
}
