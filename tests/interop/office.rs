//! An office for a test: the real server with its demo company, and phones at its extensions.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use harness::{Api, Baresip, Codec, Says, Setup, TestServer, Transport};
use wigwag_model::api::{CallTrace, CallView, ExtensionChange};

/// The tones that the phones say.
pub(crate) const CALLER_HZ: u32 = 440;
pub(crate) const CALLEE_HZ: u32 = 660;

/// The level of a phone's tone, and how far it may be off at the far end, in decibels.
pub(crate) const LEVEL_DBFS: f64 = -7.0;
pub(crate) const TOLERANCE_DB: f64 = 2.0;

/// The extensions by their place in the demo company.
pub(crate) const CALLER: usize = 0;
pub(crate) const CALLEE: usize = 1;

/// A running server and its API for the owner.
pub(crate) struct Office {
    pub(crate) server: TestServer,
    pub(crate) api: Api,
    ip: IpAddr,
}

impl Office {
    pub(crate) async fn open() -> Office {
        Office::of(TestServer::start().await, Ipv4Addr::LOCALHOST.into()).await
    }

    pub(crate) async fn open_on_ipv6() -> Office {
        let server = TestServer::start_with(&["--http", "127.0.0.1:0", "--sip", "[::1]:0"]).await;
        Office::of(server, Ipv6Addr::LOCALHOST.into()).await
    }

    pub(crate) async fn open_with_lasting_ports() -> Office {
        Office::of(TestServer::start_with_lasting_ports().await, Ipv4Addr::LOCALHOST.into()).await
    }

    async fn of(server: TestServer, ip: IpAddr) -> Office {
        let api = server.sign_in("owner").await;
        Office { server, api, ip }
    }

    /// A phone that has registered as that extension.
    pub(crate) async fn phone(&self, extension: usize, setup: &Setup) -> Baresip {
        let account = self.server.account(extension, setup.transport);
        let setup = Setup {
            account,
            ip: self.ip,
            ..setup.clone()
        };
        let mut phone = Baresip::start(&format!("phone of extension {}", self.number(extension)), &setup).await;
        phone.registered().await;
        phone
    }

    /// Two phones, each with its own tone.
    pub(crate) async fn two_phones(&self, setup: &Setup) -> (Baresip, Baresip) {
        let caller = self
            .phone(
                CALLER,
                &Setup {
                    says: Says::Tone(CALLER_HZ),
                    ..setup.clone()
                },
            )
            .await;
        let callee = self
            .phone(
                CALLEE,
                &Setup {
                    says: Says::Tone(CALLEE_HZ),
                    ..setup.clone()
                },
            )
            .await;
        (caller, callee)
    }

    /// Two phones of which the second rings.
    pub(crate) async fn ringing(&self, setup: &Setup) -> (Baresip, Baresip) {
        let (mut caller, mut callee) = self.two_phones(setup).await;
        self.ring(&mut caller, &mut callee).await;
        (caller, callee)
    }

    /// Two phones in a call.
    pub(crate) async fn talking(&self, setup: &Setup) -> (Baresip, Baresip) {
        let (mut caller, mut callee) = self.two_phones(setup).await;
        self.connect(&mut caller, &mut callee).await;
        (caller, callee)
    }

    /// The caller dials the callee's number until the callee rings.
    pub(crate) async fn ring(&self, caller: &mut Baresip, callee: &mut Baresip) {
        caller.dial(self.number(CALLEE)).await;
        let shown = callee.incoming().await;
        assert!(
            shown.contains(self.number(CALLER)),
            "the callee is shown who calls: {shown}"
        );
        caller.ringing().await;
    }

    /// The caller calls the callee, who answers.
    pub(crate) async fn connect(&self, caller: &mut Baresip, callee: &mut Baresip) {
        self.ring(caller, callee).await;
        callee.accept().await;
        caller.established().await;
        callee.established().await;
    }

    pub(crate) fn number(&self, extension: usize) -> &str {
        &self.server.extension(extension).number
    }

    /// Changes the settings of an extension.
    pub(crate) async fn change(&self, extension: usize, change: ExtensionChange) {
        let number = self.number(extension);
        let extensions = self.api.extensions().await;
        let extension = extensions.iter().find(|extension| extension.number.as_str() == number);
        self.api
            .change_extension(extension.expect("the demo company has it").id, &change)
            .await;
    }

    /// The only call of the history, once it stands there, with what is true of every call.
    pub(crate) async fn only_call(&self) -> CallView {
        let calls = self.api.history(1).await;
        let [call] = <[CallView; 1]>::try_from(calls).expect("one call makes one row");
        assert_eq!(call.caller.number.expose(), self.number(CALLER));
        assert!(call.started_at <= call.ended_at && call.answered_at.is_none_or(|at| at >= call.started_at));
        assert!(call.answered_at.is_some() || call.talk_ms == 0, "{call:?}");
        call
    }

    /// Why a call went as it did, told as a story.
    pub(crate) async fn story(&self, call: &CallView) -> CallTrace {
        let trace = self.api.trace(call.id).await;
        assert!(!trace.decision.is_empty(), "every call says what was decided");
        assert!(
            trace.ladder.iter().any(|entry| entry.summary == "INVITE"),
            "every call begins with an INVITE"
        );
        trace
    }
}

/// A phone with one codec.
pub(crate) fn with_codec(codec: Codec) -> Setup {
    Setup {
        codecs: vec![codec],
        ..Setup::default()
    }
}

/// A phone on that transport.
pub(crate) fn over(transport: Transport) -> Setup {
    Setup {
        transport,
        ..Setup::default()
    }
}

/// Each phone hears the other's tone, at its level.
pub(crate) async fn assert_they_hear_each_other(caller: &mut Baresip, callee: &mut Baresip) {
    for (phone, hz) in [(caller, CALLEE_HZ), (callee, CALLER_HZ)] {
        let tone = phone.hears(hz).await;
        assert!((tone.dbfs - LEVEL_DBFS).abs() < TOLERANCE_DB, "{tone:?}");
    }
}
