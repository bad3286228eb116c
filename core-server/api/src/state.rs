//! What every handler works with.

use std::{fmt, net::IpAddr, sync::Arc};

use parking_lot::Mutex;
use wigwag_model::{Author, TenantId, api::SipServer};
use wigwag_pbx::guard::PinGuard;
use wigwag_sansio::{Entropy, Now, Secret};
use wigwag_store::{Committed, Store, StoreError, TenantTx};

use crate::{
    caller::Caller, error::NotLive, metrics::HttpMetrics, password::Passwords, port::SwitchPort, sign_in::SignInLimits,
};

/// Where the present is read; only the server's own reads a real clock.
pub trait Clock: Send + Sync {
    /// The present.
    fn now(&self) -> Now;
}

/// What the API tells people about this installation, and who may read its figures.
#[derive(Clone, Debug, Default)]
pub struct ApiSettings {
    /// The SIP domain, which is the digest realm too.
    pub sip_domain: String,
    /// Where phones reach the server, the best choice first.
    pub sip_servers: Vec<SipServer>,
    /// What to type as outbound proxy where the domain name does not lead to the server.
    pub outbound_proxy: Option<String>,
    /// Proxies of our own in front of the server: what they say of their clients' addresses is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Web pages of these origins may connect phones, besides those of this host.
    pub web_origins: Vec<String>,
    /// Who knows this may read the metrics from elsewhere; without it only this machine may.
    pub metrics_token: Option<Secret<String>>,
}

/// What the API is made of.
pub struct ApiParts {
    /// What is stored.
    pub store: Store,
    /// The part that carries calls; it is told about changes.
    pub switch: Arc<dyn SwitchPort>,
    /// The present.
    pub clock: Arc<dyn Clock>,
    /// For secrets.
    pub entropy: Entropy,
    /// Who guesses PINs, here and on the phone.
    pub pins: Arc<Mutex<PinGuard>>,
    /// What people are told about this installation.
    pub settings: ApiSettings,
}

impl fmt::Debug for ApiParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiParts")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// What every handler works with; cheap to clone.
#[derive(Clone)]
pub struct ApiState(Arc<Shared>);

struct Shared {
    store: Store,
    switch: Arc<dyn SwitchPort>,
    clock: Arc<dyn Clock>,
    entropy: Mutex<Entropy>,
    settings: ApiSettings,
    passwords: Passwords,
    sign_in_limits: Mutex<SignInLimits>,
    metrics: HttpMetrics,
    pins: Arc<Mutex<PinGuard>>,
}

impl ApiState {
    /// The state of an API that is made of `parts`.
    pub fn new(parts: ApiParts) -> Self {
        let ApiParts {
            store,
            switch,
            clock,
            entropy,
            pins,
            settings,
        } = parts;
        ApiState(Arc::new(Shared {
            store,
            switch,
            clock,
            entropy: Mutex::new(entropy),
            settings,
            passwords: Passwords::default(),
            sign_in_limits: Mutex::default(),
            metrics: HttpMetrics::default(),
            pins,
        }))
    }

    pub(crate) fn store(&self) -> &Store {
        &self.0.store
    }

    /// Begins to change the caller's company; the audit log will tell who it was.
    pub(crate) async fn change(&self, caller: &Caller) -> Result<TenantTx, StoreError> {
        let tenant = caller.tenant();
        let author = Author::person(&caller.user, tenant, self.now().utc);
        self.store().write(tenant, author).await
    }

    pub(crate) fn switch(&self) -> &dyn SwitchPort {
        &*self.0.switch
    }

    pub(crate) fn now(&self) -> Now {
        self.0.clock.now()
    }

    /// Answers once calls follow what was `committed`.
    pub(crate) async fn take_effect(&self, tenant: TenantId, committed: Committed) -> Result<(), NotLive> {
        if let Some(version) = committed.version {
            self.switch().configuration_changed(tenant, version).await?;
        }
        Ok(())
    }

    /// A source of unpredictable values for one request.
    pub(crate) fn entropy(&self) -> Entropy {
        self.0.entropy.lock().fork()
    }

    pub(crate) fn settings(&self) -> &ApiSettings {
        &self.0.settings
    }

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    pub(crate) fn sign_in_limits(&self) -> &Mutex<SignInLimits> {
        &self.0.sign_in_limits
    }

    /// Who tries PINs.
    pub(crate) fn pin_guard(&self) -> &Mutex<PinGuard> {
        &self.0.pins
    }

    pub(crate) fn metrics(&self) -> &HttpMetrics {
        &self.0.metrics
    }
}

impl fmt::Debug for ApiState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiState")
            .field("settings", &self.0.settings)
            .finish_non_exhaustive()
    }
}
