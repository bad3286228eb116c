//! The carrier as its owner has it.

use std::{
    collections::BTreeMap,
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use thiserror::Error;
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};
use wigwag_media::{MediaConfig, MediaEvent, MediaPlane, Ports};
use wigwag_sansio::Entropy;
use wigwag_sip::wire::Host;
use wigwag_sip_io::{BindError, Clock, Endpoint, Listen, Transport};

use crate::{
    agent::Agent,
    call_in::{CallError, CallIn},
    condition::Condition,
    config::Config,
    door::Door,
    gate::Gate,
    handle::CallHandle,
    mail::{MOST_MAIL, Mail, Owner},
    registrar::Registrar,
    seen::{SeenCall, SeenLog, Sightings},
};

/// A make-believe carrier. When it is dropped it ends by itself; [`Simulator::shutdown`] waits for that.
#[derive(Debug)]
pub struct Simulator {
    udp: SocketAddr,
    tcp: SocketAddr,
    clock: Clock,
    gate: Arc<Gate>,
    log: SeenLog,
    registrar: Registrar,
    post: mpsc::Sender<Mail>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

/// Why a carrier does not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// Its domain is no host name.
    #[error("the carrier's domain is no host name")]
    Domain,
    /// A socket cannot be bound.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// The system gives no thread for a socket.
    #[error("no thread for a socket")]
    Thread(#[source] io::Error),
    /// The media plane does not start.
    #[error("the carrier's sound does not start")]
    Media(#[from] wigwag_media::StartError),
    /// The system gives no random numbers.
    #[error("no random numbers")]
    NoEntropy,
}

impl Simulator {
    /// Starts a carrier: it takes calls when this returns.
    ///
    /// # Errors
    /// When the configuration makes no sense, or the system lacks something.
    pub async fn start(config: Config) -> Result<Simulator, StartError> {
        let domain = Host::parse(&config.domain).map_err(|_| StartError::Domain)?;
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|_| StartError::NoEntropy)?;
        let mut entropy = Entropy::from_seed(seed);
        let clock = Clock::start();
        let endpoint = Endpoint::<Owner>::bind(sip(config.listen), clock)?;
        let address = |transport| {
            let mut listening = endpoint.listening().iter();
            let listen = listening.find(|listen| listen.transport == transport);
            listen.expect("it listens for UDP and TCP").address
        };
        let (udp, tcp) = (address(Transport::Udp), address(Transport::Tcp));
        let (post, mail) = mpsc::channel(MOST_MAIL);
        let plane = MediaPlane::start(sound(config.listen.ip()), entropy.fork(), tell(post.clone()))?;
        let (log, registrar) = (SeenLog::new(), Registrar::new());
        let door = Door::new(&config, entropy.fork());
        let gate = Arc::new(Gate::new(door, log.clone(), clock, post.clone()));
        endpoint.serve(gate.clone()).map_err(StartError::Thread)?;
        let agent = Agent {
            domain,
            most_calls: config.calls,
            endpoint,
            plane,
            clock,
            entropy,
            registrar: registrar.clone(),
            log: log.clone(),
            post: post.clone(),
            legs: BTreeMap::new(),
            last: 0,
        };
        let (stop, stopped) = oneshot::channel();
        Ok(Simulator {
            udp,
            tcp,
            clock,
            gate,
            log,
            registrar,
            post,
            stop,
            task: tokio::spawn(agent.run(mail, stopped)),
        })
    }

    /// Where it listens for UDP.
    #[must_use]
    pub fn udp(&self) -> SocketAddr {
        self.udp
    }

    /// Where it listens for TCP.
    #[must_use]
    pub fn tcp(&self) -> SocketAddr {
        self.tcp
    }

    /// Is well from now on, or fails in some way.
    pub fn set_condition(&self, condition: Condition) {
        self.gate.set_condition(condition);
    }

    /// The last 1000 calls that have come in, the oldest first; those that it has not let in are not among them.
    #[must_use]
    pub fn seen(&self) -> Vec<SeenCall> {
        self.log.all()
    }

    /// The calls that have come in, and all that come in or change from now on.
    #[must_use]
    pub fn sightings(&self) -> Sightings {
        self.log.sightings()
    }

    /// Waits until it has seen a call as wanted.
    pub async fn sees(&self, wanted: impl Fn(&SeenCall) -> bool) -> SeenCall {
        let mut sightings = self.log.sightings();
        loop {
            match sightings.next().await {
                Some(call) if wanted(&call) => return call,
                Some(_) => {}
                // The log is there as long as the carrier.
                None => std::future::pending().await,
            }
        }
    }

    /// Whether the account is registered.
    #[must_use]
    pub fn is_registered(&self, account: &str) -> bool {
        self.registrar.binding(account, self.clock.now().tick).is_some()
    }

    /// Waits until the account is registered.
    pub async fn registered(&self, account: &str) {
        let mut bindings = self.registrar.subscribe();
        // The registrar is there as long as the carrier.
        let _ = bindings.wait_for(|_| self.is_registered(account)).await;
    }

    /// Calls an exchange; the INVITE has left when this returns.
    ///
    /// # Errors
    /// When there is no way to make that call.
    pub async fn call(&self, call: CallIn) -> Result<CallHandle, CallError> {
        let (reply, made) = oneshot::channel();
        let letter = Mail::Call(Box::new(call), reply);
        self.post.send(letter).await.map_err(|_| CallError::Ended)?;
        made.await.map_err(|_| CallError::Ended)?
    }

    /// Hangs up all calls, gives back all ports, and waits until that is done.
    pub async fn shutdown(self) {
        // It may have ended.
        let _ = self.stop.send(());
        let _ = self.task.await;
    }
}

fn sip(address: SocketAddr) -> wigwag_sip_io::Config {
    let transports = [Transport::Udp, Transport::Tcp];
    let listen = transports.map(|transport| Listen { transport, address });
    wigwag_sip_io::Config {
        listen: listen.into(),
        ..wigwag_sip_io::Config::default()
    }
}

fn sound(address: IpAddr) -> MediaConfig {
    let (bind_v4, bind_v6) = match address {
        IpAddr::V4(address) => (Some(address), None),
        IpAddr::V6(address) => (None, Some(address)),
    };
    MediaConfig {
        ports: Ports::Any,
        bind_v4,
        bind_v6,
        threads: 1,
        ..MediaConfig::default()
    }
}

/// Hands on what the task has a use for; a key that does not fit is lost.
fn tell(post: mpsc::Sender<Mail>) -> impl Fn(MediaEvent) + Send + Sync + 'static {
    move |event| {
        if matches!(event, MediaEvent::Dtmf { .. } | MediaEvent::Played { .. }) {
            let _ = post.try_send(Mail::Media(event));
        }
    }
}
