//! The HTTP listeners, and how they hand over the connections of phones in browsers.

use std::net::SocketAddr;

use anyhow::Context;
use axum::Router;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use wigwag_api::{Https, NoRoom, SipLine, SipPort};
use wigwag_sip_io::{Endpoint, Listen, Transport};
use wigwag_switch::Owner;

/// Bound, but not yet served.
pub(crate) struct WebListeners {
    http: TcpListener,
    https: Option<(TcpListener, Https)>,
    pub(crate) http_address: SocketAddr,
    pub(crate) https_address: Option<SocketAddr>,
}

/// The HTTP servers that run.
pub(crate) struct Web {
    stop: watch::Sender<()>,
    tasks: Vec<JoinHandle<()>>,
}

impl WebListeners {
    /// Listens on `http`, and on `https` where that is wanted.
    pub(crate) async fn bind(http: SocketAddr, https: Option<(SocketAddr, Https)>) -> anyhow::Result<Self> {
        let (http, http_address) = bind(http, "http").await?;
        let mut listeners = WebListeners {
            http,
            https: None,
            http_address,
            https_address: None,
        };
        if let Some((address, certificate)) = https {
            let (listener, address) = bind(address, "https").await?;
            listeners.https = Some((listener, certificate));
            listeners.https_address = Some(address);
        }
        Ok(listeners)
    }

    /// Where SIP over WebSockets is served.
    pub(crate) fn sip(&self) -> Vec<Listen> {
        let ws = Some((Transport::Ws, self.http_address));
        let wss = self.https_address.map(|address| (Transport::Wss, address));
        let both = ws.into_iter().chain(wss);
        both.map(|(transport, address)| Listen { transport, address }).collect()
    }

    /// Begins to serve.
    pub(crate) fn serve(self, router: &Router) -> Web {
        let stop = watch::Sender::new(());
        let http = std::iter::once((self.http, None));
        let https = self.https.map(|(listener, certificate)| (listener, Some(certificate)));
        let tasks = http.chain(https).map(|(listener, certificate)| {
            let mut stopping = stop.subscribe();
            tokio::spawn(wigwag_api::serve(listener, certificate, router.clone(), async move {
                // A dropped sender stops the server as well.
                let _ = stopping.changed().await;
            }))
        });
        Web {
            tasks: tasks.collect(),
            stop,
        }
    }
}

impl Web {
    /// Lets running requests finish and stops.
    pub(crate) async fn stop(self) {
        drop(self.stop);
        for task in self.tasks {
            // A server that has stopped by itself has nothing to say.
            let _ = task.await;
        }
    }
}

async fn bind(address: SocketAddr, scheme: &str) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {scheme}://{address}"))?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// The SIP endpoint of this process.
pub(crate) struct LocalSip(pub(crate) Endpoint<Owner>);

impl SipPort for LocalSip {
    fn attach(&self, line: SipLine) -> Result<(), NoRoom> {
        let transport = if line.encrypted { Transport::Wss } else { Transport::Ws };
        self.0
            .attach_web_socket(transport, line.local, line.remote, line.stream)
            .map_err(|_| NoRoom)
    }
}
