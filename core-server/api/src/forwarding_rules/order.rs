//! Puts the forwarding rules of an extension into another order (A30).

use axum::{extract::State, http::StatusCode};
use wigwag_model::{ExtensionId, api::RuleOrder};

use crate::{
    ApiState,
    access::NotFound,
    caller::Caller,
    changed::ChangedMeanwhile,
    error::ApiError,
    extract::{Id, JsonBody},
};

/// Order the forwarding rules of an extension
///
/// The first that matches a call wins. All rules have to be named: others than those there are now mean that somebody else has changed them meanwhile.
#[utoipa::path(
    put,
    path = "/v1/extensions/{extension_id}/forwarding_rules/order",
    tag = "forwarding rules",
    security(("bearer" = [])),
    params(("extension_id" = ExtensionId, Path, description = "The extension")),
    request_body = RuleOrder,
    responses(
        (status = 204, description = "Calls follow the order"),
        (status = 404, description = "There is no such extension"),
        (status = 409, description = "The extension has other rules by now"),
    )
)]
pub(crate) async fn order_forwarding_rules(
    State(api): State<ApiState>,
    caller: Caller,
    Id(id): Id<ExtensionId>,
    JsonBody(order): JsonBody<RuleOrder>,
) -> Result<StatusCode, ApiError> {
    caller.require_extension(id)?;
    let tenant = caller.tenant();
    let mut tx = api.change(&caller).await?;
    tx.extension(id).await?.ok_or(NotFound)?;
    if !tx.order_forwarding_rules(id, &order.forwarding_rules).await? {
        let rules = tx.forwarding_rules(id).await?;
        let current = RuleOrder {
            forwarding_rules: rules.iter().map(|rule| rule.id).collect(),
        };
        return Err(ChangedMeanwhile::to(&current).into());
    }
    let committed = tx.commit().await?;
    api.take_effect(tenant, committed).await?;
    tracing::info!(tenant.id = %tenant, user.id = %caller.user.id, extension.id = %id, "Forwarding rules were put into order.");
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::TestApi;

    #[tokio::test]
    async fn rules_are_ordered_switched_off_and_removed_by_their_own_user() {
        let (api, acme) = TestApi::with_company().await;
        let rules = format!("/v1/extensions/{}/forwarding_rules", acme.reception.id);
        let mut ids: Vec<Value> = Vec::new();
        for status in ["busy", "unanswered"] {
            let rule = json!({"status": status, "action": {"kind": "voicemail"}});
            ids.push(api.post(&acme.receptionist, &rules, rule).await.expect(201)["id"].clone());
        }
        ids.reverse();
        let order = json!({"forwarding_rules": ids});
        api.put(&acme.receptionist, &format!("{rules}/order"), order)
            .await
            .expect(204);
        let listed = api.get(&acme.receptionist, &rules).await.expect(200);
        let listed: Vec<_> = listed["items"]
            .as_array()
            .expect("items")
            .iter()
            .map(|rule| &rule["id"])
            .collect();
        assert_eq!(listed, [&ids[0], &ids[1]]);
        let part = json!({"forwarding_rules": [ids[0]]});
        let problem = api.put(&acme.receptionist, &format!("{rules}/order"), part).await;
        let problem = problem.expect_refusal(409, "changed_meanwhile");
        assert_eq!(problem["current"], json!({"forwarding_rules": ids}));
        let path = format!("/v1/forwarding_rules/{}", ids[0].as_str().expect("an id"));
        let off = json!({"revision": 0, "status": "busy", "action": {"kind": "busy"}, "enabled": false});
        let changed = api.put(&acme.receptionist, &path, off.clone()).await.expect(200);
        assert_eq!((&changed["enabled"], &changed["revision"]), (&json!(false), &json!(1)));
        api.put(&acme.receptionist, &path, off)
            .await
            .expect_refusal(409, "changed_meanwhile");
        api.delete(&acme.receptionist, &path).await.expect(204);
        api.delete(&acme.receptionist, &path)
            .await
            .expect_refusal(404, "not_found");
    }
}
