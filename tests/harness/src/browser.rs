//! JsSIP in a headless Chromium, driven through a small Node program (tests/interop/browser).

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::patience::{PATIENCE, within};
use crate::peer::require_peer;
use crate::process::Process;

/// A browser with one page that holds a phone.
#[derive(Debug)]
pub struct Browser {
    process: Process,
    address: SocketAddr,
    client: reqwest::Client,
    _profile: TempDir,
}

impl Browser {
    /// Starts it; its page is not open yet.
    ///
    /// # Panics
    ///
    /// When Chromium, Node or the packages of the page are missing; the message says what installs them.
    pub async fn start() -> Browser {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../interop/browser");
        assert!(
            folder.join("node_modules").is_dir(),
            "the packages of the browser tests are missing; run: cargo xtask setup"
        );
        let profile = TempDir::new().expect("a temporary folder can be made");
        let mut command = Command::new(require_peer("node"));
        command
            .arg(folder.join("driver.mjs"))
            .arg(require_peer("chromium"))
            .arg(profile.path());
        let mut process = Process::start("browser", &mut command);
        let address = process
            .find_line(|line| line.strip_prefix("browser is ready at ")?.parse().ok())
            .await
            .unwrap_or_else(|| panic!("the browser did not start\n{}", process.last_words()));
        Browser {
            process,
            address,
            client: reqwest::Client::new(),
            _profile: profile,
        }
    }

    /// The origin of its page, by address or, which is another origin to browsers, by name.
    #[must_use]
    pub fn origin(&self, host: &str) -> String {
        format!("http://{host}:{}", self.address.port())
    }

    /// Opens its page from that host.
    pub async fn open(&self, host: &str) {
        self.does("open", &[json!(self.origin(host) + "/")]).await;
    }

    /// Opens its page anew, which forgets everything that was not stored.
    pub async fn reload(&self) {
        self.does("reload", &[]).await;
    }

    /// Lets the phone do something and tells how that went; the functions stand in `page.mjs`.
    ///
    /// # Panics
    ///
    /// When it does not end in time or cannot be done.
    pub async fn does(&self, name: &str, args: &[Value]) -> Value {
        let request = self
            .client
            .post(format!("http://{}/do", self.address))
            .body(json!({"name": name, "args": args}).to_string());
        let answer = within(PATIENCE, request.send())
            .await
            .unwrap_or_else(|| panic!("{name} does not end\n{}", self.process.last_words()));
        let answer = answer.expect("the browser runs");
        let (is_done, text) = (answer.status().is_success(), answer.text().await.expect("an answer"));
        assert!(is_done, "{name} failed: {text}");
        serde_json::from_str(&text).expect("the browser answers in JSON")
    }

    /// Closes it.
    pub async fn quit(mut self) {
        self.process.interrupt();
        self.process.ended().await;
    }
}
