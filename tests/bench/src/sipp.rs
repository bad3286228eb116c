//! sipp as the load: one process for a side, bounded in count and time.

use std::{
    collections::BTreeMap,
    fs,
    net::{SocketAddr, UdpSocket},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, ensure};

use crate::server::{Extension, Pair, Server};

/// How many calls sipp may have open at a time.
const OPEN: u32 = 15_000;
/// Socket buffers, so that what is lost is lost by the server.
const BUFFER: u32 = 2_097_152;

/// A side that places calls or registers.
pub(crate) struct Load<'a> {
    pub(crate) scenario: &'a str,
    /// One line for each user, in the scenario's fields.
    pub(crate) users: Vec<String>,
    pub(crate) from: SocketAddr,
    pub(crate) per_second: u32,
    pub(crate) count: u32,
}

/// How it went.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome {
    pub(crate) succeeded: u32,
    pub(crate) failed: u32,
    pub(crate) retransmissions: u32,
}

/// A side that answers calls until it is dropped.
pub(crate) struct Answering(Child);

/// The line of a phone that registers.
pub(crate) fn registering(extension: &Extension) -> String {
    let Extension { username, password, .. } = extension;
    format!("{username};[authentication username={username} password={password}]")
}

/// The line of a caller.
pub(crate) fn calling(Pair { caller, callee }: &Pair) -> String {
    format!("{};{}", callee.number, registering(caller))
}

/// A UDP port of loopback that is free now.
pub(crate) fn free_address() -> Result<SocketAddr> {
    Ok(UdpSocket::bind("127.0.0.1:0")?.local_addr()?)
}

/// Plays a scenario to its end.
pub(crate) fn play(server: &Server, load: &Load<'_>) -> Result<Outcome> {
    let folder = tempfile::tempdir()?;
    let users = folder.path().join("users.csv");
    let figures = folder.path().join("figures.csv");
    fs::write(&users, format!("SEQUENTIAL\n{}\n", load.users.join("\n")))?;
    let limit = Duration::from_secs(u64::from(load.count / load.per_second) + 40);
    let mut command = sipp(folder.path(), &scenario_file(load.scenario), load.from);
    command
        .arg("-inf")
        .arg(&users)
        .args(["-key", "domain", server.domain()]);
    command.args(["-r", &load.per_second.to_string(), "-m", &load.count.to_string()]);
    command.args(["-timeout", &limit.as_secs().to_string()]);
    command.args(["-trace_stat", "-fd", "1", "-stf"]).arg(&figures);
    command.arg(server.address().to_string());
    let status = command.status().context("cannot start sipp")?;
    let outcome = read(&figures).with_context(|| format!("sipp ended with {status} and no figures"))?;
    ensure!(
        outcome.succeeded > 0,
        "nothing succeeded: {}",
        fs::read_to_string(folder.path().join("errors")).unwrap_or_default()
    );
    Ok(outcome)
}

/// Answers calls at `at`.
pub(crate) fn answer(folder: &Path, at: SocketAddr) -> Result<Answering> {
    let mut command = sipp(folder, &scenario_file("callee.xml"), at);
    Ok(Answering(command.spawn().context("cannot start sipp")?))
}

impl Drop for Answering {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// sipp with what every process of it needs; `scenario` is a file.
pub(crate) fn sipp(folder: &Path, scenario: &Path, at: SocketAddr) -> Command {
    let mut command = Command::new("sipp");
    command.current_dir(folder).arg("-sf").arg(scenario);
    command.args(["-i", &at.ip().to_string(), "-p", &at.port().to_string(), "-nostdin"]);
    command.args(["-l", &OPEN.to_string(), "-buff_size", &BUFFER.to_string()]);
    command.args(["-trace_err", "-error_file"]).arg(folder.join("errors"));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.env("TERM", "dumb");
    command
}

/// A scenario that lies beside our sources.
pub(crate) fn scenario_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(name)
}

/// The last line of sipp's statistics.
pub(crate) fn read(figures: &Path) -> Result<Outcome> {
    let text = fs::read_to_string(figures)?;
    let mut lines = text.lines();
    let (names, last) = (lines.next().context("no columns")?, lines.last().context("no figures")?);
    let columns: BTreeMap<&str, &str> = names.split(';').zip(last.split(';')).collect();
    let column = |name: &str| -> Result<u32> { Ok(columns.get(name).context("a column is missing")?.parse()?) };
    Ok(Outcome {
        succeeded: column("SuccessfulCall(C)")?,
        failed: column("FailedCall(C)")?,
        retransmissions: column("Retransmissions(C)")?,
    })
}
