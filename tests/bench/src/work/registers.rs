//! Phones that register with digest: REGISTER, 401, REGISTER, 200; the registration is kept over a restart.

use std::time::Duration;

use anyhow::Result;

use super::{LINGERING, median};
use crate::{
    clock, process,
    report::Report,
    scale::Scale,
    server::Server,
    sipp::{Load, free_address, play, registering},
};

pub(crate) fn measure(scale: &Scale, report: &mut Report) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let server = Server::start(&scale.program, folder.path(), scale.registrations)?;
    let pid = server.pid();
    process::settle(pid, Duration::from_secs(10))?;
    let idle = process::memory_kb(pid)?;
    let from = free_address()?;
    let mut costs = Vec::new();
    let mut memory = None;
    for _ in 0..scale.runs {
        let before = process::cpu(pid)?;
        let outcome = play(
            &server,
            &Load {
                scenario: "register.xml",
                users: server.extensions().iter().map(registering).collect(),
                from,
                per_second: scale.registrations_per_second,
                count: scale.registrations,
            },
        )?;
        process::settle(pid, Duration::from_secs(20))?;
        report.failures("registrations", outcome);
        costs.push((process::cpu(pid)? - before).as_secs_f64() * 1e3 / f64::from(outcome.succeeded));
        // Later rounds refresh the same registrations.
        if memory.is_none() {
            if scale.awaits_the_end {
                clock::pause(LINGERING);
            }
            memory = Some(process::memory_kb(pid)?);
        }
    }
    let work = format!("REGISTER with digest, {} a second", scale.registrations_per_second);
    report.add(&work, "CPU ms", 0.1, median(costs));
    let added = memory.unwrap_or(idle).saturating_sub(idle) as f64 / 1024.0;
    let work = format!("memory of {} registrations", scale.registrations);
    report.add(&work, "MB", 15.0, added);
    Ok(())
}
