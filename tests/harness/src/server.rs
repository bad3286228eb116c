//! The product itself: the built `wigwag` with a demo company, its addresses, and its API.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::baresip::{Account, Transport};
use crate::process::Process;

/// A running server with a data folder of its own. It is killed when this is dropped.
#[derive(Debug)]
pub struct TestServer {
    process: Process,
    ready: Ready,
    arguments: Vec<String>,
    data: TempDir,
}

/// What `wigwag serve --demo --json` prints when it is ready.
#[derive(Clone, Debug, Deserialize)]
pub struct Ready {
    /// Root of the web addresses.
    pub http: String,
    /// Where SIP is spoken.
    pub sip: SipAddresses,
    /// People who can sign in.
    pub users: Vec<User>,
    /// Extensions with the SIP account of one device each.
    pub extensions: Vec<Extension>,
}

/// Where SIP is spoken.
#[derive(Clone, Debug, Deserialize)]
pub struct SipAddresses {
    /// Address for datagrams.
    pub udp: SocketAddr,
    /// Address for connections.
    pub tcp: SocketAddr,
    /// Address for encrypted connections.
    pub tls: SocketAddr,
    /// Domain of the SIP accounts.
    pub domain: String,
}

/// Somebody who can sign in.
#[derive(Clone, Debug, Deserialize)]
pub struct User {
    /// Name to sign in with.
    pub username: String,
    /// Password to sign in with.
    pub password: String,
    /// Access level.
    pub role: String,
}

/// An extension with the SIP account of one device.
#[derive(Clone, Debug, Deserialize)]
pub struct Extension {
    /// Its 3-digit number.
    pub number: String,
    /// Name of the SIP account.
    pub sip_username: String,
    /// Password of the SIP account.
    pub sip_password: String,
}

impl TestServer {
    /// Starts a server on free loopback ports.
    pub async fn start() -> TestServer {
        TestServer::start_with(&["--http", "127.0.0.1:0", "--sip", "127.0.0.1:0"]).await
    }

    /// Starts a server with these arguments behind `wigwag serve --demo --json --data DIR`.
    pub async fn start_with(arguments: &[&str]) -> TestServer {
        let data = TempDir::new().expect("a temporary folder can be made");
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        let (process, ready) = serve(data.path(), &arguments).await;
        TestServer {
            process,
            ready,
            arguments,
            data,
        }
    }

    /// Ends the server as Ctrl-C does and starts it again with the same data and arguments.
    pub async fn restart(&mut self) {
        self.interrupt().await;
        (self.process, self.ready) = serve(self.data.path(), &self.arguments).await;
    }

    /// Kills the server where it stands, as a power cut does, and starts it again with the same data.
    pub async fn crash_and_restart(&mut self) {
        self.process.kill();
        (self.process, self.ready) = serve(self.data.path(), &self.arguments).await;
    }

    /// Ends the server as Ctrl-C does.
    ///
    /// # Panics
    ///
    /// When it does not end cleanly.
    pub async fn interrupt(&mut self) {
        self.process.interrupt();
        let status = self.process.ended().await;
        assert!(
            status.success(),
            "wigwag ended with {status}\n{}",
            self.process.last_words()
        );
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

    /// Signs in as the first user with that access level.
    pub async fn sign_in(&self, role: &str) -> Api {
        let user = self.ready.users.iter().find(|user| user.role == role);
        let user = user.unwrap_or_else(|| panic!("the demo has no {role}"));
        Api::sign_in(&self.ready.http, user).await
    }

    /// All that the server has printed.
    #[must_use]
    pub fn log(&self) -> Vec<String> {
        self.process.lines()
    }
}

/// The server's API as one user sees it.
#[derive(Clone, Debug)]
pub struct Api {
    client: reqwest::Client,
    root: String,
    token: String,
}

impl Api {
    async fn sign_in(root: &str, user: &User) -> Api {
        let client = reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("an HTTP client can be made");
        let credentials = json!({ "username": user.username, "password": user.password });
        let request = client.post(format!("{root}/v1/sessions")).json(&credentials);
        let answer = answer_of(request).await;
        let token = answer["token"]
            .as_str()
            .unwrap_or_else(|| panic!("no token in {answer}"))
            .to_owned();
        Api {
            client,
            root: root.to_owned(),
            token,
        }
    }

    /// The document at `path`, such as `/v1/calls`.
    ///
    /// # Panics
    ///
    /// When the server refuses.
    pub async fn get(&self, path: &str) -> Value {
        answer_of(self.client.get(format!("{}{path}", self.root)).bearer_auth(&self.token)).await
    }
}

async fn answer_of(request: reqwest::RequestBuilder) -> Value {
    let response = request.send().await.expect("the server answers");
    let (status, address) = (response.status(), response.url().path().to_owned());
    let text = response.text().await.expect("the server finishes its answer");
    assert!(status.is_success(), "{address}: {status}: {text}");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{address}: {error}: {text}"))
}

/// Starts the server and waits for its ready line.
async fn serve(data: &Path, arguments: &[String]) -> (Process, Ready) {
    let mut command = Command::new(program());
    command
        .args(["serve", "--demo", "--json", "--data"])
        .arg(data)
        .args(arguments);
    let mut process = Process::start("wigwag", &mut command);
    let ready = process.find_line(|line| serde_json::from_str(line).ok()).await;
    match ready {
        Some(ready) => (process, ready),
        None => panic!("wigwag ended before it was ready\n{}", process.last_words()),
    }
}

/// The server that `cargo xtask test` has built, or else one that is built now, in the same way.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| std::env::var_os("WIGWAG_BIN").map_or_else(build, PathBuf::from))
}

fn build() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let arguments = [
        "build",
        "--workspace",
        "--bin",
        "wigwag",
        "--message-format",
        "json-render-diagnostics",
    ];
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let output = command.args(arguments).current_dir(root).output().expect("cargo runs");
    assert!(
        output.status.success(),
        "wigwag does not build\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let messages = String::from_utf8(output.stdout).expect("cargo prints UTF-8");
    let executables = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let wigwag = executables.filter(|message| message["target"]["name"] == "wigwag");
    let mut paths = wigwag.filter_map(|message| message["executable"].as_str().map(PathBuf::from));
    paths.next().expect("cargo names the program that it has built")
}
