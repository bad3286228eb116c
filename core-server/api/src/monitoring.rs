//! Figures for Prometheus, for this machine or whoever knows the token.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use subtle::ConstantTimeEq;
use thiserror::Error;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiState,
    caller::bearer_token,
    error::{ApiError, Refusal},
    extract::{Client, is_direct},
};

/// Neither this machine nor the token.
#[derive(Clone, Copy, Debug, Error)]
#[error("the metrics are for this machine, or for whoever has the metrics token")]
struct NotForYou;

pub(crate) fn endpoint() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(read_metrics))
}

/// Figures in the Prometheus text format
///
/// From this machine itself, or with the metrics token as bearer token.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "server",
    responses(
        (status = 200, description = "The figures", body = String, content_type = "text/plain"),
        (status = 401, description = "Neither this machine nor the token"),
    )
)]
async fn read_metrics(
    State(api): State<ApiState>,
    Client(address): Client,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let local = address.is_loopback() && is_direct(&headers);
    if !local && !has_token(&api, &headers) {
        return Err(NotForYou.into());
    }
    let mut text = api.metrics().text();
    text.push_str(&api.switch().metrics().await?);
    let content_type = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    Ok((content_type, text).into_response())
}

fn has_token(api: &ApiState, headers: &HeaderMap) -> bool {
    let (wanted, given) = (api.settings().metrics_token.as_ref(), bearer_token(headers));
    wanted.zip(given).is_some_and(|(wanted, given)| {
        let (wanted, given) = (wanted.expose().as_bytes(), given.expose().as_bytes());
        !wanted.is_empty() && wanted.ct_eq(given).into()
    })
}

impl Refusal for NotForYou {
    fn status(&self) -> StatusCode {
        StatusCode::UNAUTHORIZED
    }

    fn code(&self) -> &'static str {
        "not_for_you"
    }
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::Request};

    use crate::testing::{Answer, TestApi};

    async fn metrics(api: &TestApi, header: Option<(&str, &str)>) -> Answer {
        let mut request = Request::get("/metrics");
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        api.request(request.body(Body::empty()).expect("a request")).await
    }

    #[tokio::test]
    async fn this_machine_and_whoever_has_the_token_read_them() {
        let mut api = TestApi::new().await;
        metrics(&api, None).await.expect_refusal(401, "not_for_you");
        metrics(&api, Some(("authorization", "Bearer wrong")))
            .await
            .expect_refusal(401, "not_for_you");
        metrics(&api, Some(("authorization", "Bearer metrics-token")))
            .await
            .expect(200);
        for loopback in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
            api.come_from(loopback);
            let text = metrics(&api, None).await;
            text.expect(200);
            assert!(text.text.contains("wigwag_calls_running 0\n"));
            assert!(
                text.text
                    .contains(r#"_count{method="GET",route="/metrics",status="401"} 2"#),
                "{}",
                text.text
            );
        }
    }

    #[tokio::test]
    async fn a_proxy_on_this_machine_is_not_this_machine() {
        let mut api = TestApi::new().await;
        api.come_from("127.0.0.1");
        let forwarded = Some(("x-forwarded-for", "203.0.113.9"));
        metrics(&api, forwarded).await.expect_refusal(401, "not_for_you");
    }
}
