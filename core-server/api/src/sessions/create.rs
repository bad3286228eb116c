//! Signs in (S002, S099, A57): the same answer, and as late, for a wrong password and for a user who does not exist.

use axum::{Json, extract::State, http::StatusCode};
use thiserror::Error;
use wigwag_model::{
    Author, User, Username,
    api::{SignIn, SignedIn},
};
use wigwag_sansio::Secret;

use crate::{
    ApiState,
    error::{ApiError, Refusal},
    extract::{Client, JsonBody},
    me,
};

/// What people may write behind their sign-in name.
const SUFFIX: &str = "@wigwag";

/// The sign-in name or the password is wrong; nobody is told which.
#[derive(Clone, Copy, Debug, Error)]
#[error("the username or the password is wrong")]
struct WrongCredentials;

/// Sign in
///
/// After 5 failures for a user or 20 from an address in 15 minutes, further attempts wait.
#[utoipa::path(
    post,
    path = "/v1/sessions",
    tag = "sessions",
    request_body = SignIn,
    responses(
        (status = 201, description = "Signed in", body = SignedIn),
        (status = 401, description = "The username or the password is wrong"),
        (status = 429, description = "Too many failures lately; Retry-After tells how long to wait"),
        (status = 503, description = "Too many people are signing in; Retry-After tells how long to wait"),
    )
)]
pub(crate) async fn create_session(
    State(api): State<ApiState>,
    Client(address): Client,
    JsonBody(request): JsonBody<SignIn>,
) -> Result<(StatusCode, Json<SignedIn>), ApiError> {
    let name = sign_in_name(request.username.expose());
    let attempt = api.sign_in_limits().lock().begin(&name, address, api.now().tick)?;
    let outcome = authenticated(&api, &name, request.password).await;
    match &outcome {
        Ok(Some(_)) => api.sign_in_limits().lock().succeed(attempt),
        Ok(None) => drop(attempt),
        Err(_) => api.sign_in_limits().lock().abandon(attempt),
    }
    let Some(user) = outcome? else {
        tracing::warn!("A sign-in failed.");
        return Err(WrongCredentials.into());
    };
    tracing::info!(tenant.id = %user.tenant_id, user.id = %user.id, "A user signed in.");
    Ok((StatusCode::CREATED, Json(begun(&api, user).await?)))
}

/// The name as the store knows it: without suffix, in lower case.
fn sign_in_name(typed: &str) -> String {
    let mut name = typed.trim().to_ascii_lowercase();
    if name.ends_with(SUFFIX) {
        name.truncate(name.len() - SUFFIX.len());
    }
    name
}

/// The user who has this name and this password.
async fn authenticated(api: &ApiState, name: &str, password: Secret<String>) -> Result<Option<User>, ApiError> {
    let credentials = match name.parse::<Username>() {
        Ok(username) => api.store().credentials(&username).await?,
        Err(_) => None,
    };
    let (user, hash) = credentials.map(|found| (found.user, found.password_hash)).unzip();
    let matches = api.passwords().verify(hash, password).await?;
    Ok(user.filter(|_| matches))
}

async fn begun(api: &ApiState, user: User) -> Result<SignedIn, ApiError> {
    let now = api.now().utc;
    let mut tx = api
        .store()
        .write(user.tenant_id, Author::person(&user, user.tenant_id, now))
        .await?;
    let token = tx
        .create_session(user.id, now, &mut api.entropy())
        .await?
        .ok_or(WrongCredentials)?;
    let committed = tx.commit().await?;
    api.take_effect(user.tenant_id, committed).await?;
    let session = api.store().session(&token, now).await?.ok_or(WrongCredentials)?;
    Ok(SignedIn {
        token,
        expires_at: session.expires_at.into(),
        me: me::me(api, session.user).await?,
    })
}

impl Refusal for WrongCredentials {
    fn status(&self) -> StatusCode {
        StatusCode::UNAUTHORIZED
    }

    fn code(&self) -> &'static str {
        "wrong_credentials"
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::http::Method;
    use serde_json::json;

    use crate::testing::{Answer, Company, Person, TestApi};

    const PASSWORD: &str = "Right-1!";

    async fn api_with_password() -> (TestApi, Company) {
        let (mut api, acme) = TestApi::with_company().await;
        acme.set_owner_password(&mut api, PASSWORD).await;
        (api, acme)
    }

    async fn sign_in(api: &TestApi, username: &str, password: &str) -> Answer {
        let body = json!({"username": username, "password": password});
        api.send(Method::POST, "/v1/sessions", None, Some(body)).await
    }

    #[tokio::test]
    async fn the_token_opens_the_api_for_its_user() {
        let (api, acme) = api_with_password().await;
        for username in ["acmeowner", "AcmeOwner@wigwag", " ACMEOWNER@WigWag"] {
            let signed_in = sign_in(&api, username, PASSWORD).await.expect(201);
            assert_eq!(signed_in["me"]["tenant"]["id"], acme.tenant.id.to_string());
            assert_eq!(signed_in["expires_at"], "2026-01-31T09:00:00.000Z");
            let person = Person {
                user: acme.owner.user.clone(),
                token: serde_json::from_value(signed_in["token"].clone()).expect("a token"),
            };
            let me = api.get(&person, "/v1/me").await.expect(200);
            assert_eq!(me["user"]["username"], "acmeowner");
        }
    }

    #[tokio::test]
    async fn a_wrong_password_and_an_unknown_user_get_the_same_answer() {
        let (api, _) = api_with_password().await;
        let wrong = sign_in(&api, "acmeowner", "Wrong-1!").await;
        wrong.expect_refusal(401, "wrong_credentials");
        for username in ["nobody1", "x", "", "' OR 1=1 --", "acmeowner@wigwag@wigwag", "ünïcode"] {
            let unknown = sign_in(&api, username, PASSWORD).await;
            assert_eq!(unknown.text, wrong.text, "{username}");
            assert_eq!(unknown.headers, wrong.headers, "{username}");
        }
    }

    #[tokio::test]
    async fn after_five_failures_even_the_right_password_waits() {
        let (mut api, _) = api_with_password().await;
        for username in ["acmeowner", "nobody1"] {
            for _ in 0..5 {
                sign_in(&api, username, "Wrong-1!")
                    .await
                    .expect_refusal(401, "wrong_credentials");
            }
            api.advance(Duration::from_secs(60));
            api.come_from("198.51.100.1");
            let refused = sign_in(&api, username, PASSWORD).await;
            refused.expect_refusal(429, "too_many_failures");
            assert_eq!(refused.headers["retry-after"], "840", "{username}");
        }
        api.advance(Duration::from_secs(840));
        sign_in(&api, "acmeowner", PASSWORD).await.expect(201);
    }

    #[tokio::test]
    async fn an_address_that_failed_20_times_waits_whoever_it_claims_to_be() {
        let (mut api, _) = api_with_password().await;
        for user in 0..20 {
            sign_in(&api, &format!("nobody{user}"), "Wrong-1!")
                .await
                .expect_refusal(401, "wrong_credentials");
        }
        sign_in(&api, "acmeowner", PASSWORD)
            .await
            .expect_refusal(429, "too_many_failures");
        api.come_from("198.51.100.1");
        sign_in(&api, "acmeowner", PASSWORD).await.expect(201);
    }

    #[tokio::test]
    async fn a_body_that_is_no_sign_in_is_refused_field_by_field() {
        let (api, _) = TestApi::with_company().await;
        let body = json!({"username": "acmeowner", "password": PASSWORD, "admin": true});
        let problem = api.send(Method::POST, "/v1/sessions", None, Some(body)).await;
        let problem = problem.expect_refusal(422, "invalid_fields");
        assert_eq!(problem["errors"][0]["field"], "admin");
        let problem = api
            .send(Method::POST, "/v1/sessions", None, Some(json!({"username": 1})))
            .await;
        assert_eq!(
            problem.expect_refusal(422, "invalid_fields")["errors"][0]["field"],
            "username"
        );
    }
}
