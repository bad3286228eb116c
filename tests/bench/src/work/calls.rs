//! Complete calls without sound: INVITE with digest, 180, 200, ACK, BYE; media anchored, history and ladder kept.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Result, ensure};
use tempfile::TempDir;

use super::{LINGERING, median};
use crate::{
    clock, process,
    report::Report,
    scale::Scale,
    server::{Pair, Server},
    sipp::{Answering, Load, Outcome, answer, calling, free_address, play, registering},
};

/// Processor time of one call.
pub(crate) fn cost(scale: &Scale, report: &mut Report) -> Result<()> {
    let exchange = Exchange::start(scale)?;
    let pid = exchange.server.pid();
    let mut costs = Vec::new();
    let begin = process::cpu(pid)?;
    let mut calls = 0;
    for _ in 0..scale.runs {
        let before = process::cpu(pid)?;
        let outcome = exchange.call(scale.calls_per_second, scale.calls)?;
        process::settle(pid, Duration::from_secs(20))?;
        report.failures("calls", outcome);
        calls += outcome.succeeded;
        costs.push((process::cpu(pid)? - before).as_secs_f64() * 1e3 / f64::from(outcome.succeeded));
    }
    if scale.awaits_the_end {
        clock::pause(LINGERING);
    }
    report.add("call with digest, history and ladder", "CPU ms", 0.5, median(costs));
    let whole = (process::cpu(pid)? - begin).as_secs_f64() * 1e3 / f64::from(calls);
    report.note(&format!("a call with the 32 s after its end: {whole:.3} CPU ms"));
    Ok(())
}

/// The highest rate at which no call fails.
pub(crate) fn rate(scale: &Scale, report: &mut Report) -> Result<()> {
    let exchange = Exchange::start(scale)?;
    let mut highest = 0;
    for per_second in scale.rates {
        let outcome = exchange.call(*per_second, scale.calls_at_each_rate)?;
        eprintln!("{per_second} calls a second: {outcome:?}");
        if outcome.failed > 0 {
            report.note(&format!(
                "{per_second} calls a second: {} of {} failed, {} retransmissions",
                outcome.failed, scale.calls_at_each_rate, outcome.retransmissions
            ));
            break;
        }
        highest = *per_second;
        process::settle(exchange.server.pid(), Duration::from_secs(20))?;
    }
    let work = format!("highest call rate, {} calls without failure", scale.calls_at_each_rate);
    report.add_at_least(&work, "per second", 1_000.0, f64::from(highest));
    Ok(())
}

/// A server whose callees are registered and answer.
struct Exchange {
    server: Server,
    pairs: Vec<Pair>,
    from: SocketAddr,
    _callees: Answering,
    _folder: TempDir,
}

impl Exchange {
    fn start(scale: &Scale) -> Result<Exchange> {
        let folder = tempfile::tempdir()?;
        let server = Server::start(&scale.program, folder.path(), scale.pairs * 2)?;
        let pairs = server.pairs();
        let callees = free_address()?;
        let registered = play(
            &server,
            &Load {
                scenario: "register.xml",
                users: pairs.iter().map(|pair| registering(&pair.callee)).collect(),
                from: callees,
                per_second: 200,
                count: scale.pairs,
            },
        )?;
        ensure!(registered.failed == 0, "not all callees can register");
        Ok(Exchange {
            _callees: answer(folder.path(), callees)?,
            server,
            pairs,
            from: free_address()?,
            _folder: folder,
        })
    }

    fn call(&self, per_second: u32, count: u32) -> Result<Outcome> {
        play(
            &self.server,
            &Load {
                scenario: "caller.xml",
                users: self.pairs.iter().map(calling).collect(),
                from: self.from,
                per_second,
                count,
            },
        )
    }
}
