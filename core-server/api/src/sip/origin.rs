//! Which web pages may open a connection: those of this host, and those that were named (RFC 6454, RFC 6455 §10.2).

use axum::http::{HeaderMap, HeaderName, header};

/// Whether the page that the request comes from may send it; what comes from no page may.
pub(super) fn may_connect(headers: &HeaderMap, allowed: &[String]) -> bool {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let Some(origin) = text(header::ORIGIN) else {
        return true;
    };
    let is_same_host = || {
        let here = text(header::HOST).unwrap_or_default();
        let there = origin.split_once("://").map(|(_, authority)| authority);
        there.is_some_and(|there| !there.is_empty() && there.eq_ignore_ascii_case(here))
    };
    allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin)) || is_same_host()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn may(origin: Option<&'static str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("pbx.example:8080"));
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
        }
        may_connect(&headers, &["https://phone.example".to_owned()])
    }

    #[test]
    fn pages_of_this_host_and_of_the_list_may_connect_and_so_may_what_is_no_page() {
        for origin in [
            None,
            Some("http://pbx.example:8080"),
            Some("https://PBX.example:8080"),
            Some("https://phone.example"),
        ] {
            assert!(may(origin), "{origin:?}");
        }
    }

    #[test]
    fn other_pages_may_not() {
        for origin in [
            "null",
            "",
            "://",
            "http://pbx.example",
            "https://pbx.example:8080.evil.example",
            "https://phone.example:8443",
            "http://phone.example",
            "https://evil.example",
        ] {
            assert!(!may(Some(origin)), "{origin}");
        }
    }
}
