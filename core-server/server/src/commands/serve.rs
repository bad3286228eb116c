//! `wigwag serve`: run the exchange until somebody ends it.

use std::{net::SocketAddr, path::Path, time::Duration};

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};
use tracing::info;

use crate::{
    assemble::Server,
    cli::Serve,
    commands::{open_store, say},
    config::Config,
    data_folder::DataFolder,
    demo::Demo,
    demo_carrier::DemoCarrier,
    present, ready,
};

/// How long running calls may go on once somebody has asked the server to end.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) async fn run(data: &Path, mut config: Config, serve: &Serve) -> anyhow::Result<()> {
    listen(&mut config, serve);
    config.check()?;
    let _alone = DataFolder::lock(data)?;
    let mut entropy = present::entropy()?;
    let store = open_store(data, &config, &mut entropy).await?;
    let demo = match serve.demo {
        true => Some(Demo::prepare(&store, serve.into(), present::utc(), &mut entropy).await?),
        false => None,
    };
    let carrier = match demo.iter().flat_map(|demo| &demo.extensions).next() {
        Some((extension, _)) if !serve.demo_alone => {
            let sip = config.sip.udp.first().map(SocketAddr::ip);
            Some(DemoCarrier::start(&store, sip, extension, present::utc(), &mut entropy).await?)
        }
        Some(_) | None => None,
    };
    let mut interrupt = signal(SignalKind::interrupt()).context("signals cannot be received")?;
    let mut terminate = signal(SignalKind::terminate()).context("signals cannot be received")?;
    let server = Server::start(data, &config, store, entropy).await?;
    info!("the server is ready");
    say(&if serve.json {
        ready::json(&server, &config, demo.as_ref(), carrier.as_ref())?
    } else {
        ready::page(&server, &config, demo.as_ref(), carrier.as_ref())
    });
    // Whoever sits before it and presses Ctrl-C wants it to end now; a service manager gives calls time.
    let patience = tokio::select! {
        _ = interrupt.recv() => Duration::ZERO,
        _ = terminate.recv() => if serve.demo { Duration::ZERO } else { PATIENCE },
    };
    info!(patience_s = patience.as_secs(), "the server ends");
    tokio::select! {
        () = server.stop(patience) => info!("the server has ended"),
        _ = interrupt.recv() => info!("the server ends without waiting any longer"),
    }
    if let Some(carrier) = carrier {
        carrier.stop().await;
    }
    Ok(())
}

fn listen(config: &mut Config, serve: &Serve) {
    if serve.demo && serve.sip.is_empty() && config.sip == Default::default() {
        config.sip.listen_on(&[SocketAddr::from(([127, 0, 0, 1], 5060))]);
    }
    if !serve.sip.is_empty() {
        config.sip.listen_on(&serve.sip);
    }
    if let Some(http) = serve.http {
        config.http.listen = http;
    }
    if serve.https.is_some() {
        config.http.tls = serve.https;
    }
}
