//! What a browser sees at the root until the portal is there.

use axum::{Router, response::Html, routing::get};

use crate::ApiState;

const PAGE: &str = "<!doctype html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width\">
<title>WigWag</title>
<h1>WigWag</h1>
<p>This is a WigWag telephone exchange. It is running.</p>
<ul>
<li><a href=\"/openapi.json\">What its API can do (OpenAPI 3.1)</a></li>
<li><a href=\"/health/ready\">Whether it is ready for calls</a></li>
</ul>
<p>How to sign in, connect a phone and make a call stands in the README that came with it.</p>
</html>
";

pub(crate) fn route() -> Router<ApiState> {
    Router::new().route("/", get(async || Html(PAGE)))
}
