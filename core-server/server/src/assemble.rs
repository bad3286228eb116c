//! The one place that knows everybody: makes all parts, joins them, and takes them apart in the right order.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::Path,
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use tracing::{info, warn};
use wigwag_api::{ApiParts, ApiSettings, ApiState};
use wigwag_jobs::Jobs;
use wigwag_media::{MediaConfig, PortRange, Ports};
use wigwag_model::api::{SipServer, SipTransport};
use wigwag_sansio::{Entropy, Secret};
use wigwag_sip_io::{Clock, Config as SipConfig, Endpoint, External, Limits, Listen, Transport};
use wigwag_store::{Store, journal::Journal, trace::Traces};
use wigwag_switch::{Owner, Parts, Switch, SwitchConfig};

use crate::{
    certificate,
    config::{Config, MediaSection, SipSection},
    keeping::Keeping,
    limits,
    present::{self, ApiClock},
    switch_port::LocalSwitch,
    web::{LocalSip, Web, WebListeners},
};

/// A running server.
pub(crate) struct Server {
    switch: Switch,
    jobs: Jobs,
    store: Store,
    http: SocketAddr,
    https: Option<SocketAddr>,
    listening: Vec<Listen>,
    web: Web,
    /// Ends last: everything before it writes to it.
    _journal: Arc<Journal>,
}

impl Server {
    /// Starts everything on an open store.
    pub(crate) async fn start(
        data: &Path,
        config: &Config,
        store: Store,
        mut entropy: Entropy,
    ) -> anyhow::Result<Self> {
        let files = limits::raise_open_files().context("the limit of open files cannot be read")?;
        if files < limits::WANTED_FILES {
            warn!(
                files,
                wanted = limits::WANTED_FILES,
                "few files may be open: that many calls less are possible"
            );
        }
        let journal = Journal::open(&data.join("journal"), present::utc).context("the journal cannot be opened")?;
        let journal = Arc::new(journal);
        let interrupted = wigwag_jobs::recover(&store, &journal)
            .await
            .context("the journal cannot be read")?;
        if interrupted > 0 {
            info!(
                interrupted,
                "calls that were running when the server ended last are closed"
            );
        }
        let traces = Arc::new(Traces::open(
            &data.join("traces"),
            present::utc,
            config.retention.of_traces(),
        )?);
        let jobs = Jobs::start(&store, &journal, present::utc, config.retention.of_jobs());
        let keeping = Keeping {
            journal: journal.writer(),
            history: jobs.history(),
            traces: traces.clone(),
        };
        let clock = Clock::start();
        let endpoint = Endpoint::<Owner>::bind(sip_config(data, config)?, clock)?;
        let https = match config.http.tls {
            Some(address) => Some((address, certificate::load_https(data, &config.http, &config.sip)?)),
            None => None,
        };
        let listeners = WebListeners::bind(config.http.listen, https).await?;
        let (http, https) = (listeners.http_address, listeners.https_address);
        let listening = [endpoint.listening().to_vec(), listeners.sip()].concat();
        let sip = Arc::new(LocalSip(endpoint.clone()));
        let pins = Arc::default();
        let switch = Switch::start(Parts {
            config: SwitchConfig {
                domain: config.sip.domain.as_str().into(),
                hosts: vec!["localhost".into()],
                listening: listening.clone(),
            },
            clock,
            endpoint,
            media: media_config(&config.media, &config.sip),
            store: store.clone(),
            journal: journal.writer(),
            traces,
            entropy: entropy.fork(),
            pins: Arc::clone(&pins),
        })
        .await?;
        let port = Arc::new(LocalSwitch {
            switch: switch.clone(),
            keeping,
        });
        let api = ApiState::new(ApiParts {
            store: store.clone(),
            switch: port,
            clock: Arc::new(ApiClock(clock)),
            entropy: entropy.fork(),
            pins,
            settings: api_settings(config, &listening),
        });
        let web = listeners.serve(&wigwag_api::router(api, sip));
        Ok(Server {
            switch,
            jobs,
            store,
            http,
            https,
            listening,
            web,
            _journal: journal,
        })
    }

    /// Where HTTP is served.
    pub(crate) fn http(&self) -> SocketAddr {
        self.http
    }

    /// Where HTTPS is served, if it is.
    pub(crate) fn https(&self) -> Option<SocketAddr> {
        self.https
    }

    /// Where SIP is served over `transport`, first.
    pub(crate) fn sip(&self, transport: Transport) -> Option<SocketAddr> {
        self.listening
            .iter()
            .find(|listen| listen.transport == transport)
            .map(|listen| listen.address)
    }

    /// Ends calls, writes what is to be written, and stops.
    pub(crate) async fn stop(self, patience: Duration) {
        self.switch.shutdown(patience).await;
        self.web.stop().await;
        self.jobs.stop().await;
        self.store.close().await;
    }
}

fn sip_config(data: &Path, config: &Config) -> anyhow::Result<SipConfig> {
    let SipSection { udp, tcp, tls, .. } = &config.sip;
    let of = |transport: Transport, addresses: &[SocketAddr]| -> Vec<Listen> {
        addresses
            .iter()
            .map(|address| Listen {
                transport,
                address: *address,
            })
            .collect()
    };
    let listen = [
        of(Transport::Udp, udp),
        of(Transport::Tcp, tcp),
        of(Transport::Tls, tls),
    ]
    .concat();
    Ok(SipConfig {
        listen,
        tls: if tls.is_empty() {
            None
        } else {
            Some(certificate::load(data, &config.sip)?)
        },
        external: External {
            v4: config.network.external_v4,
            v6: config.network.external_v6,
        },
        local_networks: config.network.local_networks.clone(),
        limits: Limits {
            transactions: config.sip.transactions,
            ..Limits::default()
        },
        ..SipConfig::default()
    })
}

/// Sound is carried where SIP is served.
fn media_config(media: &MediaSection, sip: &SipSection) -> MediaConfig {
    let defaults = MediaConfig::default();
    let range = media.port_range().expect("the configuration has been checked");
    let ports = range
        .and_then(|(first, last)| PortRange::new(first, last).ok())
        .map_or(Ports::Any, Ports::Range);
    let ips: Vec<IpAddr> = sip
        .udp
        .iter()
        .chain(&sip.tcp)
        .chain(&sip.tls)
        .map(SocketAddr::ip)
        .collect();
    let v4 = |ip: &IpAddr| if let IpAddr::V4(ip) = ip { Some(*ip) } else { None };
    let v6 = |ip: &IpAddr| if let IpAddr::V6(ip) = ip { Some(*ip) } else { None };
    let v4s: Vec<Ipv4Addr> = ips.iter().filter_map(v4).collect();
    let v6s: Vec<Ipv6Addr> = ips.iter().filter_map(v6).collect();
    MediaConfig {
        ports,
        bind_v4: one_of(&v4s, Ipv4Addr::UNSPECIFIED),
        bind_v6: one_of(&v6s, Ipv6Addr::UNSPECIFIED),
        threads: if media.threads == 0 {
            defaults.threads
        } else {
            media.threads
        },
        dscp: media.dscp,
        ..defaults
    }
}

/// The one address, all of them when there are several, nothing when there is none.
fn one_of<A: Copy + PartialEq>(addresses: &[A], all: A) -> Option<A> {
    let first = *addresses.first()?;
    Some(if addresses.iter().all(|address| *address == first) {
        first
    } else {
        all
    })
}

fn api_settings(config: &Config, listening: &[Listen]) -> ApiSettings {
    let host = |address: IpAddr| {
        let external = match address {
            IpAddr::V4(_) => config.network.external_v4.map(IpAddr::V4),
            IpAddr::V6(_) => config.network.external_v6.map(IpAddr::V6),
        };
        match external {
            Some(external) => external.to_string(),
            None if address.is_unspecified() => config.sip.domain.clone(),
            None => address.to_string(),
        }
    };
    let server = |listen: &Listen| {
        let transport = match listen.transport {
            Transport::Udp => SipTransport::Udp,
            Transport::Tcp => SipTransport::Tcp,
            Transport::Tls => SipTransport::Tls,
            Transport::Ws => SipTransport::Ws,
            Transport::Wss => SipTransport::Wss,
        };
        SipServer::new(transport, host(listen.address.ip()), listen.address.port())
    };
    let mut sip_servers: Vec<SipServer> = listening.iter().map(server).collect();
    sip_servers.sort_by_key(|server| !server.encrypted);
    let proxy = listening.iter().find(|listen| listen.transport == Transport::Udp);
    ApiSettings {
        sip_domain: config.sip.domain.clone(),
        sip_servers,
        outbound_proxy: proxy
            .map(|listen| format!("{}:{}", bracketed(&host(listen.address.ip())), listen.address.port())),
        trusted_proxies: Vec::new(),
        web_origins: config.http.web_origins.clone(),
        metrics_token: config.http.metrics_token.clone().map(Secret::new),
    }
}

fn bracketed(host: &str) -> String {
    if host.contains(':') {
        format!("[{host}]")
    } else {
        host.to_owned()
    }
}
