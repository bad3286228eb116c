//! Blocks a caller, a beginning of numbers, or who withholds the number (S205–S208).

use axum::{Json, extract::State, http::StatusCode};
use wigwag_model::{BlockedCaller, BlockedMatch};

use crate::{ApiState, access::Function, caller::Caller, error::ApiError, extract::JsonBody};

/// Block callers
///
/// Admins and owners only.
#[utoipa::path(
    post,
    path = "/v1/blocked_callers",
    tag = "blocked callers",
    security(("bearer" = [])),
    request_body = BlockedMatch,
    responses(
        (status = 201, description = "The entry", body = BlockedCaller),
        (status = 403, description = "The access level does not allow it"),
        (status = 409, description = "The list says so already, or is as long as it may be"),
    )
)]
pub(crate) async fn create_blocked_caller(
    State(api): State<ApiState>,
    caller: Caller,
    JsonBody(matches): JsonBody<BlockedMatch>,
) -> Result<(StatusCode, Json<BlockedCaller>), ApiError> {
    caller.require(Function::SetUpCallHandling)?;
    let tenant = caller.tenant();
    let mut tx = api.change(&caller).await?;
    let blocked = tx.create_blocked_caller(&matches, &mut api.entropy()).await?;
    let committed = tx.commit().await?;
    api.take_effect(tenant, committed).await?;
    tracing::info!(tenant.id = %tenant, user.id = %caller.user.id, blocked_caller.id = %blocked.id, "Callers were blocked.");
    Ok((StatusCode::CREATED, Json(blocked)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::TestApi;

    #[tokio::test]
    async fn callers_are_blocked_by_number_beginning_and_silence() {
        let (api, acme) = TestApi::with_company().await;
        for (asked, kept) in [
            (
                json!({"kind": "exact", "number": "01632 960123"}),
                json!({"kind": "exact", "number": "+441632960123"}),
            ),
            (
                json!({"kind": "prefix", "number": "0870"}),
                json!({"kind": "prefix", "number": "+44870"}),
            ),
            (json!({"kind": "withheld"}), json!({"kind": "withheld"})),
            (json!({"kind": "unavailable"}), json!({"kind": "unavailable"})),
        ] {
            let made = api
                .post(&acme.admin, "/v1/blocked_callers", asked.clone())
                .await
                .expect(201);
            assert_eq!(made["matches"], kept);
            api.post(&acme.admin, "/v1/blocked_callers", asked)
                .await
                .expect_refusal(409, "taken");
        }
        let wrong = json!({"kind": "prefix", "number": "7"});
        api.post(&acme.admin, "/v1/blocked_callers", wrong)
            .await
            .expect_refusal(422, "invalid_fields");
        let listed = api.get(&acme.admin, "/v1/blocked_callers").await.expect(200);
        assert_eq!(listed["items"].as_array().map(Vec::len), Some(4));
        api.get(&acme.receptionist, "/v1/blocked_callers")
            .await
            .expect_refusal(403, "not_allowed");
    }
}
