//! The API's own figures: requests by method, route and status, and how long they took.

use std::{collections::BTreeMap, fmt::Write, time::Duration};

use axum::http::Method;
use parking_lot::Mutex;

/// Counts requests; the keys are few, because routes are templates and methods a closed list.
#[derive(Debug, Default)]
pub(crate) struct HttpMetrics {
    requests: Mutex<BTreeMap<(&'static str, String, u16), Figures>>,
}

#[derive(Debug, Default)]
struct Figures {
    count: u64,
    total: Duration,
}

impl HttpMetrics {
    /// Counts one request that was answered with `status` after `took`.
    pub(crate) fn count(&self, method: &Method, route: &str, status: u16, took: Duration) {
        let mut requests = self.requests.lock();
        let figures = requests
            .entry((method_word(method), route.to_owned(), status))
            .or_default();
        figures.count += 1;
        figures.total += took;
    }

    /// The figures in the Prometheus text format.
    pub(crate) fn text(&self) -> String {
        let requests = self.requests.lock();
        let mut text = String::from(
            "# HELP wigwag_http_request_seconds Time from a request's headers to its answer.\n\
             # TYPE wigwag_http_request_seconds summary\n",
        );
        for ((method, route, status), figures) in requests.iter() {
            let labels = format!("{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}}");
            let seconds = figures.total.as_secs_f64();
            writeln!(text, "wigwag_http_request_seconds_sum{labels} {seconds}").expect("a string takes all");
            writeln!(text, "wigwag_http_request_seconds_count{labels} {}", figures.count).expect("a string takes all");
        }
        text
    }
}

/// The method, where it is one of those that have a meaning here.
pub(crate) fn method_word(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_method_route_and_status() {
        let metrics = HttpMetrics::default();
        metrics.count(&Method::GET, "/v1/me", 200, Duration::from_millis(250));
        metrics.count(&Method::GET, "/v1/me", 200, Duration::from_millis(250));
        let text = metrics.text();
        let labels = r#"{method="GET",route="/v1/me",status="200"}"#;
        assert!(
            text.contains(&format!("wigwag_http_request_seconds_sum{labels} 0.5\n")),
            "{text}"
        );
        assert!(
            text.contains(&format!("wigwag_http_request_seconds_count{labels} 2\n")),
            "{text}"
        );
    }
}
