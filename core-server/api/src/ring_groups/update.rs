//! Changes a ring group.

use axum::{Json, extract::State};
use wigwag_model::{RingGroup, RingGroupId, RingGroupSettings, api::Change};

use crate::{
    ApiState,
    access::{Function, NotFound},
    caller::Caller,
    changed::require_revision,
    destinations::number_refused,
    error::ApiError,
    extract::{Id, JsonChange, require_no_problems},
};

/// Change a ring group
///
/// Calls that begin after this is answered follow the change. Admins and owners only.
#[utoipa::path(
    put,
    path = "/v1/ring_groups/{ring_group_id}",
    tag = "ring groups",
    security(("bearer" = [])),
    params(("ring_group_id" = RingGroupId, Path, description = "The ring group")),
    request_body = Change<RingGroupSettings>,
    responses(
        (status = 200, description = "The ring group as it is now", body = RingGroup),
        (status = 403, description = "The access level does not allow it"),
        (status = 404, description = "There is no such ring group"),
        (status = 409, description = "Something else has its number, or somebody else has changed it meanwhile"),
    )
)]
pub(crate) async fn update_ring_group(
    State(api): State<ApiState>,
    caller: Caller,
    Id(id): Id<RingGroupId>,
    JsonChange(change): JsonChange<RingGroupSettings>,
) -> Result<Json<RingGroup>, ApiError> {
    caller.require(Function::SetUpCallHandling)?;
    let tenant = caller.tenant();
    let mut tx = api.change(&caller).await?;
    let before = tx.ring_group(id).await?.ok_or(NotFound)?;
    require_revision(change.revision, before.revision, &before)?;
    require_no_problems(change.settings.problems())?;
    let after = match tx.update_ring_group(id, &change.settings).await {
        Ok(after) => after.ok_or(NotFound)?,
        Err(error) => return Err(number_refused(error, &mut tx).await),
    };
    let committed = tx.commit().await?;
    api.take_effect(tenant, committed).await?;
    tracing::info!(tenant.id = %tenant, user.id = %caller.user.id, ring_group.id = %id, "A ring group was changed.");
    Ok(Json(after))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::TestApi;

    #[tokio::test]
    async fn a_group_is_made_changed_in_order_and_never_overwritten() {
        let (api, acme) = TestApi::with_company().await;
        let members = [acme.workshop.id.to_string(), acme.reception.id.to_string()];
        let mut settings = json!({
            "number": "200",
            "name": "Sales",
            "strategy": {"kind": "cascade", "delay_s": 10, "keep_ringing": false},
            "members": members,
            "failover": {"kind": "extension", "id": members[0]},
        });
        let made = api
            .post(&acme.admin, "/v1/ring_groups", settings.clone())
            .await
            .expect(201);
        assert_eq!(
            (&made["members"], &made["failover"]),
            (&settings["members"], &settings["failover"])
        );
        let path = format!("/v1/ring_groups/{}", made["id"].as_str().expect("an id"));
        settings["revision"] = json!(0);
        settings["name"] = json!("Support");
        let changed = api.put(&acme.owner, &path, settings.clone()).await.expect(200);
        assert_eq!((&changed["name"], &changed["revision"]), (&json!("Support"), &json!(1)));
        let stale = api.put(&acme.admin, &path, settings.clone()).await;
        assert_eq!(stale.expect_refusal(409, "changed_meanwhile")["current"], changed);
        assert_eq!(api.get(&acme.owner, &path).await.expect(200), changed);
        let listed = api.get(&acme.owner, "/v1/ring_groups").await.expect(200);
        assert_eq!(listed["items"], json!([changed]));
        settings["revision"] = json!(1);
        settings["number"] = json!("101");
        let taken = api
            .put(&acme.owner, &path, settings)
            .await
            .expect_refusal(409, "number_taken");
        assert_eq!(taken["errors"][0]["message"], "is the one of the extension Reception");
    }

    #[tokio::test]
    async fn wrong_fields_are_named() {
        let (api, acme) = TestApi::with_company().await;
        let settings = |field: &str, value| {
            let mut settings = json!({
                "number": "200", "name": "Sales", "strategy": {"kind": "ring_all", "timeout_s": 20}, "members": [],
            });
            settings[field] = value;
            settings
        };
        for (field, value) in [
            ("number", json!("2000")),
            ("number", json!("999")),
            ("name", json!(" ")),
            ("strategy", json!({"kind": "ring_all", "timeout_s": 4})),
            (
                "members",
                json!([acme.reception.id.to_string(), acme.reception.id.to_string()]),
            ),
            ("members", json!(["01939e3a-0000-7000-8000-000000000000"])),
            (
                "failover",
                json!({"kind": "queue", "id": "01939e3a-0000-7000-8000-000000000000"}),
            ),
            ("tenant_id", json!("x")),
        ] {
            let problem = api.post(&acme.owner, "/v1/ring_groups", settings(field, value)).await;
            assert_eq!(
                problem.expect_refusal(422, "invalid_fields")["errors"][0]["field"],
                field
            );
        }
    }
}
