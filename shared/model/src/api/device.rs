//! Devices of an extension and how to set them up (S084, S088, S091).

use serde::{Deserialize, Serialize};
use wigwag_sansio::{Pii, Secret};

use super::{FieldError, Timestamp};
use crate::{Device, DeviceAuthentication, DeviceDraft, DeviceId, ExtensionId};

/// A phone or app with SIP credentials of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeviceView {
    /// Its identity.
    pub id: DeviceId,
    /// The extension that rings there.
    pub extension_id: ExtensionId,
    /// What its owner calls it.
    pub name: String,
    /// How it proves that it knows its password.
    pub authentication: DeviceAuthentication,
    /// When it was added.
    pub created_at: Timestamp,
    /// Where it is connected at present; empty when it is not.
    pub bindings: Vec<Binding>,
}

/// One live registration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Binding {
    /// The device that registered.
    pub device_id: DeviceId,
    /// How its messages travel.
    pub transport: SipTransport,
    /// The network address that they come from.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "192.0.2.1:5060"))]
    pub address: Pii<String>,
    /// What it calls itself.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub user_agent: Option<Pii<String>>,
    /// When it registers again at the latest.
    pub expires_at: Timestamp,
}

/// How SIP messages travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum SipTransport {
    /// Datagrams, not encrypted.
    Udp,
    /// A connection, not encrypted.
    Tcp,
    /// An encrypted connection.
    Tls,
    /// A WebSocket, not encrypted: behind a proxy that does, or on loopback.
    Ws,
    /// An encrypted WebSocket.
    Wss,
}

/// A device that is to be added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeviceRequest {
    /// What its owner calls it; 1 to 80 characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 80, example = "Desk phone"))]
    pub name: String,
    /// How it proves that it knows its password; MD5, which every phone knows, unless told otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authentication: Option<DeviceAuthentication>,
}

/// What has to be typed into a phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SipSettings {
    /// The SIP username, also called authentication name or user id.
    pub username: String,
    /// The device's own password.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub password: Secret<String>,
    /// The SIP domain, also called registrar or realm.
    pub domain: String,
    /// Where the server listens, the best choice first.
    pub servers: Vec<SipServer>,
    /// What to type as outbound proxy where the domain name does not lead to the server.
    pub outbound_proxy: Option<String>,
}

/// Where the server listens on one transport.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SipServer {
    /// How messages travel there.
    pub transport: SipTransport,
    /// A name or an address; IPv6 without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Whether others on the network can neither read nor change what is said there.
    pub encrypted: bool,
}

impl DeviceView {
    /// `device` with those of `bindings` that are its own.
    pub fn new(device: Device, bindings: &[Binding]) -> Self {
        let own = bindings.iter().filter(|binding| binding.device_id == device.id);
        DeviceView {
            bindings: own.cloned().collect(),
            id: device.id,
            extension_id: device.extension_id,
            name: device.name,
            authentication: device.authentication,
            created_at: device.created_at.into(),
        }
    }
}

impl SipTransport {
    /// Whether others on the network can neither read nor change what is said.
    pub const fn is_encrypted(self) -> bool {
        match self {
            SipTransport::Udp | SipTransport::Tcp | SipTransport::Ws => false,
            SipTransport::Tls | SipTransport::Wss => true,
        }
    }
}

impl SipServer {
    /// The server at `host` and `port`.
    pub fn new(transport: SipTransport, host: impl Into<String>, port: u16) -> Self {
        SipServer {
            transport,
            host: host.into(),
            port,
            encrypted: transport.is_encrypted(),
        }
    }
}

impl DeviceRequest {
    /// The draft that this asks for, or every field that is wrong.
    pub fn draft(self) -> Result<DeviceDraft, Vec<FieldError>> {
        let draft = DeviceDraft {
            name: self.name,
            authentication: self.authentication.unwrap_or_default(),
        };
        let errors: Vec<FieldError> = draft.problems().into_iter().map(FieldError::from).collect();
        if errors.is_empty() { Ok(draft) } else { Err(errors) }
    }
}
