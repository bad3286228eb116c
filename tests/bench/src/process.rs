//! What a process has used, as the kernel counts it.

use std::{fs, time::Duration};

use anyhow::{Context, Result};
use nix::unistd::{SysconfVar, sysconf};

use crate::clock;

/// A process is quiet when it uses less than this share of a core.
const QUIET: f64 = 0.015;
/// Over how long that is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// The processor time of a process in user and kernel mode.
pub(crate) fn cpu(pid: u32) -> Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).context("the process is gone")?;
    // The second field is a name in parentheses that may hold spaces.
    let (_, fields) = stat.rsplit_once(')').context("/proc/PID/stat has a name")?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let ticks = |index: usize| fields[index].parse::<u64>().context("/proc/PID/stat has numbers");
    let per_second = sysconf(SysconfVar::CLK_TCK)?.context("the kernel has a clock tick")?;
    Ok(Duration::from_secs_f64(
        (ticks(11)? + ticks(12)?) as f64 / per_second as f64,
    ))
}

/// The memory of a process in kB, its share of what is shared with others included.
pub(crate) fn memory_kb(pid: u32) -> Result<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).context("the process is gone")?;
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"));
    let kb = line.and_then(|line| line.split_whitespace().next());
    Ok(kb.context("/proc/PID/smaps_rollup has the memory")?.parse()?)
}

/// The resident memory of a process in kB.
pub(crate) fn resident_kb(pid: u32) -> Result<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).context("the process is gone")?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kb = line.and_then(|line| line.split_whitespace().next());
    Ok(kb.context("/proc/PID/status has the memory")?.parse()?)
}

/// Waits until a process has nothing more to do, at most `patience`.
pub(crate) fn settle(pid: u32, patience: Duration) -> Result<()> {
    let until = clock::now() + patience;
    loop {
        let before = cpu(pid)?;
        clock::pause(LOOK);
        if (cpu(pid)? - before).as_secs_f64() < QUIET * LOOK.as_secs_f64() || clock::now() >= until {
            return Ok(());
        }
    }
}
