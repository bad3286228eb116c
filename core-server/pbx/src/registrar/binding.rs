//! One binding: an extension's username is reachable at a contact through a flow (RFC 3261 §10, RFC 5626).

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use wigwag_model::DeviceId;
use wigwag_sansio::{Pii, Tick, Utc};
use wigwag_sip::{
    transaction::FlowId,
    wire::{
        Uri,
        header::{CallId, Path, Transport},
    },
};

/// What makes two registrations the same device's: its `+sip.instance`, else where and as whom it registers.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BindingKey(SmolStr);

impl BindingKey {
    /// The key of a device that names itself (RFC 5626 §4.1).
    pub fn of_instance(instance: &str, reg_id: Option<u32>) -> Self {
        BindingKey(format!("{instance}#{}", reg_id.unwrap_or(0)).into())
    }

    /// Which device it is, if it names itself.
    pub fn instance(&self) -> Option<&str> {
        let (instance, _) = self.0.rsplit_once('#')?;
        (instance.starts_with('<') && instance.ends_with('>')).then_some(instance)
    }

    /// Which of the device's flows it is (RFC 5626 §4.2), if it has several.
    pub fn reg_id(&self) -> Option<u32> {
        let (_, reg_id) = self.instance().and(self.0.rsplit_once('#'))?;
        reg_id.parse().ok().filter(|reg_id| *reg_id > 0)
    }

    /// The key of a device that does not.
    pub fn of_source(contact_user: &str, transport: &Transport, remote: SocketAddr) -> Self {
        BindingKey(format!("{contact_user}@{}:{remote}", transport.as_str()).into())
    }

    /// The key that was stored as this text.
    pub fn from_text(text: &str) -> Self {
        BindingKey(text.into())
    }

    /// The key as text for the database.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for BindingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[personal]")
    }
}

/// How a phone is reached: over which flow, and where that leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// The connection, or the UDP socket and address.
    pub flow: FlowId,
    /// Its transport.
    pub transport: Transport,
    /// Our end of it.
    pub local: SocketAddr,
    /// The phone's end of it, as seen from here.
    pub remote: Pii<SocketAddr>,
}

impl std::fmt::Display for Reach {
    /// For example `UDP:192.0.2.1:5060`: personal, for records only.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.transport.as_str(), self.remote.expose())
    }
}

/// A registered phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// What makes it itself.
    pub key: BindingKey,
    /// The device whose password it registered with.
    pub device_id: DeviceId,
    /// The URI to put into requests to it.
    pub contact: Uri,
    /// How to reach it.
    pub reach: Reach,
    /// Proxies to pass (RFC 3327).
    pub path: Vec<Path>,
    /// What it says that it is.
    pub user_agent: Option<SmolStr>,
    /// The REGISTER that made it, for ordering.
    pub call_id: CallId,
    /// The number of that REGISTER.
    pub cseq: u32,
    /// When it was made or refreshed.
    pub registered_at: Utc,
    /// When it ends unless refreshed.
    pub expires: Tick,
    /// The same for people and the database.
    pub expires_at: Utc,
}

impl Binding {
    /// Whether this is a flow of the same device, registered later (RFC 5626 §4.2).
    pub fn is_newer_flow_of(&self, other: &Binding) -> bool {
        let (newer, older) = ((self.registered_at, &self.key), (other.registered_at, &other.key));
        let instance = self.key.instance();
        instance.is_some() && instance == other.key.instance() && self.device_id == other.device_id && newer > older
    }
}
