//! The endpoint's life: it binds its sockets, serves its user, and shuts down.

use std::{fmt, future::Future, io, net::SocketAddr, sync::Arc, thread::JoinHandle, time::Duration};

use parking_lot::{Mutex, RwLock};
use thiserror::Error;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    task::spawn_blocking,
    time::{sleep_until, timeout_at},
};
use tokio_rustls::TlsAcceptor;
use tracing::warn;
use wigwag_sansio::{Entropy, Now};
use wigwag_sip::transaction::{FlowId, Layer, Link, Settings, Tally};

use crate::{
    Clock, Config, Flow, Limits, Listen, Metrics, Notice, Sink, Tls, TooMany, Transport,
    alarm::Alarm,
    attached::Attached,
    connections::{Connections, Opened},
    route::{Advertised, Routes},
    shard::Shard,
    socket, stream,
    tasks::Tasks,
    udp::UdpPort,
    udp_thread, web_socket,
};

/// All SIP sockets, connections and transactions of a node; a handle that is cheap to clone.
pub struct Endpoint<O>(Arc<Inner<O>>);

struct Inner<O> {
    node: u16,
    clock: Clock,
    limits: Limits,
    tls: Option<Tls>,
    listening: Vec<Listen>,
    udp: Vec<Arc<UdpPort>>,
    udp_threads: Mutex<Vec<JoinHandle<()>>>,
    /// Bound, and taken when the endpoint begins to serve.
    unserved: Mutex<Vec<(Transport, TcpListener)>>,
    shards: Box<[Shard<O>]>,
    alarm: Arc<Alarm>,
    connections: Connections,
    routes: Routes,
    advertised: Advertised,
    metrics: Metrics,
    malformed: Notice,
    sink: RwLock<Option<Arc<dyn Sink<O>>>>,
    services: Tasks,
    connection_tasks: Tasks,
}

/// Why the endpoint cannot start.
#[derive(Debug, Error)]
pub enum BindError {
    /// A socket cannot be bound.
    #[error("cannot listen on {} {}", .listen.transport.as_param(), .listen.address)]
    Socket {
        /// Which one.
        listen: Listen,
        /// What the system says.
        source: io::Error,
    },
    /// A TLS listener without certificate.
    #[error("listening for TLS on {} needs a certificate", .0.address)]
    NoCertificate(Listen),
    /// WebSockets are accepted by the HTTP server and [attached](Endpoint::attach_web_socket).
    #[error("no listener for {} here", .0.transport.as_param())]
    NoListener(Listen),
    /// More UDP listeners than a flow can name.
    #[error("too many UDP listeners")]
    TooMany,
    /// The system gives no random numbers.
    #[error("no random numbers")]
    NoEntropy,
}

impl<O: Clone + Send + 'static> Endpoint<O> {
    /// Binds all sockets; nothing is received until [`Endpoint::serve`]. Has to be called within a tokio runtime.
    ///
    /// # Errors
    /// When a socket cannot be bound or the configuration does not fit together.
    pub fn bind(config: Config, clock: Clock) -> Result<Self, BindError> {
        let (mut listening, mut udp, mut unserved) = (Vec::new(), Vec::new(), Vec::new());
        for listen in config.listen {
            let failed = |source| BindError::Socket { listen, source };
            let address = match listen.transport {
                Transport::Udp => {
                    let number = u16::try_from(udp.len()).map_err(|_| BindError::TooMany)?;
                    let port = UdpPort::bind(number, listen.address).map_err(failed)?;
                    udp.push(Arc::new(port));
                    udp[usize::from(number)].address
                }
                Transport::Tls if config.tls.is_none() => return Err(BindError::NoCertificate(listen)),
                Transport::Tcp | Transport::Tls => {
                    let listener = socket::bind_tcp(listen.address)
                        .and_then(TcpListener::from_std)
                        .map_err(failed)?;
                    let address = listener.local_addr().map_err(failed)?;
                    unserved.push((listen.transport, listener));
                    address
                }
                Transport::Ws | Transport::Wss => return Err(BindError::NoListener(listen)),
            };
            listening.push(Listen {
                transport: listen.transport,
                address,
            });
        }
        let timers = config.timers;
        // Chance fills them unevenly; it shall be the whole that is full, and not one of them.
        let max_transactions = 2 * config.limits.transactions.div_ceil(usize::from(SHARDS));
        let alarm = Arc::new(Alarm::new());
        let shards = (0..SHARDS).map(|shard| {
            let layer = Layer::new(
                Settings {
                    shard,
                    timers,
                    max_transactions,
                },
                entropy()?,
            );
            Ok(Shard::new(layer, alarm.clone()))
        });
        Ok(Endpoint(Arc::new(Inner {
            node: config.node,
            clock,
            limits: config.limits,
            tls: config.tls,
            listening,
            udp,
            udp_threads: Mutex::default(),
            unserved: Mutex::new(unserved),
            shards: shards.collect::<Result<_, _>>()?,
            alarm,
            connections: Connections::new(config.node, config.limits, clock.now()),
            routes: Routes::default(),
            advertised: Advertised {
                external: config.external,
                local_networks: config.local_networks,
            },
            metrics: Metrics::default(),
            malformed: Notice::default(),
            sink: RwLock::new(None),
            services: Tasks::new(),
            connection_tasks: Tasks::new(),
        })))
    }

    /// Begins to receive, to accept connections and to keep timers, for `sink`.
    ///
    /// # Errors
    /// When the system gives no thread for a UDP listener.
    pub fn serve(&self, sink: Arc<dyn Sink<O>>) -> io::Result<()> {
        *self.0.sink.write() = Some(sink);
        for port in &self.0.udp {
            let thread = udp_thread::spawn(self.clone(), Arc::clone(port))?;
            self.0.udp_threads.lock().push(thread);
        }
        for (transport, listener) in std::mem::take(&mut *self.0.unserved.lock()) {
            let tls = match transport {
                Transport::Tls => self
                    .0
                    .tls
                    .as_ref()
                    .map(|tls| TlsAcceptor::from(Arc::clone(&tls.server))),
                Transport::Udp | Transport::Tcp | Transport::Ws | Transport::Wss => None,
            };
            self.0
                .services
                .spawn(stream::listen(self.clone(), transport, listener, tls));
        }
        self.0.services.spawn(keep_timers(self.clone()));
        Ok(())
    }

    /// The listening sockets with the ports that they really have, in the order of the configuration.
    pub fn listening(&self) -> &[Listen] {
        &self.0.listening
    }

    /// The address to name in Contact, Via and SDP towards the peer of a flow.
    pub fn advertised(&self, flow: &Flow) -> SocketAddr {
        self.0.advertised.to(flow)
    }

    /// Takes over a connection that the HTTP server is about to upgrade to a WebSocket, and carries it as soon as
    /// `upgrade` gives its stream; `transport` says whether it is encrypted.
    ///
    /// # Errors
    /// When there are too many connections, in all or of strangers from the peer's address.
    pub fn attach_web_socket<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
        &self,
        transport: Transport,
        local: SocketAddr,
        remote: SocketAddr,
        upgrade: impl Future<Output = io::Result<S>> + Send + 'static,
    ) -> Result<(), TooMany> {
        let attached = self.attach(transport, local, remote)?;
        self.spawn_connection(web_socket::serve(attached, upgrade));
        Ok(())
    }

    pub(crate) fn attach(
        &self,
        transport: Transport,
        local: SocketAddr,
        remote: SocketAddr,
    ) -> Result<Attached<O>, TooMany> {
        let now = self.0.clock.now();
        match self.0.connections.open(transport, local, remote, Opened::ByPeer, now) {
            Ok(connection) => Ok(Attached::new(self.clone(), connection)),
            Err(too_many) => {
                self.0.metrics.connections_refused.increment();
                Err(too_many)
            }
        }
    }

    /// Somebody has signed in on this flow: its connection no longer counts as a stranger's and may be idle for longer.
    pub fn authenticated(&self, flow: &FlowId) {
        if let Link::Connection(number) = flow.link {
            self.0.connections.authenticated(number, self.0.clock.now());
        }
    }

    /// Closes a connection at once, because its device was signed out for example.
    pub fn close(&self, flow: &FlowId) {
        if let Link::Connection(number) = flow.link
            && let Some(connection) = self.0.connections.find(number)
        {
            connection.outgoing.abort();
        }
    }

    /// What has been counted.
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// For how long more datagrams have come to some socket than were dealt with.
    pub fn behind(&self, now: Now) -> Duration {
        self.0.udp.iter().map(|port| port.behind(now)).max().unwrap_or_default()
    }

    /// How many transactions there are now, the lingering included.
    pub fn transactions(&self) -> usize {
        self.0.shards.iter().map(|shard| shard.tally().0).sum()
    }

    /// How many retransmissions were absorbed, and how many stray responses dropped, since the start.
    pub fn tally(&self) -> Tally {
        let tallies = self.0.shards.iter().map(|shard| shard.tally().1);
        tallies.fold(Tally::default(), |sum, tally| Tally {
            absorbed: sum.absorbed + tally.absorbed,
            strays: sum.strays + tally.strays,
        })
    }

    /// Lets what is written already leave, closes everything, and waits until all tasks have ended.
    ///
    /// The user has ended its calls before; requests without final response are forgotten without a word.
    pub async fn shutdown(&self) {
        self.0.connections.finish();
        let farewell = self.0.clock.instant(self.0.clock.now().tick + FAREWELL);
        // Whoever does not read in time loses the rest.
        let _ = timeout_at(farewell, self.0.connection_tasks.ended()).await;
        self.0.connection_tasks.stop().await;
        self.0.services.stop().await;
        self.stop_udp_threads().await;
        self.0.sink.write().take();
    }
}

impl<O> Endpoint<O> {
    pub(crate) fn node(&self) -> u16 {
        self.0.node
    }

    /// Counts what is no valid message, and says so once in a while.
    pub(crate) fn count_malformed(&self, transport: Transport, now: Now) {
        self.0.metrics.malformed.increment();
        if self.0.malformed.is_due(now) {
            let total = self.0.metrics.malformed.value();
            warn!(
                transport = transport.as_param(),
                total, "A message could not be read; it was refused or dropped."
            );
        }
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// How much is allowed.
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    pub(crate) fn tls(&self) -> Option<&Tls> {
        self.0.tls.as_ref()
    }

    pub(crate) fn udp(&self) -> &[Arc<UdpPort>] {
        &self.0.udp
    }

    pub(crate) fn connections(&self) -> &Connections {
        &self.0.connections
    }

    pub(crate) fn routes(&self) -> &Routes {
        &self.0.routes
    }

    pub(crate) fn shards(&self) -> &[Shard<O>] {
        &self.0.shards
    }

    /// Messages of one call, and of one registration, share a Call-ID and so a shard.
    pub(crate) fn shard_of(&self, call_id: &[u8]) -> &Shard<O> {
        let hash = call_id.iter().fold(FNV_OFFSET, |hash, &byte| {
            (hash ^ u32::from(byte)).wrapping_mul(FNV_PRIME)
        });
        &self.0.shards[hash as usize % self.0.shards.len()]
    }

    async fn stop_udp_threads(&self) {
        self.0.udp.iter().for_each(|port| port.close());
        let threads = std::mem::take(&mut *self.0.udp_threads.lock());
        // They contain their panics, and so does this.
        let _ = spawn_blocking(|| threads.into_iter().for_each(|thread| drop(thread.join()))).await;
    }

    pub(crate) fn sink(&self) -> Option<Arc<dyn Sink<O>>> {
        self.0.sink.read().clone()
    }

    pub(crate) fn spawn_connection(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.0.connection_tasks.spawn(task);
    }
}

impl<O> Clone for Endpoint<O> {
    fn clone(&self) -> Self {
        Endpoint(Arc::clone(&self.0))
    }
}

impl<O> fmt::Debug for Endpoint<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("listening", &self.0.listening)
            .finish_non_exhaustive()
    }
}

async fn keep_timers<O: Clone + Send + 'static>(endpoint: Endpoint<O>) {
    let alarm = &endpoint.0.alarm;
    loop {
        match alarm.at() {
            Some(at) => tokio::select! {
                () = alarm.earlier() => continue,
                () = sleep_until(endpoint.clock().instant(at)) => {}
            },
            None => {
                alarm.earlier().await;
                continue;
            }
        }
        let now = endpoint.clock().now();
        alarm.clear();
        for shard in endpoint.shards() {
            endpoint.carry_out(shard.let_time_pass(now), None, now);
        }
    }
}

fn entropy() -> Result<Entropy, BindError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|_| BindError::NoEntropy)?;
    Ok(Entropy::from_seed(seed))
}

const SHARDS: u8 = 16;
const FAREWELL: Duration = Duration::from_secs(1);
const FNV_OFFSET: u32 = 0x811c_9dc5;
const FNV_PRIME: u32 = 0x0100_0193;
