//! Changes a contact.

use axum::{Json, extract::State};
use wigwag_model::{Contact, ContactId, ContactSettings, api::Change};

use crate::{
    ApiState,
    access::{Function, NotFound},
    caller::Caller,
    changed::require_revision,
    error::ApiError,
    extract::{Id, JsonChange, require_no_problems},
};

/// Change a contact
///
/// Calls that begin after this is answered follow the change. Admins and owners only.
#[utoipa::path(
    put,
    path = "/v1/contacts/{contact_id}",
    tag = "contacts",
    security(("bearer" = [])),
    params(("contact_id" = ContactId, Path, description = "The contact")),
    request_body = Change<ContactSettings>,
    responses(
        (status = 200, description = "The contact as it is now", body = Contact),
        (status = 403, description = "The access level does not allow it"),
        (status = 404, description = "There is no such contact"),
        (status = 409, description = "Another has its speed dial, or somebody else has changed it meanwhile"),
    )
)]
pub(crate) async fn update_contact(
    State(api): State<ApiState>,
    caller: Caller,
    Id(id): Id<ContactId>,
    JsonChange(change): JsonChange<ContactSettings>,
) -> Result<Json<Contact>, ApiError> {
    caller.require(Function::SetUpCallHandling)?;
    let tenant = caller.tenant();
    let mut tx = api.change(&caller).await?;
    let before = tx.contact(id).await?.ok_or(NotFound)?;
    require_revision(change.revision, before.revision, &before)?;
    require_no_problems(change.settings.problems())?;
    let after = tx.update_contact(id, &change.settings).await?.ok_or(NotFound)?;
    let committed = tx.commit().await?;
    api.take_effect(tenant, committed).await?;
    tracing::info!(tenant.id = %tenant, user.id = %caller.user.id, contact.id = %id, "A contact was changed.");
    Ok(Json(after))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::TestApi;

    #[tokio::test]
    async fn contacts_are_seen_by_all_and_kept_by_admins() {
        let (api, acme) = TestApi::with_company().await;
        let plumber = json!({"name": "Plumber", "number": "01632 960123", "speed_dial": 7});
        api.post(&acme.receptionist, "/v1/contacts", plumber.clone())
            .await
            .expect_refusal(403, "not_allowed");
        let made = api.post(&acme.admin, "/v1/contacts", plumber.clone()).await.expect(201);
        assert_eq!(made["number"], "+441632960123");
        let taken = api
            .post(&acme.admin, "/v1/contacts", plumber)
            .await
            .expect_refusal(409, "taken");
        assert_eq!(taken["errors"][0]["field"], "speed_dial");
        let path = format!("/v1/contacts/{}", made["id"].as_str().expect("an id"));
        let change = json!({"revision": 0, "name": "Plumber", "number": "+1 202 555 0123"});
        let changed = api.put(&acme.admin, &path, change.clone()).await.expect(200);
        assert!(changed["speed_dial"].is_null());
        api.put(&acme.admin, &path, change)
            .await
            .expect_refusal(409, "changed_meanwhile");
        assert_eq!(
            api.get(&acme.newcomer, "/v1/contacts").await.expect(200)["items"],
            json!([changed])
        );
        api.delete(&acme.admin, &path).await.expect(204);
        api.get(&acme.newcomer, &path).await.expect_refusal(404, "not_found");
    }
}
