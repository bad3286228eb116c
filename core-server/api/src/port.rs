//! What the API asks of the part that carries calls; the server wraps the switch in it.

use std::{future::Future, pin::Pin};

use thiserror::Error;
use wigwag_model::{
    CallId, DeviceId, ExtensionId, NumberId, PhoneNumber, SipUsername, TenantId,
    api::{Binding, CallTrace, LiveCall},
};

/// The answer of the switch, as soon as it is there.
pub type Reply<'a, T> = Pin<Box<dyn Future<Output = Result<T, SwitchUnavailable>> + Send + 'a>>;

/// Whoever carries the calls: in this process, or on the node that is the tenant's home.
pub trait SwitchPort: Send + Sync {
    /// Makes `tenant`'s configuration of at least `version` the one that calls are decided from.
    ///
    /// Answers after the live snapshot was swapped, and after bindings of devices that are gone have ended.
    fn configuration_changed(&self, tenant: TenantId, version: u64) -> Reply<'_, ()>;

    /// Changes what the platform-wide directory knows.
    fn directory_changed(&self, change: DirectoryChange) -> Reply<'_, ()>;

    /// The calls of `tenant` that are running now, oldest first.
    fn live_calls(&self, tenant: TenantId) -> Reply<'_, Vec<LiveCall>>;

    /// The live registrations of `extension`; empty when it is not `tenant`'s.
    fn bindings(&self, tenant: TenantId, extension: ExtensionId) -> Reply<'_, Vec<Binding>>;

    /// Ends the registrations of `device` and the connections that carry them.
    fn sign_out_device(&self, tenant: TenantId, device: DeviceId) -> Reply<'_, ()>;

    /// The explanation of `call`, running or finished; none when it is not `tenant`'s or no longer kept.
    fn trace(&self, tenant: TenantId, call: CallId) -> Reply<'_, Option<CallTrace>>;

    /// Whether calls can be carried now: listeners are bound, and the server is not shutting down.
    fn ready(&self) -> Reply<'_, bool>;

    /// The switch's own figures in the Prometheus text format, whole lines only.
    fn metrics(&self) -> Reply<'_, String>;
}

/// A change of the platform-wide directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DirectoryChange {
    /// A SIP username leads to an extension from now on.
    Added {
        /// The username.
        sip_username: SipUsername,
        /// Whose extension it is.
        tenant: TenantId,
        /// The extension.
        extension: ExtensionId,
    },
    /// A SIP username leads nowhere from now on.
    Removed {
        /// The username.
        sip_username: SipUsername,
    },
    /// A public number leads to a company from now on.
    NumberTaken {
        /// The number.
        number: PhoneNumber,
        /// Whose it is.
        tenant: TenantId,
        /// The number within the company.
        number_id: NumberId,
    },
    /// A public number leads nowhere from now on.
    NumberGivenBack {
        /// The number.
        number: PhoneNumber,
    },
    /// The platform's gateways are others than before: they are to be loaded anew.
    GatewaysChanged,
}

/// The switch does not answer: it is starting, stopping, or on a node that cannot be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the part that carries calls does not answer")]
pub struct SwitchUnavailable;
