//! Serves a router on a TCP listener, with limits that keep slow and greedy clients from starving the others.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use parking_lot::Mutex;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
    time::{Instant, sleep_until, timeout},
};
use tower::ServiceExt;

use crate::{Https, extract::network_of};

/// Connections in all; more wait in the listener's backlog until one ends.
const CONNECTIONS: usize = 10_000;

/// Connections from one address (IPv6: one network of 64 bits) other than this machine; more are closed at once.
const CONNECTIONS_PER_ADDRESS: usize = 100;

/// How long a connection may stay without a whole request header.
const HEADER_LIMIT: Duration = Duration::from_secs(10);

/// Bytes of a request's header, its first line included.
const HEADER_BYTES: usize = 16 * 1024;

/// How long requests that run may take to finish once the server shuts down.
const GRACE: Duration = Duration::from_secs(5);

/// How long to wait when the system has no descriptor for another connection.
const PAUSE: Duration = Duration::from_millis(50);

/// A client's connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Connection {
    /// Our end of it.
    pub(crate) local: SocketAddr,
    /// The client's end of it.
    pub(crate) peer: SocketAddr,
    /// Whether nobody on the path can read it.
    pub(crate) encrypted: bool,
}

/// Serves `router` on `listener` until `shutdown`, then lets running requests finish, for a few seconds at most.
pub async fn serve(listener: TcpListener, https: Option<Https>, router: Router, shutdown: impl Future<Output = ()>) {
    let (stop, stopping) = watch::channel(());
    let limits = Limits::default();
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            Some(_) = connections.join_next() => {}
            (stream, peer, permit) = accept(&listener, &limits) => {
                if let Some(place) = limits.place(peer.ip()) {
                    let (https, router, stopping) = (https.clone(), router.clone(), stopping.clone());
                    connections.spawn(async move {
                        prepare(stream, peer, https, router, stopping).await;
                        drop((place, permit));
                    });
                }
            }
        }
    }
    drop((listener, stop));
    let ended = async { while connections.join_next().await.is_some() {} };
    if timeout(GRACE, ended).await.is_err() {
        tracing::warn!("Some requests did not finish in time and were cut off.");
    }
}

/// The next connection, once there is room for it.
async fn accept(listener: &TcpListener, limits: &Limits) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
    let permit = Arc::clone(&limits.all)
        .acquire_owned()
        .await
        .expect("the semaphore is never closed");
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer, permit),
            Err(error) => {
                tracing::warn!(error = %error, "A connection could not be accepted.");
                sleep_until(Instant::now() + PAUSE).await;
            }
        }
    }
}

/// Encrypts the connection where that is wanted, and answers requests on it until it ends.
async fn prepare(
    stream: TcpStream,
    peer: SocketAddr,
    https: Option<Https>,
    router: Router,
    stopping: watch::Receiver<()>,
) {
    // Answers are small: they must not wait for a full segment.
    stream.set_nodelay(true).ok();
    let Ok(local) = stream.local_addr() else { return };
    let connection = Connection {
        local,
        peer,
        encrypted: https.is_some(),
    };
    match https {
        None => answer(stream, connection, router, stopping).await,
        Some(https) => match timeout(HEADER_LIMIT, https.acceptor().accept(stream)).await {
            Ok(Ok(stream)) => answer(stream, connection, router, stopping).await,
            Ok(Err(error)) => tracing::debug!(error = %error, "A TLS handshake failed."),
            Err(_) => tracing::debug!("A TLS handshake took too long."),
        },
    }
}

async fn answer(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    client: Connection,
    router: Router,
    mut stopping: watch::Receiver<()>,
) {
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(client.peer));
        request.extensions_mut().insert(client);
        let router = router.clone();
        async move {
            let response = router.oneshot(request.map(Body::new)).await;
            response.map_err(|never: Infallible| match never {})
        }
    });
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_LIMIT)
            .max_header_size(HEADER_BYTES)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades()
    );
    let result = tokio::select! {
        result = connection.as_mut() => result,
        _ = stopping.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        tracing::debug!(error = %error, "A connection broke.");
    }
}

/// How many connections there are, in all and from each address.
struct Limits {
    all: Arc<Semaphore>,
    by_address: Arc<Mutex<BTreeMap<IpAddr, usize>>>,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            all: Arc::new(Semaphore::new(CONNECTIONS)),
            by_address: Arc::default(),
        }
    }
}

impl Limits {
    /// Counts a connection from `address`, unless there are too many.
    fn place(&self, address: IpAddr) -> Option<Place> {
        let network = network_of(address);
        let mut by_address = self.by_address.lock();
        let count = by_address.entry(network).or_default();
        if *count >= CONNECTIONS_PER_ADDRESS && !network.is_loopback() {
            return None;
        }
        *count += 1;
        Some(Place {
            network,
            by_address: Arc::clone(&self.by_address),
        })
    }
}

/// One connection's place in the count, given back when dropped.
struct Place {
    network: IpAddr,
    by_address: Arc<Mutex<BTreeMap<IpAddr, usize>>>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut by_address = self.by_address.lock();
        if let Some(count) = by_address.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                by_address.remove(&self.network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        sync::oneshot,
    };

    use super::*;

    async fn served() -> (SocketAddr, oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel();
        let router = Router::new().route("/", axum::routing::get(async || "here"));
        let server = tokio::spawn(serve(listener, None, router, async {
            stopped.await.unwrap_or_default()
        }));
        (address, stop, server)
    }

    #[tokio::test]
    async fn requests_are_answered_until_the_shutdown_and_the_server_ends_then() {
        let (address, stop, server) = served().await;
        let mut client = TcpStream::connect(address).await.expect("a connection");
        client
            .write_all(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
            .await
            .expect("sent");
        let mut answer = vec![0; 12];
        client.read_exact(&mut answer).await.expect("an answer");
        assert_eq!(answer, b"HTTP/1.1 200");
        stop.send(()).expect("the server listens");
        server
            .await
            .expect("the server ends although the client stays connected");
    }

    #[tokio::test]
    async fn encrypted_connections_are_answered_and_others_are_not() {
        let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        let https = Https::from_pem(own.cert.pem().as_bytes(), own.signing_key.serialize_pem().as_bytes());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let encrypted = async |connection: axum::Extension<Connection>| connection.encrypted.to_string();
        let router = Router::new().route("/", axum::routing::get(encrypted));
        let https = Some(https.expect("a sound certificate"));
        tokio::spawn(serve(listener, https, router, std::future::pending()));
        let mut trusted = rustls::RootCertStore::empty();
        trusted.add(own.cert.der().clone()).expect("a certificate");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("TLS")
            .with_root_certificates(trusted)
            .with_no_client_auth();
        let client = TcpStream::connect(address).await.expect("a connection");
        let name = "localhost".try_into().expect("a name");
        let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
        let mut client = connector.connect(name, client).await.expect("a handshake");
        let request = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        client.write_all(request).await.expect("sent");
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.expect("an answer");
        assert!(
            answer.starts_with("HTTP/1.1 200") && answer.ends_with("true"),
            "{answer}"
        );
        let mut plain = TcpStream::connect(address).await.expect("a connection");
        plain.write_all(request).await.expect("sent");
        let mut answer = Vec::new();
        // The server may close before it has read everything, which is an error here.
        let _ = plain.read_to_end(&mut answer).await;
        assert!(!answer.starts_with(b"HTTP"));
    }

    #[tokio::test]
    async fn a_header_that_is_too_long_is_refused() {
        let (address, _stop, _server) = served().await;
        let mut client = TcpStream::connect(address).await.expect("a connection");
        let request = format!(
            "GET / HTTP/1.1\r\nHost: here\r\nX: {}\r\n\r\n",
            "x".repeat(HEADER_BYTES)
        );
        client.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = vec![0; 12];
        client.read_exact(&mut answer).await.expect("an answer");
        assert_eq!(answer, b"HTTP/1.1 431");
    }

    #[test]
    fn an_address_has_100_places_and_this_machine_any_number() {
        let limits = Limits::default();
        let here: IpAddr = "127.0.0.1".parse().expect("an address");
        let there: IpAddr = "192.0.2.1".parse().expect("an address");
        let local: Vec<_> = (0..200).map(|_| limits.place(here)).collect();
        let mut remote: Vec<_> = (0..100).map(|_| limits.place(there)).collect();
        assert!(local.iter().chain(&remote).all(Option::is_some));
        assert!(limits.place(there).is_none());
        remote.pop();
        assert!(limits.place(there).is_some());
        drop((local, remote));
        assert!(limits.by_address.lock().is_empty());
    }
}
