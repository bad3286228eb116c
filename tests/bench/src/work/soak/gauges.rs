//! What the server has in use at a moment: by its own figures, and as the kernel sees it.

use std::{
    collections::BTreeMap,
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::PathBuf,
    time::Duration,
};

use anyhow::{Context, Result};

use crate::{process, server::Server};

/// What is zero when nobody calls, nobody is registered, and nothing lingers.
const IN_USE: [&str; 9] = [
    "wigwag_calls",
    "wigwag_calls_lingering",
    "wigwag_lines_in_use",
    "wigwag_registrations",
    "wigwag_media_legs",
    "wigwag_media_ports_in_use",
    "wigwag_media_ports_resting",
    "wigwag_sip_transactions",
    "wigwag_sip_connections",
];
const TASKS: &str = "wigwag_tasks";
const PATIENCE: Duration = Duration::from_secs(10);

/// What is in use.
#[derive(Clone, Debug)]
pub(super) struct Gauges {
    in_use: BTreeMap<&'static str, u64>,
    pub(super) tasks: u64,
    pub(super) files: u64,
    /// Those of the open files that are sockets; the others are the database's, the journal's and the traces'.
    pub(super) sockets: u64,
    /// The proportional set size in kB.
    pub(super) pss_kb: u64,
    /// The resident set size in kB.
    pub(super) rss_kb: u64,
}

impl Gauges {
    /// Looks at the server now.
    pub(super) fn read(server: &Server) -> Result<Gauges> {
        let text = metrics(server.http()?)?;
        let figures: BTreeMap<&str, &str> = text.lines().filter_map(|line| line.rsplit_once(' ')).collect();
        let figure = |name: &str| -> Result<u64> {
            let value = figures
                .get(name)
                .with_context(|| format!("no figure is called {name}"))?;
            Ok(value.parse()?)
        };
        let in_use = IN_USE.map(|name| figure(name).map(|value| (name, value)));
        let pid = server.pid();
        let files = open_files(pid)?;
        Ok(Gauges {
            in_use: in_use.into_iter().collect::<Result<_>>()?,
            tasks: figure(TASKS)?,
            files: files.len() as u64,
            sockets: files
                .iter()
                .filter(|file| file.to_string_lossy().starts_with("socket:"))
                .count() as u64,
            pss_kb: process::memory_kb(pid)?,
            rss_kb: process::resident_kb(pid)?,
        })
    }

    /// Phones that are registered.
    pub(super) fn registrations(&self) -> u64 {
        self.in_use.get("wigwag_registrations").copied().unwrap_or_default()
    }

    /// What is not as it was before anybody came.
    pub(super) fn left_over(&self, idle: &Gauges) -> Vec<String> {
        let in_use = self.in_use.iter().filter(|(_, value)| **value > 0);
        let mut left: Vec<String> = in_use.map(|(name, value)| format!("{name} {value}")).collect();
        for (name, now, before) in [
            ("tasks", self.tasks, idle.tasks),
            ("sockets", self.sockets, idle.sockets),
        ] {
            if now > before {
                left.push(format!("{name} {now} instead of {before}"));
            }
        }
        left
    }

    /// One line for people.
    pub(super) fn line(&self) -> String {
        let mut words: Vec<String> = Vec::new();
        for (name, value) in &self.in_use {
            let name = name.trim_start_matches("wigwag_").trim_start_matches("sip_");
            words.push(format!("{name} {value}"));
        }
        let mb = |kb: u64| kb as f64 / 1024.0;
        format!(
            "pss {:.1} rss {:.1} MB, files {}, sockets {}, tasks {}, {}",
            mb(self.pss_kb),
            mb(self.rss_kb),
            self.files,
            self.sockets,
            self.tasks,
            words.join(", ")
        )
    }
}

fn metrics(server: SocketAddr) -> Result<String> {
    let mut stream = TcpStream::connect_timeout(&server, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    // With 1.0 the answer comes in one piece and the connection ends after it.
    stream.write_all(b"GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
    let mut text = String::new();
    stream.read_to_string(&mut text).context("no figures come")?;
    Ok(text)
}

/// What the open files of a process are, as the kernel names them.
fn open_files(pid: u32) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for file in fs::read_dir(format!("/proc/{pid}/fd"))? {
        // It may have been closed meanwhile.
        if let Ok(path) = fs::read_link(file?.path()) {
            files.push(path);
        }
    }
    Ok(files)
}
