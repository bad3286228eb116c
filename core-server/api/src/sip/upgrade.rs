//! `GET /sip`: turns a connection into a WebSocket that speaks SIP (RFC 6455 §4.2, RFC 7118 §4.1).

use std::{io, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
    routing::get,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use sha1::{Digest, Sha1};
use thiserror::Error;

use super::{NoRoom, SipLine, SipPort, SipStream, origin::may_connect};
use crate::{
    ApiState,
    error::{ApiError, Refusal},
    extract::Client,
    serve::Connection,
};

/// The word that both sides have to say.
const SUBPROTOCOL: &str = "sip";
/// The only version that there is.
const VERSION: &str = "13";
/// What the server's proof is made of (RFC 6455 §1.3).
const PROOF: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The route of this endpoint, whose connections go to `port`.
pub(crate) fn route(port: Arc<dyn SipPort>) -> Router<ApiState> {
    Router::new().route(
        "/sip",
        get(async move |State(api): State<ApiState>, request: Request| upgrade(&api, &*port, request).await),
    )
}

/// Why there is no upgrade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
enum NoUpgrade {
    #[error("this address is for WebSockets of version 13")]
    NoWebSocket,
    #[error("the subprotocol has to be sip")]
    NoSip,
    #[error("pages of this origin may not connect")]
    Origin,
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
}

async fn upgrade(api: &ApiState, port: &dyn SipPort, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    match begin(api, port, &mut parts).await {
        Ok(proof) => {
            let headers = [
                (header::UPGRADE, HeaderValue::from_static("websocket")),
                (header::CONNECTION, HeaderValue::from_static("upgrade")),
                (header::SEC_WEBSOCKET_ACCEPT, proof),
                (header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL)),
            ];
            (StatusCode::SWITCHING_PROTOCOLS, headers).into_response()
        }
        Err(NoUpgrade::NoWebSocket) => {
            let headers = [
                (header::UPGRADE, HeaderValue::from_static("websocket")),
                (header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static(VERSION)),
            ];
            (headers, ApiError::from(NoUpgrade::NoWebSocket)).into_response()
        }
        Err(refusal) => ApiError::from(refusal).into_response(),
    }
}

/// Hands the connection over, and gives the proof that its key was read.
async fn begin(api: &ApiState, port: &dyn SipPort, parts: &mut Parts) -> Result<HeaderValue, NoUpgrade> {
    let headers = &parts.headers;
    let is_web_socket = lists(headers, header::CONNECTION, "upgrade")
        && lists(headers, header::UPGRADE, "websocket")
        && lists(headers, header::SEC_WEBSOCKET_VERSION, VERSION);
    let key = headers.get(header::SEC_WEBSOCKET_KEY).cloned();
    let Some(key) = key.filter(|_| is_web_socket) else {
        return Err(NoUpgrade::NoWebSocket);
    };
    if !may_connect(headers, &api.settings().web_origins) {
        return Err(NoUpgrade::Origin);
    }
    if !lists(headers, header::SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL) {
        return Err(NoUpgrade::NoSip);
    }
    let Ok(Client(client)) = Client::from_request_parts(parts, api).await;
    let connection = parts.extensions.get::<Connection>().copied();
    let upgrade = parts.extensions.remove::<OnUpgrade>();
    let (Some(connection), Some(upgrade)) = (connection, upgrade) else {
        return Err(NoUpgrade::NoWebSocket);
    };
    let mut remote = connection.peer;
    remote.set_ip(client);
    port.attach(SipLine {
        local: connection.local,
        remote,
        encrypted: connection.encrypted,
        stream: Box::pin(async {
            let stream = upgrade.await.map_err(io::Error::other)?;
            Ok(Box::new(TokioIo::new(stream)) as Box<dyn SipStream>)
        }),
    })?;
    Ok(proof(&key))
}

/// Whether a header that is a list has this word in it.
fn lists(headers: &HeaderMap, name: HeaderName, word: &str) -> bool {
    let values = headers
        .get_all(name)
        .into_iter()
        .filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(','))
        .any(|value| value.trim().eq_ignore_ascii_case(word))
}

fn proof(key: &HeaderValue) -> HeaderValue {
    let hash = Sha1::new().chain_update(key.as_bytes()).chain_update(PROOF).finalize();
    HeaderValue::from_str(&BASE64_STANDARD.encode(hash)).expect("base64 is fit for a header")
}

impl Refusal for NoUpgrade {
    fn status(&self) -> StatusCode {
        match self {
            NoUpgrade::NoWebSocket => StatusCode::UPGRADE_REQUIRED,
            NoUpgrade::NoSip => StatusCode::BAD_REQUEST,
            NoUpgrade::Origin => StatusCode::FORBIDDEN,
            NoUpgrade::NoRoom(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            NoUpgrade::NoWebSocket => "no_web_socket",
            NoUpgrade::NoSip => "no_sip",
            NoUpgrade::Origin => "origin_not_allowed",
            NoUpgrade::NoRoom(_) => "too_many_connections",
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        matches!(self, NoUpgrade::NoRoom(_)).then_some(Duration::from_secs(10))
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use axum::http::Method;
    use parking_lot::Mutex;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::{TcpListener, TcpStream},
    };

    use super::*;
    use crate::{serve, testing::TestApi};

    const HEADERS: [(&str, &str); 6] = [
        ("Host", "pbx.example"),
        ("Connection", "keep-alive, Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("Sec-WebSocket-Protocol", "chat, sip"),
    ];

    /// Says back what it hears, in capitals, to at most one client at a time.
    #[derive(Default)]
    struct Echo(Mutex<Vec<(SocketAddr, bool)>>);

    impl SipPort for Echo {
        fn attach(&self, line: SipLine) -> Result<(), NoRoom> {
            let mut seen = self.0.lock();
            if !seen.is_empty() {
                return Err(NoRoom);
            }
            seen.push((line.remote, line.encrypted));
            tokio::spawn(async move {
                let mut stream = line.stream.await.expect("the upgrade happens");
                let mut word = [0; 5];
                stream.read_exact(&mut word).await.expect("a word");
                stream.write_all(&word.to_ascii_uppercase()).await.expect("open");
            });
            Ok(())
        }
    }

    async fn served(port: Arc<Echo>) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let router = TestApi::with_sip(port).await.router().clone();
        tokio::spawn(serve(listener, None, router, std::future::pending()));
        address
    }

    async fn ask(server: SocketAddr, headers: &[(&str, &str)]) -> (TcpStream, String) {
        let mut stream = TcpStream::connect(server).await.expect("somebody listens");
        let lines = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
        let request = format!("GET /sip HTTP/1.1\r\n{}\r\n", lines.collect::<String>());
        stream.write_all(request.as_bytes()).await.expect("open");
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(stream.read_u8().await.expect("an answer"));
        }
        (stream, String::from_utf8(answer).expect("text").to_ascii_lowercase())
    }

    #[tokio::test]
    async fn a_client_that_speaks_sip_is_handed_over() {
        let port = Arc::new(Echo::default());
        let server = served(Arc::clone(&port)).await;
        let (mut stream, answer) = ask(server, &HEADERS).await;
        assert!(answer.starts_with("http/1.1 101 "), "{answer}");
        assert!(answer.contains("\r\nsec-websocket-protocol: sip\r\n"), "{answer}");
        // The example of RFC 6455 §1.3.
        assert!(
            answer.contains("\r\nsec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=\r\n"),
            "{answer}"
        );
        stream.write_all(b"hello").await.expect("open");
        let mut word = [0; 5];
        stream.read_exact(&mut word).await.expect("an answer");
        assert_eq!(&word, b"HELLO");
        let client = stream.local_addr().expect("an address");
        assert_eq!(*port.0.lock(), [(client, false)]);
        let (_, answer) = ask(server, &HEADERS).await;
        assert!(
            answer.starts_with("http/1.1 503 ") && answer.contains("\r\nretry-after: 10\r\n"),
            "{answer}"
        );
    }

    #[tokio::test]
    async fn who_does_not_ask_for_sip_is_refused() {
        let server = served(Arc::default()).await;
        for (name, value, status) in [
            ("Connection", "close", "426"),
            ("Upgrade", "h2c", "426"),
            ("Sec-WebSocket-Version", "8", "426"),
            ("Sec-WebSocket-Protocol", "xmpp", "400"),
            ("Origin", "https://evil.example", "403"),
        ] {
            let others = HEADERS.into_iter().filter(|(other, _)| *other != name);
            let headers: Vec<_> = others.chain([(name, value)]).collect();
            let (_, answer) = ask(server, &headers).await;
            assert!(answer.starts_with(&format!("http/1.1 {status} ")), "{name}: {answer}");
        }
    }

    #[tokio::test]
    async fn a_visitor_is_told_what_this_address_is_for() {
        let api = TestApi::new().await;
        let answer = api.send(Method::GET, "/sip", None, None).await;
        answer.expect_refusal(426, "no_web_socket");
        assert_eq!(answer.headers["upgrade"], "websocket");
        assert_eq!(answer.headers["sec-websocket-version"], "13");
    }
}
