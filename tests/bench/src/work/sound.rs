//! Sound in both directions through anchored calls, and through a bare relay in the same run.

use std::time::Duration;

use anyhow::Result;

use crate::{
    load::{Dialog, Leg, Measured, Phones, run},
    process,
    relay::Relay,
    report::Report,
    scale::Scale,
    server::Server,
};

/// What the issue aims at: µs of processor time a packet, and the one-way delay's p99 in ms.
fn aims(calls: u32) -> (f64, Option<f64>) {
    match calls {
        ..=50 => (13.0, None),
        51..=200 => (9.0, Some(0.6)),
        201.. => (9.0, Some(1.2)),
    }
}

pub(crate) fn measure(scale: &Scale, report: &mut Report) -> Result<()> {
    let window = Duration::from_secs(scale.window_secs);
    for &calls in scale.sounding {
        let floor = relayed(calls, window)?;
        let (ours, memory_kb) = anchored(scale, calls, window)?;
        let (cpu, p99) = aims(calls);
        report.add_over(
            &format!("relayed packet, {calls} calls"),
            "CPU µs",
            cpu,
            per_packet(ours),
            per_packet(floor),
        );
        let work = format!("one-way delay, p99, {calls} calls");
        let ms = |us: u32| f64::from(us) / 1e3;
        match p99 {
            Some(aim) => report.add_over(&work, "ms", aim, ms(ours.p99), ms(floor.p99)),
            None => report.note(&format!(
                "{work}: {:.2} ms, bare relay {:.2} ms",
                ms(ours.p99),
                ms(floor.p99)
            )),
        }
        report.note(&format!(
            "{calls} calls: delay p50 {:.2} ms (bare relay {:.2}), {} of {} packets lost",
            ms(ours.p50),
            ms(floor.p50),
            ours.sent.saturating_sub(ours.received),
            ours.sent
        ));
        if Some(&calls) == scale.sounding.last() {
            let work = format!("memory of an anchored call, {calls} calls");
            report.add(&work, "kB", 60.0, memory_kb / f64::from(calls));
        }
    }
    Ok(())
}

fn per_packet(measured: Measured) -> f64 {
    measured.cpu.as_secs_f64() * 1e6 / measured.received.max(1) as f64
}

fn relayed(calls: u32, window: Duration) -> Result<Measured> {
    let relay = Relay::start(calls, window + Duration::from_secs(10))?;
    let mut legs = Vec::new();
    for port in &relay.ports {
        let mut leg = Leg::new()?;
        leg.send_to(*port);
        legs.push(leg);
    }
    run(&mut legs, window, relay.pid())
}

/// What was measured, and the kB that the calls added.
fn anchored(scale: &Scale, calls: u32, window: Duration) -> Result<(Measured, f64)> {
    let folder = tempfile::tempdir()?;
    // An extension takes two calls at a time.
    let server = Server::start(&scale.program, folder.path(), calls.max(2))?;
    let mut phones = Phones::new(&server)?;
    let pairs = server.pairs();
    for pair in &pairs {
        phones.register(&pair.callee)?;
    }
    process::settle(server.pid(), Duration::from_secs(10))?;
    let idle = process::memory_kb(server.pid())?;
    let mut legs = Vec::new();
    let mut dialogs: Vec<Dialog> = Vec::new();
    for pair in pairs.iter().cycle().take(usize::try_from(calls)?) {
        let (mut caller, mut callee) = (Leg::new()?, Leg::new()?);
        let dialog = phones.call(pair, [caller.address(), callee.address()])?;
        caller.send_to(dialog.sound[0]);
        callee.send_to(dialog.sound[1]);
        legs.extend([caller, callee]);
        dialogs.push(dialog);
    }
    let measured = run(&mut legs, window, server.pid())?;
    for dialog in &dialogs {
        phones.hang_up(dialog)?;
    }
    Ok((measured, measured.memory_kb.saturating_sub(idle) as f64))
}
