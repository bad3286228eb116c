//! Gives an extension another PIN (A27).

use axum::{Json, extract::State};
use wigwag_model::{
    ExtensionId, Pin,
    api::{PinChange, PinView},
};

use crate::{
    ApiState,
    access::NotFound,
    caller::Caller,
    changed::require_revision,
    error::ApiError,
    extract::{Id, JsonBody},
};

/// Change the PIN of an extension
///
/// To the one that is given, or to a random one. For its own user, admins and owners.
#[utoipa::path(
    put,
    path = "/v1/extensions/{extension_id}/pin",
    tag = "pins",
    security(("bearer" = [])),
    params(("extension_id" = ExtensionId, Path, description = "The extension")),
    request_body = PinChange,
    responses(
        (status = 200, description = "The new PIN", body = PinView),
        (status = 404, description = "There is no such extension"),
        (status = 409, description = "Somebody else has changed the extension meanwhile"),
    )
)]
pub(crate) async fn change_pin(
    State(api): State<ApiState>,
    caller: Caller,
    Id(id): Id<ExtensionId>,
    JsonBody(change): JsonBody<PinChange>,
) -> Result<Json<PinView>, ApiError> {
    caller.require_extension(id)?;
    let (tenant, mut entropy) = (caller.tenant(), api.entropy());
    let pin = change.pin.unwrap_or_else(|| Pin::random(&mut entropy));
    let mut tx = api.change(&caller).await?;
    let before = tx.extension(id).await?.ok_or(NotFound)?;
    require_revision(change.revision, before.revision, &PinView::new(before.revision, None))?;
    tx.set_pin(id, &pin, &mut entropy).await?;
    let committed = tx.commit().await?;
    api.take_effect(tenant, committed).await?;
    api.pin_guard().lock().succeeded(id);
    tracing::info!(tenant.id = %tenant, user.id = %caller.user.id, extension.id = %id, "A PIN was changed.");
    Ok(Json(PinView::new(before.revision.next(), Some(pin))))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::TestApi;

    #[tokio::test]
    async fn every_extension_has_a_random_pin_that_its_user_may_change() {
        let (api, acme) = TestApi::with_company().await;
        let path = format!("/v1/extensions/{}/pin", acme.reception.id);
        let first = api.get(&acme.receptionist, &path).await.expect(200);
        assert_eq!(first["pin"].as_str().map(str::len), Some(4));
        for (pin, words) in [("1234", "easy"), ("12345", "four digits"), ("12a4", "four digits")] {
            let problem = api
                .put(&acme.receptionist, &path, json!({"revision": 0, "pin": pin}))
                .await;
            let problem = problem.expect_refusal(422, "invalid_fields");
            assert_eq!(problem["errors"][0]["field"], "pin");
            assert!(
                problem["errors"][0]["message"]
                    .as_str()
                    .is_some_and(|text| text.contains(words)),
                "{problem}"
            );
        }
        let changed = api
            .put(&acme.receptionist, &path, json!({"revision": 0, "pin": "2580"}))
            .await
            .expect(200);
        assert_eq!(changed, json!({"revision": 1, "pin": "2580"}));
        api.put(&acme.admin, &path, json!({"revision": 0, "pin": "2581"}))
            .await
            .expect_refusal(409, "changed_meanwhile");
        let random = api.put(&acme.admin, &path, json!({"revision": 1})).await.expect(200);
        assert_eq!(api.get(&acme.admin, &path).await.expect(200), random);
    }
}
