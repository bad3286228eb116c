//! The running product: the built `wigwag` with a demo company and a data folder of its own.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use wigwag_sip_io::Transport as SipTransport;

use super::api::Api;
use super::build::program;
use super::figures::Figures;
use super::ready::{Extension, Ready, User};
use super::tool::Outcome;
use crate::baresip::{Account, Transport};
use crate::phone::SipAccount;
use crate::ports::HeldPort;
use crate::process::Process;

/// A running server with a data folder of its own. It is killed when this is dropped.
#[derive(Debug)]
pub struct TestServer {
    process: Process,
    ready: Ready,
    /// What stands before the command; see [`small_disk`].
    wrapper: Vec<String>,
    arguments: Vec<String>,
    data: TempDir,
}

impl TestServer {
    /// Starts a server on free loopback ports.
    pub async fn start() -> TestServer {
        TestServer::start_with(&["--http", "127.0.0.1:0", "--sip", "127.0.0.1:0"]).await
    }

    /// Starts a server that has the same ports again after a restart, for tests in which phones outlive it.
    pub async fn start_with_lasting_ports() -> TestServer {
        let (http, sip) = (
            HeldPort::tcp(Ipv4Addr::LOCALHOST.into()),
            HeldPort::sip(Ipv4Addr::LOCALHOST.into()),
        );
        let (http, sip) = (http.release().to_string(), sip.release().to_string());
        TestServer::start_with(&["--http", &http, "--sip", &sip]).await
    }

    /// Starts a server with these arguments behind `wigwag serve --demo --json --data DIR`.
    pub async fn start_with(arguments: &[&str]) -> TestServer {
        let data = TempDir::new().expect("a temporary folder can be made");
        TestServer::start_in(data, arguments).await
    }

    /// The same in a data folder that exists already.
    pub async fn start_in(data: TempDir, arguments: &[&str]) -> TestServer {
        TestServer::start_within(Vec::new(), data, arguments).await
    }

    /// Starts a server whose data folder is a disk of its own with so many megabytes. `None` where nobody may mount
    /// one.
    pub async fn start_on_small_disk(megabytes: u32, arguments: &[&str]) -> Option<TestServer> {
        let wrapper = small_disk(megabytes)?;
        let data = TempDir::new().expect("a temporary folder can be made");
        Some(TestServer::start_within(wrapper, data, arguments).await)
    }

    async fn start_within(mut wrapper: Vec<String>, data: TempDir, arguments: &[&str]) -> TestServer {
        if !wrapper.is_empty() {
            wrapper.push(data.path().display().to_string());
        }
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        let (process, ready) = serve(&wrapper, data.path(), &arguments).await;
        TestServer {
            process,
            ready,
            wrapper,
            arguments,
            data,
        }
    }

    /// The data folder as the server sees it, even when it is a disk of its own.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        if self.wrapper.is_empty() {
            return self.data.path().to_owned();
        }
        let root = format!("/proc/{}/root", self.process.id());
        let inside = self
            .data
            .path()
            .strip_prefix("/")
            .expect("temporary folders have whole paths");
        Path::new(&root).join(inside)
    }

    /// Kills the server where it stands, as a power cut does.
    pub fn crash(&mut self) {
        self.process.kill();
    }

    /// Starts it again after [`TestServer::crash`] or [`TestServer::interrupt`], with the same data and arguments.
    pub async fn begin_again(&mut self) {
        (self.process, self.ready) = serve(&self.wrapper, self.data.path(), &self.arguments).await;
    }

    /// Ends the server as Ctrl-C does, if it still runs, and starts it again with the same data and arguments.
    pub async fn restart(&mut self) {
        self.interrupt().await;
        self.begin_again().await;
    }

    /// Kills the server where it stands, as a power cut does, and starts it again with the same data.
    pub async fn crash_and_restart(&mut self) {
        self.crash();
        self.begin_again().await;
    }

    /// Ends the server as Ctrl-C does.
    ///
    /// # Panics
    ///
    /// When it does not end cleanly.
    pub async fn interrupt(&mut self) {
        self.process.interrupt();
        let status = self.process.ended().await;
        assert!(status.success(), "wigwag ended with {status}");
    }

    /// What the server said when it was ready.
    #[must_use]
    pub fn ready(&self) -> &Ready {
        &self.ready
    }

    /// The demo's extension number `index`, counted from 0.
    #[must_use]
    pub fn extension(&self, index: usize) -> &Extension {
        &self.ready.extensions[index]
    }

    /// The account of a phone of that extension.
    #[must_use]
    pub fn account(&self, index: usize, transport: Transport) -> Account {
        let extension = self.extension(index);
        let server = match transport {
            Transport::Udp => self.ready.sip.udp,
            Transport::Tcp => self.ready.sip.tcp,
            Transport::Tls => self.ready.sip.tls,
        };
        Account::Extension {
            username: extension.sip_username.clone(),
            password: extension.sip_password.clone(),
            domain: self.ready.sip.domain.clone(),
            server,
        }
    }

    /// What has to be typed into a phone of our own for that extension.
    #[must_use]
    pub fn sip_account(&self, index: usize, transport: SipTransport) -> SipAccount {
        let extension = self.extension(index);
        let sip = &self.ready.sip;
        let server = match transport {
            SipTransport::Udp => sip.udp,
            SipTransport::Tcp => sip.tcp,
            other @ (SipTransport::Tls | SipTransport::Ws | SipTransport::Wss) => {
                panic!("our own phone does not speak {}", other.as_param())
            }
        };
        let (username, password) = (&extension.sip_username, &extension.sip_password);
        SipAccount::new(username, password, &sip.domain, transport, server)
    }

    /// The server's figures now.
    pub async fn figures(&self) -> Figures {
        Figures::read(&self.ready.http).await
    }

    /// Waits until the server's figures are as `wanted` wants them.
    pub async fn figures_with(&self, what: &str, wanted: impl Fn(&Figures) -> bool) -> Figures {
        Figures::until(&self.ready.http, what, wanted).await
    }

    /// Waits until nobody calls, and nothing is left of those who did: no line, no leg, no port.
    pub async fn settle(&self) {
        Figures::until(&self.ready.http, "something is left of the calls", Figures::are_at_rest).await;
    }

    /// Runs `wigwag` with these arguments on the server's data folder.
    pub async fn tool(&self, arguments: &[&str]) -> Outcome {
        Outcome::of(self.data.path(), arguments).await
    }

    /// Waits for a line of the log that contains `words`.
    pub async fn says(&mut self, words: &str) {
        let line = self.process.find_line(|line| line.contains(words).then_some(())).await;
        assert!(line.is_some(), "wigwag has ended and never said: {words}");
    }

    /// Signs in as the first user with that access level.
    pub async fn sign_in(&self, role: &str) -> Api {
        let user = self.ready.users.iter().find(|user| user.role == role);
        let user = user.unwrap_or_else(|| panic!("the demo has no {role}"));
        self.sign_in_as(user).await
    }

    /// Signs in as somebody.
    pub async fn sign_in_as(&self, user: &User) -> Api {
        Api::sign_in(&self.ready.http, user).await
    }

    /// All that the server has printed.
    #[must_use]
    pub fn log(&self) -> Vec<String> {
        self.process.lines()
    }
}

/// Starts the server and waits for its ready line.
async fn serve(wrapper: &[String], data: &Path, arguments: &[String]) -> (Process, Ready) {
    let mut command = match wrapper {
        [] => Command::new(program()),
        [first, others @ ..] => {
            let mut command = Command::new(first);
            command.args(others).arg(program());
            command
        }
    };
    command
        .args(["serve", "--demo", "--demo-alone", "--json", "--data"])
        .arg(data)
        .args(arguments);
    let mut process = Process::start("wigwag", &mut command);
    let ready = process.find_line(|line| serde_json::from_str(line).ok()).await;
    match ready {
        Some(ready) => (process, ready),
        None => panic!("wigwag ended before it was ready"),
    }
}

/// A command that mounts a disk over the folder that comes next, for itself alone, and becomes what follows.
fn small_disk(megabytes: u32) -> Option<Vec<String>> {
    let alone = ["unshare", "--map-root-user", "--mount"];
    let probe = Command::new(alone[0])
        .args(&alone[1..])
        .args(["mount", "-t", "tmpfs", "tmpfs", "/mnt"])
        .status();
    if !probe.is_ok_and(|status| status.success()) {
        return None;
    }
    let mount = format!("mount -t tmpfs -o size={megabytes}m tmpfs \"$1\" && shift && exec \"$@\"");
    Some(
        [&alone[..], &["sh", "-c", &mount, "sh"]]
            .concat()
            .into_iter()
            .map(str::to_owned)
            .collect(),
    )
}
