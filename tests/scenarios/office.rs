//! An office for a test: the real server with its demo company, and phones of our own at its extensions.

use harness::{Api, Call, Phone, SipAccount, Stranger, TestServer};
use wigwag_model::ExtensionId;
use wigwag_model::api::{CallTrace, CallView, ExtensionChange, ExtensionView};
use wigwag_sip_io::Transport;

use crate::bystanders::Bystanders;

/// The extensions by their place in the demo company: two that call, and two that nothing shall disturb.
pub(crate) const ALICE: usize = 0;
pub(crate) const BOB: usize = 1;
pub(crate) const CAROL: usize = 2;

/// A running server and its API for the owner.
pub(crate) struct Office {
    pub(crate) server: TestServer,
    pub(crate) api: Api,
}

impl Office {
    /// A company with six extensions.
    pub(crate) async fn open() -> Office {
        Office::open_with(&[]).await
    }

    /// As [`Office::open`], with further arguments.
    pub(crate) async fn open_with(arguments: &[&str]) -> Office {
        let usual = [
            "--http",
            "127.0.0.1:0",
            "--sip",
            "127.0.0.1:0",
            "--demo-extensions",
            "6",
        ];
        Office::of(TestServer::start_with(&[&usual, arguments].concat()).await).await
    }

    /// With these arguments and no others.
    pub(crate) async fn of(server: TestServer) -> Office {
        let api = server.sign_in("owner").await;
        Office { server, api }
    }

    pub(crate) fn account(&self, index: usize) -> SipAccount {
        self.server.sip_account(index, Transport::Udp)
    }

    pub(crate) fn number(&self, index: usize) -> &str {
        &self.server.extension(index).number
    }

    /// A phone that has registered as that extension, and speaks a tone of its own.
    pub(crate) async fn phone(&self, index: usize) -> Phone {
        Phone::register(&self.account(index), tone_of(index)).await
    }

    /// The same over TCP.
    pub(crate) async fn phone_over_tcp(&self, index: usize) -> Phone {
        Phone::register(&self.server.sip_account(index, Transport::Tcp), tone_of(index)).await
    }

    /// Two people in a call on extensions that no test uses otherwise.
    pub(crate) async fn bystanders(&self) -> Bystanders {
        Bystanders::talk(self.phone(4).await, self.phone(5).await, self.number(5)).await
    }

    pub(crate) async fn stranger(&self) -> Stranger {
        let elsewhere = std::net::Ipv4Addr::new(127, 0, 0, 77);
        Stranger::from(elsewhere.into(), self.server.ready().sip.udp).await
    }

    pub(crate) async fn extension(&self, index: usize) -> ExtensionView {
        let extensions = self.api.extensions().await;
        let extension = extensions
            .into_iter()
            .find(|extension| extension.number.as_str() == self.number(index));
        extension.expect("the demo company has it")
    }

    pub(crate) async fn extension_id(&self, index: usize) -> ExtensionId {
        self.extension(index).await.id
    }

    pub(crate) async fn change(&self, index: usize, change: ExtensionChange) {
        self.api.change_extension(self.extension_id(index).await, &change).await;
    }

    /// The newest call of the history, once there are `calls`.
    pub(crate) async fn last_call(&self, calls: usize) -> CallView {
        self.api.history(calls).await.swap_remove(0)
    }

    /// Why the newest call went as it did.
    pub(crate) async fn story(&self, calls: usize) -> CallTrace {
        self.api.trace(self.last_call(calls).await.id).await
    }
}

/// One calls the other, who answers.
pub(crate) async fn connect(caller: &Phone, callee: &mut Phone, number: &str) -> (Call, Call) {
    let mut outgoing = caller.dial(number).await;
    let mut incoming = callee.rings().await;
    incoming.answer().await;
    outgoing.answered().await;
    (outgoing, incoming)
}

/// The tone that the phones of an extension speak.
pub(crate) fn tone_of(index: usize) -> f64 {
    400.0 + 110.0 * index as f64
}
