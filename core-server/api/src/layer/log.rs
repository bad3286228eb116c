//! One log line and one count for each request, without anything that a person typed.

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};

use crate::{ApiState, metrics::method_word};

/// Routes that machines ask all the time.
const WATCHERS: [&str; 3] = ["/health", "/health/ready", "/metrics"];

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
    let (method, ms) = (method_word(&method), took.as_millis() as u64);
    if WATCHERS.contains(&route) {
        tracing::debug!(
            http.method = method,
            http.route = route,
            http.status = status,
            http.ms = ms,
            "Answered a probe."
        );
    } else {
        tracing::info!(
            http.method = method,
            http.route = route,
            http.status = status,
            http.ms = ms,
            "Answered a request."
        );
    }
    response
}

#[cfg(test)]
mod tests {
    use std::{io, sync::Arc};

    use axum::http::Method;
    use parking_lot::Mutex;
    use serde_json::json;
    use tracing_subscriber::fmt::MakeWriter;

    use crate::testing::TestApi;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl MakeWriter<'_> for Lines {
        type Writer = Lines;

        fn make_writer(&self) -> Lines {
            self.clone()
        }
    }

    #[tokio::test]
    async fn the_log_tells_what_was_asked_and_nothing_that_a_person_typed() {
        let (mut api, acme) = TestApi::with_company().await;
        acme.set_owner_password(&mut api, "Right-1!").await;
        let lines = Lines::default();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(lines.clone())
            .with_max_level(tracing::Level::INFO)
            .with_ansi(false);
        let guard = tracing::subscriber::set_default(subscriber.finish());
        // With one subscriber alive, tracing lets whichever thread comes first decide for all: a second one prevents it.
        let _second = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::new());
        for password in ["Right-1!", "Wrong-1!"] {
            let body = json!({"username": "acmeowner", "password": password});
            api.send(Method::POST, "/v1/sessions", None, Some(body)).await;
        }
        let settings = format!("/v1/devices/{}/sip_settings", acme.reception_phone.id);
        api.get(&acme.admin, &settings).await.expect(200);
        api.get(&acme.admin, "/v1/calls?cursor=typed-in&from=elsewhere")
            .await
            .expect(422);
        api.get(&acme.admin, "/v1/nowhere/typed-in").await.expect(404);
        api.post(
            &acme.admin,
            "/v1/extensions",
            json!({"number": "200", "name": "typed-in"}),
        )
        .await
        .expect(201);
        drop(guard);
        let log = String::from_utf8(lines.0.lock().clone()).expect("text");
        for told in [
            "http.route=\"/v1/devices/{device_id}/sip_settings\" http.status=200",
            "http.route=\"/v1/calls\" http.status=422",
            "http.route=\"unmatched\" http.status=404",
            "A sign-in failed.",
            "A user signed in.",
            "SIP settings were shown.",
        ] {
            assert!(log.contains(told), "{told} is missing in {log}");
        }
        let secret = acme.reception_phone.sip_password.expose();
        for untold in [
            "acmeowner",
            "-1!",
            "typed-in",
            "elsewhere",
            "192.0.2",
            acme.admin.token.expose(),
            secret,
        ] {
            assert!(!log.contains(untold), "{untold} is in {log}");
        }
    }
}
