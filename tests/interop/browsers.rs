//! JsSIP in Chromium: it registers over WebSockets, and its calls are signalled.
//!
//! Sound for browsers (DTLS-SRTP) is not there yet: its offers are refused as such.

use std::fs;

use harness::{Browser, Extension, Phone, TestServer};
use serde_json::{Value, json};
use tempfile::TempDir;
use wigwag_model::api::{DeviceView, SipTransport};
use wigwag_sip_io::Transport;

use crate::office::{CALLEE, CALLER};

/// What browsers are told of a page's connection that was not accepted (RFC 6455 §7.4.1).
const ABNORMAL: u64 = 1006;

/// A server that lets the browser's page in, and the page.
struct Stage {
    server: TestServer,
    browser: Browser,
    _config: TempDir,
}

impl Stage {
    async fn set(arguments: &[&str]) -> Stage {
        let browser = Browser::start().await;
        let folder = TempDir::new().expect("a temporary folder can be made");
        let config = folder.path().join("wigwag.toml");
        let text = format!("[http]\nweb_origins = [\"{}\"]\n", browser.origin("127.0.0.1"));
        fs::write(&config, text).expect("a file can be written");
        let config = config.to_str().expect("the path is text");
        let usual = ["--config", config, "--http", "127.0.0.1:0", "--sip", "127.0.0.1:0"];
        let server = TestServer::start_with(&[&usual, arguments].concat()).await;
        browser.open("127.0.0.1").await;
        Stage {
            server,
            browser,
            _config: folder,
        }
    }

    fn callee(&self) -> &Extension {
        self.server.extension(CALLEE)
    }

    fn address_of(&self, user: &str) -> String {
        format!("sip:{user}@{}", self.server.ready().sip.domain)
    }

    /// The callee's phone in the browser registers.
    async fn register(&self) -> Value {
        self.register_at(&self.server.ready().sip.ws.clone()).await
    }

    async fn register_at(&self, url: &str) -> Value {
        let account = json!({
            "url": url,
            "uri": self.address_of(&self.callee().sip_username),
            "password": self.callee().sip_password,
            "expires": 300,
        });
        self.browser.does("register", &[account]).await
    }

    async fn phone(&self) -> Phone {
        Phone::register(&self.server.sip_account(CALLER, Transport::Udp), 440.0).await
    }

    /// How the callee's phones are connected.
    async fn transports(&self) -> Vec<SipTransport> {
        let api = self.server.sign_in("owner").await;
        let extensions = api.extensions().await;
        let callee = extensions
            .iter()
            .find(|known| known.number.as_str() == self.callee().number);
        let devices = api.devices(callee.expect("the demo has it").id).await;
        let bindings = |device: &DeviceView| device.bindings.clone();
        devices
            .iter()
            .flat_map(bindings)
            .map(|binding| binding.transport)
            .collect()
    }
}

#[tokio::test]
async fn a_browser_registers_comes_back_after_a_reload_leaves_and_returns() {
    let stage = Stage::set(&[]).await;
    let first = stage.register().await;
    assert_eq!((&first["event"], &first["status"]), (&json!("registered"), &json!(200)));
    let contact = first["contact"].as_str().expect("its contact is told");
    for told in ["pub-gruu=\"sip:", "temp-gruu=\"sip:", "reg-id=1", "expires=300"] {
        assert!(contact.contains(told), "{told} is missing in {contact}");
    }
    assert_eq!(stage.transports().await, [SipTransport::Ws]);
    stage.browser.reload().await;
    assert_eq!(stage.register().await["event"], "registered");
    assert_eq!(
        stage.transports().await,
        [SipTransport::Ws],
        "the same device has replaced itself"
    );
    let left = stage.browser.does("unregister", &[]).await;
    assert_eq!(left["event"], "unregistered");
    assert!(stage.transports().await.is_empty());
    let again = stage.browser.does("registerAgain", &[]).await;
    assert_eq!(again["event"], "registered");
    assert_eq!(stage.transports().await, [SipTransport::Ws]);
    stage.browser.quit().await;
}

#[tokio::test]
async fn a_browser_registers_over_an_encrypted_connection() {
    let stage = Stage::set(&["--https", "127.0.0.1:0"]).await;
    let url = stage.server.ready().sip.wss.clone().expect("HTTPS is served");
    assert_eq!(stage.register_at(&url).await["event"], "registered");
    assert_eq!(stage.transports().await, [SipTransport::Wss]);
    stage.browser.quit().await;
}

#[tokio::test]
async fn a_page_of_another_origin_is_not_let_in() {
    let stage = Stage::set(&[]).await;
    stage.browser.open("localhost").await;
    let refused = stage.register().await;
    assert_eq!(refused["event"], "disconnected");
    assert!(refused["code"].is_null() || refused["code"] == ABNORMAL, "{refused}");
    stage.browser.quit().await;
}

#[tokio::test]
async fn a_browser_is_rung_and_refuses() {
    let stage = Stage::set(&[]).await;
    assert_eq!(stage.register().await["event"], "registered");
    let phone = stage.phone().await;
    let (caller, refusal) = tokio::join!(async { stage.browser.does("refuseNext", &[json!(486)]).await }, async {
        let mut call = phone.dial(&stage.callee().number).await;
        call.refused().await
    });
    assert_eq!(refusal, 486);
    assert_eq!(caller["user"], stage.server.extension(CALLER).number);
    stage.server.settle().await;
    stage.browser.quit().await;
}

#[tokio::test]
async fn a_call_to_a_browser_is_given_up() {
    let stage = Stage::set(&[]).await;
    assert_eq!(stage.register().await["event"], "registered");
    let phone = stage.phone().await;
    let (missed, ()) = tokio::join!(async { stage.browser.does("missNext", &[]).await }, async {
        let mut call = phone.dial(&stage.callee().number).await;
        call.rings().await;
        call.give_up();
    });
    assert_eq!(
        (&missed["event"], &missed["cause"]),
        (&json!("failed"), &json!("Canceled"))
    );
    stage.server.settle().await;
    stage.browser.quit().await;
}

#[tokio::test]
async fn a_browser_that_calls_is_told_that_there_is_no_sound_in_common() {
    let stage = Stage::set(&[]).await;
    assert_eq!(stage.register().await["event"], "registered");
    let _phone = stage.phone().await;
    let target = stage.address_of(&stage.server.extension(CALLER).number);
    let refused = stage.browser.does("call", &[json!(target)]).await;
    assert_eq!((&refused["event"], &refused["status"]), (&json!("failed"), &json!(488)));
    assert_eq!(refused["cause"], "Incompatible SDP");
    stage.server.settle().await;
    stage.browser.quit().await;
}
