//! Who is asking: the bearer token becomes a user, or the request ends here.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use thiserror::Error;
use wigwag_model::{ExtensionId, TenantId, User};
use wigwag_sansio::Secret;

use crate::{
    ApiState,
    access::{Function, NotAllowed, NotFound, Reach, require},
    error::{ApiError, Refusal},
};

/// Characters of a token at most; ours are shorter.
const TOKEN_CHARS: usize = 256;

/// The user who is signed in.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// The user, as of now.
    pub(crate) user: User,
    /// What the user's session is opened with.
    pub(crate) token: Secret<String>,
}

/// The request has no token, or one that is unknown, revoked or expired.
#[derive(Clone, Copy, Debug, Error)]
#[error("sign in first")]
struct NotSignedIn;

impl Caller {
    /// The user's company: the only one that the request touches.
    pub(crate) fn tenant(&self) -> TenantId {
        self.user.tenant_id
    }

    /// What the user reaches within the company.
    pub(crate) fn reach(&self) -> Reach {
        Reach::of(&self.user)
    }

    /// Refuses what the user's access level does not include.
    pub(crate) fn require(&self, function: Function) -> Result<(), NotAllowed> {
        require(&self.user, function)
    }

    /// Refuses an extension that the user does not reach, as if it did not exist.
    pub(crate) fn require_extension(&self, extension: ExtensionId) -> Result<(), NotFound> {
        self.reach().require(extension)
    }
}

impl FromRequestParts<ApiState> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &ApiState) -> Result<Self, ApiError> {
        let token = bearer_token(&parts.headers).ok_or(NotSignedIn)?;
        let session = api.store().session(&token, api.now().utc).await?.ok_or(NotSignedIn)?;
        Ok(Caller {
            user: session.user,
            token,
        })
    }
}

/// The token of the one `Authorization: Bearer …` (RFC 6750 §2.1).
pub(crate) fn bearer_token(headers: &HeaderMap) -> Option<Secret<String>> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (scheme, token) = values.next()?.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    let usable = scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && token.len() <= TOKEN_CHARS;
    (usable && values.next().is_none()).then(|| Secret::new(token.to_owned()))
}

impl Refusal for NotSignedIn {
    fn status(&self) -> StatusCode {
        StatusCode::UNAUTHORIZED
    }

    fn code(&self) -> &'static str {
        "not_signed_in"
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn token(values: &[&'static str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, HeaderValue::from_static(value));
        }
        bearer_token(&headers).map(|token| token.expose().clone())
    }

    #[test]
    fn exactly_one_bearer_token_counts() {
        assert_eq!(token(&["Bearer abc"]).as_deref(), Some("abc"));
        assert_eq!(token(&["bearer  abc"]).as_deref(), Some("abc"));
        assert_eq!(token(&["Basic abc"]), None);
        assert_eq!(token(&["Bearer "]), None);
        assert_eq!(token(&["Bearer"]), None);
        assert_eq!(token(&["Bearer abc", "Bearer abd"]), None);
        assert_eq!(token(&[]), None);
    }
}
