//! Lets a person's calls ring at somebody else's phone (A12).

use axum::{Json, extract::State, http::StatusCode};
use wigwag_model::api::{HotDeskRequest, HotDeskView};
use wigwag_sansio::Utc;

use crate::{ApiState, caller::Caller, error::ApiError, extract::JsonBody, pins::require_pin};

/// Begin a hot desk
///
/// Whoever is not admin, and begins it for another extension than the own, has to know the PIN of that extension. Five wrong PINs, and it waits for a quarter of an hour.
#[utoipa::path(
    post,
    path = "/v1/hot_desks",
    tag = "hot desks",
    security(("bearer" = [])),
    request_body = HotDeskRequest,
    responses(
        (status = 201, description = "The hot desk", body = HotDeskView),
        (status = 403, description = "The PIN is missing or wrong"),
        (status = 409, description = "An extension is no guest of its own"),
        (status = 429, description = "Too many wrong PINs"),
    )
)]
pub(crate) async fn begin_hot_desk(
    State(api): State<ApiState>,
    caller: Caller,
    JsonBody(request): JsonBody<HotDeskRequest>,
) -> Result<(StatusCode, Json<HotDeskView>), ApiError> {
    let tenant = caller.tenant();
    let mut tx = api.change(&caller).await?;
    if !caller.reach().includes(request.guest_id) {
        let pin = tx.pin(request.guest_id).await?;
        require_pin(&api, request.guest_id, pin.as_ref(), request.pin.as_ref())?;
    }
    let until = request.until.map(Utc::from);
    let desk = tx.begin_hot_desk(request.guest_id, request.host_id, until).await?;
    let committed = tx.commit().await?;
    api.take_effect(tenant, committed).await?;
    tracing::info!(tenant.id = %tenant, user.id = %caller.user.id, extension.id = %desk.guest, "A hot desk began.");
    Ok((StatusCode::CREATED, Json(desk.into())))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::TestApi;

    #[tokio::test]
    async fn the_pin_of_a_colleague_opens_a_hot_desk_and_guessing_it_has_an_end() {
        let (api, acme) = TestApi::with_company().await;
        let pin = format!("/v1/extensions/{}/pin", acme.workshop.id);
        let right = json!({"revision": 0, "pin": "2580"});
        assert_eq!(api.put(&acme.admin, &pin, right).await.expect(200)["pin"], "2580");
        let (guest, host) = (acme.workshop.id.to_string(), acme.reception.id.to_string());
        let begin = |pin: Option<&str>| json!({"guest_id": guest, "host_id": host, "pin": pin});
        api.post(&acme.receptionist, "/v1/hot_desks", begin(None))
            .await
            .expect_refusal(403, "wrong_pin");
        let until = json!({
            "guest_id": guest, "host_id": host, "pin": "2580", "until": "2026-01-01T18:00:00.000Z",
        });
        let desk = api.post(&acme.receptionist, "/v1/hot_desks", until).await.expect(201);
        assert_eq!(
            (&desk["guest_id"], &desk["until"]),
            (&json!(guest), &json!("2026-01-01T18:00:00.000Z"))
        );
        let listed = api.get(&acme.receptionist, "/v1/hot_desks").await.expect(200);
        assert_eq!(listed["items"], json!([desk]));
        assert_eq!(
            api.get(&acme.newcomer, "/v1/hot_desks").await.expect(200)["items"],
            json!([])
        );
        for _ in 0..5 {
            let wrong = api.post(&acme.receptionist, "/v1/hot_desks", begin(Some("2581"))).await;
            wrong.expect_refusal(403, "wrong_pin");
        }
        let right = api.post(&acme.receptionist, "/v1/hot_desks", begin(Some("2580"))).await;
        right.expect_refusal(429, "too_many_wrong_pins");
        assert_eq!(right.headers["retry-after"], "900");
        api.post(&acme.admin, "/v1/hot_desks", begin(None)).await.expect(201);
        api.delete(&acme.receptionist, &format!("/v1/hot_desks/{guest}"))
            .await
            .expect(204);
        api.delete(&acme.receptionist, &format!("/v1/hot_desks/{guest}"))
            .await
            .expect_refusal(404, "not_found");
        let own = json!({"guest_id": host, "host_id": host});
        let own = api
            .post(&acme.receptionist, "/v1/hot_desks", own)
            .await
            .expect_refusal(409, "taken");
        assert_eq!(own["errors"][0]["field"], "host_id");
    }
}
