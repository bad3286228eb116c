//! All routes, and what surrounds them.

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::StatusCode,
    middleware::{from_fn, from_fn_with_state},
};
use thiserror::Error;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    ApiState, SipPort,
    access::NotFound,
    audit_log, blocked_callers, calls, contacts, destinations, devices,
    error::{ApiError, Refusal},
    extensions, feature_codes, forwarding_rules, front_page, health, hot_desks, intervals, layer, live_calls, me,
    monitoring, numbers, openapi, pins, platform, ring_groups, sessions, settings, simulate, sip, tenant,
};

/// Bytes of a request's body.
const BODY_BYTES: usize = 64 * 1024;

/// The API as a service: every endpoint with limits, security headers, log and figures around it. WebSockets go to `sip`.
pub fn router(api: ApiState, sip: Arc<dyn SipPort>) -> Router {
    let (router, _) = endpoints().split_for_parts();
    router
        .merge(front_page::route())
        .merge(sip::route(sip))
        .fallback(async || ApiError::from(NotFound))
        .method_not_allowed_fallback(async || ApiError::from(MethodNotAllowed))
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(from_fn_with_state(layer::InFlight::default(), layer::run))
        .layer(from_fn_with_state(api.clone(), layer::log))
        .layer(from_fn(layer::security_headers))
        .with_state(api)
}

/// Every endpoint that the OpenAPI document describes.
pub(crate) fn endpoints() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .merge(sessions::endpoints())
        .merge(me::endpoint())
        .merge(tenant::endpoint())
        .merge(settings::endpoints())
        .merge(numbers::endpoints())
        .merge(audit_log::endpoint())
        .merge(platform::endpoints())
        .merge(extensions::endpoints())
        .merge(destinations::endpoints())
        .merge(devices::endpoints())
        .merge(live_calls::endpoint())
        .merge(calls::endpoints())
        .merge(simulate::endpoint())
        .merge(blocked_callers::endpoints())
        .merge(contacts::endpoints())
        .merge(feature_codes::endpoints())
        .merge(forwarding_rules::endpoints())
        .merge(hot_desks::endpoints())
        .merge(intervals::endpoints())
        .merge(pins::endpoints())
        .merge(ring_groups::endpoints())
        .merge(health::endpoints())
        .merge(monitoring::endpoint())
        .merge(openapi::endpoint())
}

/// The path exists, the method does not.
#[derive(Clone, Copy, Debug, Error)]
#[error("this method does not exist here")]
struct MethodNotAllowed;

impl Refusal for MethodNotAllowed {
    fn status(&self) -> StatusCode {
        StatusCode::METHOD_NOT_ALLOWED
    }

    fn code(&self) -> &'static str {
        "method_not_allowed"
    }
}

#[cfg(test)]
mod tests {
    use axum::{
        body::Body,
        http::{Method, Request, header},
    };

    use super::BODY_BYTES;
    use crate::testing::{Company, TestApi};

    fn post(acme: &Company, content_type: Option<&str>, body: String) -> Request<Body> {
        let mut request = Request::post("/v1/extensions")
            .header(header::AUTHORIZATION, format!("Bearer {}", acme.owner.token.expose()));
        if let Some(content_type) = content_type {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        request.body(Body::from(body)).expect("a request")
    }

    #[tokio::test]
    async fn paths_and_methods_that_do_not_exist_are_refused_as_problems() {
        let api = TestApi::new().await;
        for path in ["/v1", "/v1/", "/v2/me", "/v1/me/", "/../etc/passwd", "/v1/users"] {
            api.send(Method::GET, path, None, None)
                .await
                .expect_refusal(404, "not_found");
        }
        let refused = api.send(Method::PUT, "/v1/me", None, None).await;
        refused.expect_refusal(405, "method_not_allowed");
        assert_eq!(refused.headers["allow"], "GET,HEAD");
        let odd = Method::from_bytes(b"FROBNICATE").expect("a method");
        api.send(odd, "/v1/sessions", None, None)
            .await
            .expect_refusal(405, "method_not_allowed");
    }

    #[tokio::test]
    async fn bodies_must_be_json_and_at_most_64_kib() {
        let (api, acme) = TestApi::with_company().await;
        let body = || r#"{"number": "200", "name": "Store"}"#.to_owned();
        for content_type in [None, Some("text/plain"), Some("application/x-www-form-urlencoded")] {
            api.request(post(&acme, content_type, body()))
                .await
                .expect_refusal(415, "not_json");
        }
        let large = " ".repeat(BODY_BYTES) + &body();
        api.request(post(&acme, Some("application/json"), large))
            .await
            .expect_refusal(413, "too_large");
        api.request(post(&acme, Some("application/json"), "{".to_owned()))
            .await
            .expect_refusal(400, "malformed_json");
        let padded = " ".repeat(BODY_BYTES - 100) + &body();
        api.request(post(&acme, Some("application/json"), padded))
            .await
            .expect(201);
    }

    #[tokio::test]
    async fn every_answer_has_the_security_headers() {
        let (api, acme) = TestApi::with_company().await;
        for path in ["/", "/v1/me", "/openapi.json", "/metrics", "/nowhere"] {
            let headers = api.get(&acme.owner, path).await.headers;
            assert_eq!(headers["x-content-type-options"], "nosniff");
            assert!(
                headers["content-security-policy"]
                    .to_str()
                    .is_ok_and(|csp| csp.contains("frame-ancestors 'none'"))
            );
            let cached = headers["cache-control"] != "no-store";
            assert_eq!(cached, path == "/openapi.json", "{path}");
        }
    }

    #[tokio::test]
    async fn the_document_and_the_front_page_are_there_for_everybody() {
        let api = TestApi::new().await;
        let document = api.send(Method::GET, "/openapi.json", None, None).await;
        assert_eq!(document.expect(200)["openapi"], "3.1.0");
        assert_eq!(document.headers[header::CONTENT_TYPE], "application/json");
        let page = api.send(Method::GET, "/", None, None).await;
        page.expect(200);
        assert!(page.text.contains("/openapi.json"));
        api.send(Method::HEAD, "/", None, None).await.expect(200);
    }
}
