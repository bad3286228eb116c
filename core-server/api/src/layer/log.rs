//! One log line and one count for each request, without anything that a person typed.

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};

use crate::{ApiState, metrics::method_word};

/// Logs and counts the request once it is answered.
pub(crate) async fn log(State(api): State<ApiState>, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let began = api.now().tick;
    let response = next.run(request).await;
    let took = api.now().tick.since(began);
    let (status, route) = (
        response.status().as_u16(),
        route.as_ref().map_or("unmatched", MatchedPath::as_str),
    );
    api.metrics().count(&method, route, status, took);
    tracing::info!(
        http.method = method_word(&method),
        http.route = route,
        http.status = status,
        http.ms = took.as_millis() as u64,
        "Answered a request."
    );
    response
}
