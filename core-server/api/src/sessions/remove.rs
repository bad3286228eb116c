//! Signs out.

use axum::{extract::State, http::StatusCode};

use crate::{ApiState, caller::Caller, error::ApiError};

/// Sign out
///
/// The token is worth nothing from then on.
#[utoipa::path(
    delete,
    path = "/v1/sessions/current",
    tag = "sessions",
    security(("bearer" = [])),
    responses((status = 204, description = "Signed out"))
)]
pub(crate) async fn remove_session(State(api): State<ApiState>, caller: Caller) -> Result<StatusCode, ApiError> {
    api.store().revoke_session(&caller.token).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::testing::TestApi;

    #[tokio::test]
    async fn after_signing_out_the_token_is_worth_nothing_and_others_stay() {
        let (api, acme) = TestApi::with_company().await;
        api.delete(&acme.owner, "/v1/sessions/current").await.expect(204);
        api.get(&acme.owner, "/v1/me")
            .await
            .expect_refusal(401, "not_signed_in");
        api.get(&acme.admin, "/v1/me").await.expect(200);
    }

    #[tokio::test]
    async fn a_session_ends_after_12_idle_hours_or_30_days() {
        let (api, acme) = TestApi::with_company().await;
        for _ in 0..59 {
            api.advance(Duration::from_secs(12 * 3600 - 1));
            api.get(&acme.owner, "/v1/me").await.expect(200);
        }
        api.get(&acme.admin, "/v1/me")
            .await
            .expect_refusal(401, "not_signed_in");
        api.advance(Duration::from_secs(12 * 3600 - 1));
        api.get(&acme.owner, "/v1/me").await.expect(200);
        api.advance(Duration::from_secs(60));
        api.get(&acme.owner, "/v1/me")
            .await
            .expect_refusal(401, "not_signed_in");
    }
}
