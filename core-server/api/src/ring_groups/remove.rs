//! Removes a ring group.

use axum::{extract::State, http::StatusCode};
use wigwag_model::{Destination, RingGroupId};

use crate::{
    ApiState,
    access::{Function, NotFound},
    caller::Caller,
    error::ApiError,
    extract::{Id, QueryFields},
    in_use::require_unused,
};

/// Remove a ring group
///
/// What sends calls there is told; with `force` it sends them nowhere from now on. Admins and owners only.
#[utoipa::path(
    delete,
    path = "/v1/ring_groups/{ring_group_id}",
    tag = "ring groups",
    security(("bearer" = [])),
    params(("ring_group_id" = RingGroupId, Path, description = "The ring group"), ("force" = Option<bool>, Query, description = "Remove it although something uses it")),
    responses(
        (status = 204, description = "Removed"),
        (status = 403, description = "The access level does not allow it"),
        (status = 404, description = "There is no such ring group"),
        (status = 409, description = "Something sends calls there: `used_by` says what"),
    )
)]
pub(crate) async fn remove_ring_group(
    State(api): State<ApiState>,
    caller: Caller,
    Id(id): Id<RingGroupId>,
    mut query: QueryFields,
) -> Result<StatusCode, ApiError> {
    caller.require(Function::SetUpCallHandling)?;
    let force = query.take("force").unwrap_or(false);
    query.finish()?;
    let tenant = caller.tenant();
    let mut tx = api.change(&caller).await?;
    if !force {
        require_unused(tx.uses_of_destination(Destination::RingGroup(id)).await?)?;
    }
    tx.remove_ring_group(id).await?.ok_or(NotFound)?;
    let committed = tx.commit().await?;
    api.take_effect(tenant, committed).await?;
    tracing::info!(tenant.id = %tenant, user.id = %caller.user.id, ring_group.id = %id, "A ring group was removed.");
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::TestApi;

    #[tokio::test]
    async fn what_sends_calls_there_is_told_and_with_force_sends_them_nowhere() {
        let (api, acme) = TestApi::with_company().await;
        let settings = json!({
            "number": "200", "name": "Sales", "strategy": {"kind": "ring_all", "timeout_s": 20},
            "members": [acme.reception.id.to_string()],
        });
        let made = api.post(&acme.admin, "/v1/ring_groups", settings).await.expect(201);
        let id = made["id"].as_str().expect("an id");
        let rules = format!("/v1/extensions/{}/forwarding_rules", acme.workshop.id);
        let target = json!({"destination": {"kind": "ring_group", "id": id}});
        let rule = json!({"status": "busy", "action": {"kind": "forward", "to": target}});
        let rule = api.post(&acme.owner, &rules, rule).await.expect(201);
        let path = format!("/v1/ring_groups/{id}");
        let problem = api.delete(&acme.owner, &path).await.expect_refusal(409, "in_use");
        let used_by = json!([{"kind": "forwarding_rule", "id": rule["id"], "name": "Workshop"}]);
        assert_eq!(problem["used_by"], used_by);
        let reception = format!("/v1/extensions/{}", acme.reception.id);
        let problem = api.delete(&acme.owner, &reception).await.expect_refusal(409, "in_use");
        assert_eq!(problem["used_by"][0]["kind"], "ring_group_member");
        api.delete(&acme.owner, &format!("{path}?force=true")).await.expect(204);
        assert_eq!(api.get(&acme.owner, &rules).await.expect(200)["items"], json!([]));
        api.delete(&acme.owner, &reception).await.expect(204);
    }
}
