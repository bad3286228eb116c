//! Changes an interval.

use axum::{Json, extract::State};
use wigwag_model::{Interval, IntervalId, IntervalSettings, api::Change};

use crate::{
    ApiState,
    access::{Function, NotFound},
    caller::Caller,
    changed::require_revision,
    error::ApiError,
    extract::{Id, JsonChange, require_no_problems},
};

/// Change an interval
///
/// Calls that begin after this is answered follow the change. Admins and owners only.
#[utoipa::path(
    put,
    path = "/v1/intervals/{interval_id}",
    tag = "intervals",
    security(("bearer" = [])),
    params(("interval_id" = IntervalId, Path, description = "The interval")),
    request_body = Change<IntervalSettings>,
    responses(
        (status = 200, description = "The interval as it is now", body = Interval),
        (status = 403, description = "The access level does not allow it"),
        (status = 404, description = "There is no such interval"),
        (status = 409, description = "Another has its name, or somebody else has changed it meanwhile"),
    )
)]
pub(crate) async fn update_interval(
    State(api): State<ApiState>,
    caller: Caller,
    Id(id): Id<IntervalId>,
    JsonChange(change): JsonChange<IntervalSettings>,
) -> Result<Json<Interval>, ApiError> {
    caller.require(Function::SetUpCallHandling)?;
    let tenant = caller.tenant();
    let mut tx = api.change(&caller).await?;
    let before = tx.interval(id).await?.ok_or(NotFound)?;
    require_revision(change.revision, before.revision, &before)?;
    require_no_problems(change.settings.problems())?;
    let after = tx.update_interval(id, &change.settings).await?.ok_or(NotFound)?;
    let committed = tx.commit().await?;
    api.take_effect(tenant, committed).await?;
    tracing::info!(tenant.id = %tenant, user.id = %caller.user.id, interval.id = %id, "An interval was changed.");
    Ok(Json(after))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::TestApi;

    #[tokio::test]
    async fn hours_are_kept_as_they_were_said_and_names_are_unique() {
        let (api, acme) = TestApi::with_company().await;
        let hours = json!({"kind": "weekly", "ranges": [{"days": ["monday"], "from": "18:00", "to": "08:00"}]});
        let made = json!({"name": "Night", "when": hours});
        let made = api.post(&acme.admin, "/v1/intervals", made).await.expect(201);
        assert_eq!(made["when"], hours);
        let path = format!("/v1/intervals/{}", made["id"].as_str().expect("an id"));
        let days = json!({"kind": "dated", "ranges": [{"from": "2026-12-24", "to": "2026-12-27"}]});
        let change = json!({"revision": 0, "name": "Break", "description": "We are away", "when": days});
        let changed = api.put(&acme.admin, &path, change.clone()).await.expect(200);
        assert_eq!((&changed["when"], &changed["revision"]), (&days, &json!(1)));
        api.put(&acme.admin, &path, change)
            .await
            .expect_refusal(409, "changed_meanwhile");
        let again = json!({"name": "Break", "when": days});
        let taken = api
            .post(&acme.admin, "/v1/intervals", again)
            .await
            .expect_refusal(409, "taken");
        assert_eq!(taken["errors"][0]["field"], "name");
        let never = json!({"name": "Never", "when": {"kind": "yearly", "ranges": []}});
        let never = api
            .post(&acme.admin, "/v1/intervals", never)
            .await
            .expect_refusal(422, "invalid_fields");
        assert_eq!(never["errors"][0]["field"], "when");
        api.get(&acme.newcomer, "/v1/intervals").await.expect(200);
    }
}
