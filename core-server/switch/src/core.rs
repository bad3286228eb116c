//! What all parts of the switch share.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use parking_lot::{Mutex, RwLock};
use tokio::sync::SetOnce;
use tracing::debug;
use wigwag_media::MediaPlane;
use wigwag_model::TenantId;
use wigwag_pbx::{Directory, ParkingLot, guard::PinGuard, registrar::Reach};
use wigwag_sansio::Entropy;
use wigwag_sip::{
    gruu::GruuKey,
    transaction::ServerKey,
    wire::{
        Host, Response, Scheme, SipUri,
        header::{Contact, NameAddr},
    },
};
use wigwag_sip_io::{Clock, Endpoint, Transport};
use wigwag_store::{journal::JournalWriter, trace::Traces};

use crate::{
    arrivals::Arrivals,
    calls::Table,
    config::SwitchConfig,
    crowd::Crowd,
    gate::Gate,
    gateways,
    hosts::Hosts,
    lines::Lines,
    metrics::Metrics,
    owner::{CallNumber, Owner},
    reach,
    registrations::Registrations,
    snapshots::Snapshots,
    subscriptions::Subscriptions,
    texts::Texts,
};

/// The switch's state and its connections to the outside.
pub(crate) struct Core {
    pub(crate) clock: Clock,
    pub(crate) config: SwitchConfig,
    pub(crate) directory: RwLock<Directory>,
    /// Set when the directory and what was registered and subscribed before the start are there.
    pub(crate) loaded: SetOnce<()>,
    pub(crate) arrivals: Arrivals,
    pub(crate) snapshots: Snapshots,
    pub(crate) registrations: Registrations,
    pub(crate) subscriptions: Subscriptions,
    pub(crate) texts: Texts,
    pub(crate) hosts: Hosts,
    pub(crate) gate: Gate,
    pub(crate) gruus: GruuKey,
    pub(crate) crowd: Crowd,
    pub(crate) calls: Arc<Table>,
    pub(crate) lines: Lines,
    /// Which calls are parked where, in each company.
    pub(crate) parking: Mutex<HashMap<TenantId, ParkingLot<CallNumber>>>,
    pub(crate) media: MediaPlane,
    pub(crate) journal: JournalWriter,
    pub(crate) traces: Arc<Traces>,
    pub(crate) endpoint: Endpoint<Owner>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) entropy: Mutex<Entropy>,
    /// Whoever loads the gateways anew.
    pub(crate) gateways_turn: tokio::sync::Mutex<()>,
    /// Who guesses PINs.
    pub(crate) pins: Arc<Mutex<PinGuard>>,
    /// For what calls want done that takes its time; they run on threads of their own.
    pub(crate) runtime: tokio::runtime::Handle,
    /// Lines to the outside.
    pub(crate) outside: gateways::Lines,
    pub(crate) draining: AtomicBool,
}

impl Core {
    /// Whether new calls are refused because the server is shutting down.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// Answers a request; a transaction that has ended meanwhile needs no answer.
    pub(crate) fn respond(&self, key: ServerKey, response: Response) {
        if self.endpoint.respond(key, response).is_err() {
            debug!("an answer came too late for its transaction");
        }
    }

    /// The domain of all SIP addresses.
    pub(crate) fn domain(&self) -> Host {
        Host::parse(&self.config.domain).expect("the configured domain is a host name")
    }

    /// The address at which a phone sees us.
    pub(crate) fn advertised(&self, reach: &Reach) -> IpAddr {
        self.endpoint.advertised(&reach::flow(reach)).ip()
    }

    /// Where a phone that is reached so sends its requests of a dialog to.
    pub(crate) fn contact(&self, reach: &Reach) -> Contact {
        self.contact_as("wigwag", reach)
    }

    /// The same for somebody who knows us as `user`.
    pub(crate) fn contact_as(&self, user: &str, reach: &Reach) -> Contact {
        let address = self.endpoint.advertised(&reach::flow(reach));
        let transport = reach::transport(reach);
        let uri = SipUri::new(Scheme::Sip, host(address))
            .with_user(user)
            .with_port(Some(address.port()));
        let uri = match transport {
            Transport::Udp => uri,
            Transport::Tcp | Transport::Tls | Transport::Ws => uri.with_param("transport", Some(transport.as_param())),
            // A URI knows one word for both (RFC 7118 §5.2.2).
            Transport::Wss => uri.with_param("transport", Some(Transport::Ws.as_param())),
        };
        Contact::new(NameAddr::new(uri))
    }
}

fn host(address: SocketAddr) -> Host {
    match address.ip() {
        IpAddr::V4(ip) => Host::V4(ip),
        IpAddr::V6(ip) => Host::V6(ip),
    }
}
