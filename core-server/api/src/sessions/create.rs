//! Signs in (S002, S099, A57): the same answer, and as late, for a wrong password and for a user who does not exist.

use axum::{Json, extract::State, http::StatusCode};
use thiserror::Error;
use wigwag_model::{
    User, Username,
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
    let mut tx = api.store().write(user.tenant_id).await?;
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
