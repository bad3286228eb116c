//! The measured server: the product with a demo of as many extensions as the work needs.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result};
use serde::Deserialize;

/// A running server; it ends when this is dropped.
pub(crate) struct Server {
    child: Child,
    ready: Ready,
}

/// What the server says when it is ready.
#[derive(Deserialize)]
struct Ready {
    http: String,
    sip: Sip,
    extensions: Vec<Extension>,
}

#[derive(Deserialize)]
struct Sip {
    udp: SocketAddr,
    tcp: SocketAddr,
    ws: String,
    domain: String,
}

/// An extension with the account of its phone.
#[derive(Clone, Deserialize)]
pub(crate) struct Extension {
    pub(crate) number: String,
    #[serde(rename = "sip_username")]
    pub(crate) username: String,
    #[serde(rename = "sip_password")]
    pub(crate) password: String,
}

/// The companies that a server starts with.
#[derive(Clone, Copy)]
pub(crate) struct Demo {
    pub(crate) extensions: u32,
    pub(crate) per_company: u32,
}

/// Extensions of a company: an even number, so that neighbours share one.
const COMPANY: u32 = 500;

/// Two extensions of one company: the first calls the second.
#[derive(Clone)]
pub(crate) struct Pair {
    pub(crate) caller: Extension,
    pub(crate) callee: Extension,
}

impl Server {
    /// Starts `program` on a data folder, and waits until it is ready.
    pub(crate) fn start(program: &Path, data: &Path, extensions: u32) -> Result<Server> {
        let demo = Demo {
            extensions,
            per_company: COMPANY,
        };
        Server::start_with(program, data, Some(demo))
    }

    /// The same with companies of another size, or without adding any to those that are there.
    pub(crate) fn start_with(program: &Path, data: &Path, demo: Option<Demo>) -> Result<Server> {
        let demo = demo.map_or(Vec::new(), Demo::arguments);
        let log = File::create(data.join("log")).context("the data folder cannot be written")?;
        let mut child = Command::new(program)
            .args(["serve", "--json"])
            .args(demo)
            .args(["--http", "127.0.0.1:0", "--sip", "127.0.0.1:0"])
            .arg("--data")
            .arg(data)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let stdout = child.stdout.take().expect("stdout is piped");
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let ready = serde_json::from_str(&line).context("the server does not say that it is ready")?;
        Ok(Server { child, ready })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.ready.sip.udp
    }

    /// Where connections are taken.
    pub(crate) fn tcp(&self) -> SocketAddr {
        self.ready.sip.tcp
    }

    /// Where WebSockets are opened.
    pub(crate) fn web_socket(&self) -> &str {
        &self.ready.sip.ws
    }

    /// Where HTTP is served.
    pub(crate) fn http(&self) -> Result<SocketAddr> {
        let address = self.ready.http.strip_prefix("http://");
        Ok(address.context("the server names no address for HTTP")?.parse()?)
    }

    pub(crate) fn domain(&self) -> &str {
        &self.ready.sip.domain
    }

    pub(crate) fn extensions(&self) -> &[Extension] {
        &self.ready.extensions
    }

    /// Neighbours share a company, so the demo is a list of pairs.
    pub(crate) fn pairs(&self) -> Vec<Pair> {
        let pairs = self.ready.extensions.chunks_exact(2);
        pairs
            .map(|pair| Pair {
                caller: pair[0].clone(),
                callee: pair[1].clone(),
            })
            .collect()
    }
}

impl Demo {
    fn arguments(self) -> Vec<String> {
        vec![
            "--demo".to_owned(),
            "--demo-alone".to_owned(),
            format!("--demo-extensions={}", self.extensions),
            format!("--demo-per-company={}", self.per_company),
        ]
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
