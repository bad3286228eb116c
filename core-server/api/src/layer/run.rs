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
