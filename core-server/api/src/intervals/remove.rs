//! Removes an interval.

use axum::{extract::State, http::StatusCode};
use wigwag_model::IntervalId;

use crate::{
    ApiState,
    access::{Function, NotFound},
    caller::Caller,
    error::ApiError,
    extract::{Id, QueryFields},
    in_use::require_unused,
};

/// Remove an interval
///
/// Rules that hold during it are told; `replace_by` names an interval that takes its place in them (A35). Admins and owners only.
#[utoipa::path(
    delete,
    path = "/v1/intervals/{interval_id}",
    tag = "intervals",
    security(("bearer" = [])),
    params(("interval_id" = IntervalId, Path, description = "The interval"), ("replace_by" = Option<IntervalId>, Query, description = "The interval that rules hold during from now on")),
    responses(
        (status = 204, description = "Removed"),
        (status = 403, description = "The access level does not allow it"),
        (status = 404, description = "There is no such interval"),
        (status = 409, description = "Rules hold during it: `used_by` says which"),
    )
)]
pub(crate) async fn remove_interval(
    State(api): State<ApiState>,
    caller: Caller,
    Id(id): Id<IntervalId>,
    mut query: QueryFields,
) -> Result<StatusCode, ApiError> {
    caller.require(Function::SetUpCallHandling)?;
    let replace_by: Option<IntervalId> = query.take("replace_by");
    query.finish()?;
    let tenant = caller.tenant();
    let mut tx = api.change(&caller).await?;
    if let Some(other) = replace_by.filter(|other| *other != id) {
        tx.replace_interval(id, other).await?;
    }
    require_unused(tx.uses_of_interval(id).await?)?;
    tx.remove_interval(id).await?.ok_or(NotFound)?;
    let committed = tx.commit().await?;
    api.take_effect(tenant, committed).await?;
    tracing::info!(tenant.id = %tenant, user.id = %caller.user.id, interval.id = %id, "An interval was removed.");
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::TestApi;

    #[tokio::test]
    async fn an_interval_in_use_goes_only_when_another_takes_its_place() {
        let (api, acme) = TestApi::with_company().await;
        let mut ids = Vec::new();
        for name in ["Old", "New"] {
            let settings = json!({"name": name, "when": {"kind": "bank_holidays", "ranges": "scotland"}});
            let made = api.post(&acme.admin, "/v1/intervals", settings).await.expect(201);
            ids.push(made["id"].as_str().expect("an id").to_owned());
        }
        let rules = format!("/v1/extensions/{}/forwarding_rules", acme.workshop.id);
        let rule = json!({"status": "any", "interval_id": ids[0], "action": {"kind": "voicemail"}});
        api.post(&acme.owner, &rules, rule).await.expect(201);
        let path = format!("/v1/intervals/{}", ids[0]);
        let problem = api.delete(&acme.owner, &path).await.expect_refusal(409, "in_use");
        assert_eq!(problem["used_by"][0]["name"], "Workshop");
        let nothing = format!("{path}?replace_by=01939e3a-0000-7000-8000-000000000000");
        api.delete(&acme.owner, &nothing)
            .await
            .expect_refusal(422, "invalid_fields");
        let myself = format!("{path}?replace_by={}", ids[0]);
        api.delete(&acme.owner, &myself).await.expect_refusal(409, "in_use");
        api.delete(&acme.owner, &format!("{path}?replace_by={}", ids[1]))
            .await
            .expect(204);
        assert_eq!(
            api.get(&acme.owner, &rules).await.expect(200)["items"][0]["interval_id"],
            json!(ids[1])
        );
    }
}
