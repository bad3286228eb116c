//! Two carriers: one calls, the other is called.

use std::{future::Future, time::Duration};

use wigwag_simulator::{Account, Admission, CallHandle, CallIn, Config, Demand, Simulator, Way};

/// How long anything may take; what is waited for comes sooner.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Stage {
    pub(crate) caller: Simulator,
    pub(crate) carrier: Simulator,
}

impl Stage {
    pub(crate) async fn new() -> Stage {
        Stage::with(Config::default()).await
    }

    pub(crate) async fn with(config: Config) -> Stage {
        Stage {
            caller: Simulator::start(Config::default()).await.expect("there are free ports"),
            carrier: Simulator::start(config).await.expect("there are free ports"),
        }
    }

    pub(crate) fn way(&self) -> Way {
        Way::Udp(self.carrier.udp())
    }

    pub(crate) async fn calls(&self, number: &str) -> CallHandle {
        self.makes(CallIn::new(number, self.way())).await
    }

    pub(crate) async fn makes(&self, call: CallIn) -> CallHandle {
        self.caller.call(call).await.expect("the call is under way")
    }

    /// The final status that a call to this number is refused with.
    pub(crate) async fn refusal(&self, number: &str) -> Option<u16> {
        let mut call = self.calls(number).await;
        within(call.over()).await.status
    }

    pub(crate) async fn end(self) {
        within(self.caller.shutdown()).await;
        within(self.carrier.shutdown()).await;
    }
}

pub(crate) fn with_account(demand: Demand) -> Config {
    Config {
        admission: Admission::Proof(demand),
        accounts: vec![Account::new("exchange", "a secret")],
        ..Config::default()
    }
}

/// What comes of it, in time.
pub(crate) async fn within<T>(event: impl Future<Output = T>) -> T {
    let event = tokio::time::timeout(PATIENCE, event).await;
    event.expect("it happens in time")
}
