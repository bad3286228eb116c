//! `wigwag simulate carrier`: a make-believe carrier, commanded on standard input.

use anyhow::Context;
use serde::Serialize;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::mpsc,
};
use wigwag_simulator::{Account, Admission, Config, Console, Demand, Report, Simulator, Way};

use crate::{
    cli::{Carrier, Proof, Simulate},
    commands::say,
};

/// The ready line.
#[derive(Debug, Serialize)]
struct Ready {
    sip: Addresses,
}

#[derive(Debug, Serialize)]
struct Addresses {
    udp: String,
    tcp: String,
}

pub(crate) async fn run(command: Simulate) -> anyhow::Result<()> {
    let Simulate::Carrier(carrier) = command;
    let mut interrupt = signal(SignalKind::interrupt()).context("signals cannot be received")?;
    let mut terminate = signal(SignalKind::terminate()).context("signals cannot be received")?;
    let simulator = Simulator::start(config(&carrier)?).await?;
    say(&ready(&simulator, carrier.json)?);
    let console = Console::new(&simulator, carrier.exchange.map(Way::Udp));
    tokio::select! {
        () = console.run(commands()?, |report| tell(&report, carrier.json)) => {}
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    simulator.shutdown().await;
    Ok(())
}

/// The lines of standard input. They are read by a thread of their own, which waits when they are not taken: a task
/// that waits for a person would keep the process from ending.
fn commands() -> anyhow::Result<mpsc::Receiver<String>> {
    const MOST_WAITING: usize = 64;
    let (give, commands) = mpsc::channel(MOST_WAITING);
    let read = move || {
        let lines = std::io::stdin().lines().map_while(Result::ok);
        // Nobody takes any more once the carrier ends.
        let _ = lines.map(|line| give.blocking_send(line)).find(Result::is_err);
    };
    std::thread::Builder::new()
        .name("commands".to_owned())
        .spawn(read)
        .context("no thread for the commands")?;
    Ok(commands)
}

fn config(carrier: &Carrier) -> anyhow::Result<Config> {
    let accounts = carrier.account.iter().map(|account| {
        let (username, password) = account.split_once(':').context("an account is NAME:PASSWORD")?;
        Ok(Account::new(username, password))
    });
    let admission = match (carrier.proof, carrier.source.is_empty()) {
        (Some(Proof::Unauthorized), _) => Admission::Proof(Demand::Unauthorized),
        (Some(Proof::ProxyAuthentication), _) => Admission::Proof(Demand::ProxyAuthentication),
        (None, true) => Admission::Anybody,
        (None, false) => Admission::Sources(carrier.source.clone()),
    };
    Ok(Config {
        listen: carrier.listen,
        domain: carrier.domain.clone(),
        admission,
        accounts: accounts.collect::<anyhow::Result<_>>()?,
        ..Config::default()
    })
}

fn ready(simulator: &Simulator, json: bool) -> anyhow::Result<String> {
    let (udp, tcp) = (simulator.udp().to_string(), simulator.tcp().to_string());
    if json {
        let sip = Addresses { udp, tcp };
        return Ok(format!("{}\n", serde_json::to_string(&Ready { sip })?));
    }
    Ok(format!(
        "A make-believe carrier takes calls at {udp} (UDP) and {tcp} (TCP).\n\
         What happens is chosen by the last two digits of the number; docs/operations.md has the table.\n\
         Commands: call --to NUMBER --over udp:ADDRESS, hang-up 1, press 1 12#, hear 1, down, up, seen, quit.\n"
    ))
}

fn tell(report: &Report, json: bool) {
    if json {
        match serde_json::to_string(report) {
            Ok(line) => say(&format!("{line}\n")),
            Err(error) => tracing::error!(%error, "a report cannot be written"),
        }
    } else {
        say(&format!("{report}\n"));
    }
}
