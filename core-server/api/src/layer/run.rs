//! Runs each request as a task of its own: with a time limit, contained when it panics, and, when it changes
//! something, finished even when the client has hung up or the limit has passed.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    http::{Method, StatusCode},
    middleware::Next,
    response::{IntoResponse, Response},
};
use thiserror::Error;
use tokio::{sync::Semaphore, task::JoinHandle, time::timeout};

use crate::error::{ApiError, Refusal};

/// How long a request may take, its body included.
const LIMIT: Duration = Duration::from_secs(30);

/// Requests that run at a time; one more is refused, and the client may try again a second later.
const AT_A_TIME: usize = 512;

/// Counts the requests that run.
#[derive(Clone, Debug)]
pub(crate) struct InFlight(Arc<Semaphore>);

#[derive(Clone, Copy, Debug, Error)]
#[error("the request took too long")]
struct TimedOut;

impl Default for InFlight {
    fn default() -> Self {
        InFlight(Arc::new(Semaphore::new(AT_A_TIME)))
    }
}

/// Runs the request.
pub(crate) async fn run(State(InFlight(in_flight)): State<InFlight>, request: Request, next: Next) -> Response {
    let Ok(permit) = in_flight.try_acquire_owned() else {
        return ApiError::unavailable().into_response();
    };
    let only_reads = [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method());
    let task = tokio::spawn(async move {
        let _permit = permit;
        next.run(request).await
    });
    let mut task = Running { task, only_reads };
    match timeout(LIMIT, &mut task.task).await {
        Ok(Ok(response)) => response,
        // The panic hook has told the log.
        Ok(Err(_)) => ApiError::internal().into_response(),
        Err(_) => ApiError::from(TimedOut).into_response(),
    }
}

/// The task of a request; one that only reads ends when nobody waits for it any more.
struct Running {
    task: JoinHandle<Response>,
    only_reads: bool,
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.only_reads {
            self.task.abort();
        }
    }
}

impl Refusal for TimedOut {
    fn status(&self) -> StatusCode {
        StatusCode::SERVICE_UNAVAILABLE
    }

    fn code(&self) -> &'static str {
        "timed_out"
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use axum::{Router, body::Body, middleware::from_fn_with_state, routing::any};
    use tokio::sync::Notify;
    use tower::ServiceExt;

    use super::*;

    fn request(method: Method) -> Request {
        Request::builder()
            .method(method)
            .uri("/")
            .body(Body::empty())
            .expect("a request")
    }

    fn router<H, T>(handler: H, in_flight: InFlight) -> Router
    where
        H: axum::handler::Handler<T, ()>,
        T: 'static,
    {
        Router::new()
            .route("/", any(handler))
            .layer(from_fn_with_state(in_flight, run))
    }

    async fn status(router: &Router) -> StatusCode {
        router
            .clone()
            .oneshot(request(Method::GET))
            .await
            .expect("an answer")
            .status()
    }

    #[tokio::test]
    async fn a_panic_is_answered_and_the_next_request_is_served() {
        let first = Arc::new(AtomicBool::new(true));
        let handler = async move || assert!(!first.swap(false, Ordering::Relaxed), "the test wants a panic");
        let router = router(handler, InFlight::default());
        assert_eq!(status(&router).await, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(status(&router).await, StatusCode::OK);
    }

    #[tokio::test]
    async fn when_too_many_run_the_next_is_refused() {
        let router = router(async || {}, InFlight(Arc::new(Semaphore::new(0))));
        assert_eq!(status(&router).await, StatusCode::SERVICE_UNAVAILABLE);
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_hangs_is_answered_after_30_seconds() {
        let router = router(async || std::future::pending::<()>().await, InFlight::default());
        assert_eq!(status(&router).await, StatusCode::SERVICE_UNAVAILABLE);
    }

    #[tokio::test]
    async fn a_change_is_finished_when_the_client_has_hung_up_and_a_look_is_not() {
        for (method, finished) in [(Method::POST, true), (Method::GET, false)] {
            let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
            let (begins, goes_on) = (Arc::clone(&begun), Arc::clone(&go_on));
            let (in_flight, done) = (InFlight::default(), Arc::new(AtomicBool::new(false)));
            let sets = Arc::clone(&done);
            let handler = async move || {
                begins.notify_one();
                goes_on.notified().await;
                sets.store(true, Ordering::Relaxed);
            };
            let client = tokio::spawn(router(handler, in_flight.clone()).oneshot(request(method)));
            begun.notified().await;
            client.abort();
            assert!(client.await.is_err_and(|error| error.is_cancelled()));
            go_on.notify_one();
            // The request's permit comes back when its task has ended, one way or the other.
            let all = u32::try_from(AT_A_TIME).expect("a small number");
            in_flight.0.acquire_many(all).await.expect("open").forget();
            assert_eq!(done.load(Ordering::Relaxed), finished);
        }
    }
}
