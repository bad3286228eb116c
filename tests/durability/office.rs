//! A server with its demo company, on either database, and phones of our own at its extensions.

use harness::{Api, Call, Phone, TestServer};
use tempfile::TempDir;
use test_postgres::Cluster;
use wigwag_model::CallId;
use wigwag_model::api::CallView;
use wigwag_sip_io::Transport;

const LOOPBACK: [&str; 4] = ["--http", "127.0.0.1:0", "--sip", "127.0.0.1:0"];

pub(crate) struct Office {
    pub(crate) server: TestServer,
    pub(crate) api: Api,
    /// The configuration file lives as long as the server may be started again.
    _configuration: Option<TempDir>,
}

impl Office {
    /// On SQLite, with so many extensions.
    pub(crate) async fn open(extensions: usize) -> Office {
        let extensions = extensions.to_string();
        let arguments = [&LOOPBACK[..], &["--demo-extensions", &extensions]].concat();
        Office::of(TestServer::start_with(&arguments).await).await
    }

    /// With a data folder that exists already.
    pub(crate) async fn open_in(data: TempDir) -> Office {
        Office::open_with(data, &[]).await
    }

    /// The same, with further arguments.
    pub(crate) async fn open_with(data: TempDir, arguments: &[&str]) -> Office {
        let arguments = [&LOOPBACK[..], arguments].concat();
        Office::of(TestServer::start_in(data, &arguments).await).await
    }

    /// On a new database of that PostgreSQL server.
    pub(crate) async fn open_on(cluster: &Cluster, extensions: usize) -> Office {
        let extensions = extensions.to_string();
        let folder = TempDir::new().expect("a temporary folder can be made");
        let file = configuration(&folder, &cluster.database());
        let server =
            TestServer::start_with(&[&LOOPBACK[..], &["--config", &file, "--demo-extensions", &extensions]].concat())
                .await;
        Office {
            _configuration: Some(folder),
            ..Office::of(server).await
        }
    }

    /// On a disk of its own with so many megabytes; `None` where nobody may mount one.
    pub(crate) async fn open_on_small_disk(megabytes: u32) -> Option<Office> {
        let server = TestServer::start_on_small_disk(megabytes, &LOOPBACK).await?;
        Some(Office::of(server).await)
    }

    async fn of(server: TestServer) -> Office {
        Office {
            api: server.sign_in("owner").await,
            server,
            _configuration: None,
        }
    }

    /// The server has been started again: its ports are others.
    pub(crate) async fn sign_in_again(&mut self) {
        self.api = self.server.sign_in("owner").await;
    }

    pub(crate) fn number(&self, index: usize) -> &str {
        &self.server.extension(index).number
    }

    /// A phone that has registered as that extension.
    pub(crate) async fn phone(&self, index: usize) -> Phone {
        let account = self.server.sip_account(index, Transport::Udp);
        Phone::register(&account, 400.0 + 110.0 * (index % 4) as f64).await
    }

    /// Phones of the first two extensions.
    pub(crate) async fn two_phones(&self) -> (Phone, Phone) {
        (self.phone(0).await, self.phone(1).await)
    }

    /// A whole call from the first extension to the second.
    pub(crate) async fn call(&self, alice: &Phone, bob: &mut Phone) {
        let (mut outgoing, mut incoming) = connect(alice, bob, self.number(1)).await;
        outgoing.hang_up().await;
        incoming.over().await;
    }

    /// The whole history, once it has so many calls.
    pub(crate) async fn history(&self, calls: usize) -> Vec<CallView> {
        let history = self.api.history(calls).await;
        assert_eq!(history.len(), calls, "{history:#?}");
        let mut ids: Vec<CallId> = history.iter().map(|call| call.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), calls, "each call stands there once");
        history
    }
}

/// A configuration file for that database.
pub(crate) fn configuration(folder: &TempDir, url: &str) -> String {
    let file = folder.path().join("wigwag.toml");
    std::fs::write(&file, format!("[database]\nurl = \"{url}\"\n")).expect("the folder can be written");
    file.display().to_string()
}

/// One calls the other, who answers.
pub(crate) async fn connect(caller: &Phone, callee: &mut Phone, number: &str) -> (Call, Call) {
    let mut outgoing = caller.dial(number).await;
    let mut incoming = callee.rings().await;
    incoming.answer().await;
    outgoing.answered().await;
    (outgoing, incoming)
}
