//! SIP connections of the platform to carriers.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use wigwag_sansio::Secret;

use crate::{DraftProblem, GatewayId, Problem, Revision, limits};

/// A SIP connection to a carrier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Gateway {
    /// Its identity.
    pub id: GatewayId,
    /// Rises with every change.
    pub revision: Revision,
    /// What the operator says of it.
    #[serde(flatten)]
    pub settings: GatewaySettings,
}

/// What the platform's operator says of a gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GatewaySettings {
    /// Its name; unique on the platform.
    pub name: String,
    /// A host name or an address; without a port it is looked up by NAPTR and SRV (RFC 3263 §4).
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "sip.carrier.example"))]
    pub host: SmolStr,
    /// The port, where it is fixed.
    #[serde(default)]
    pub port: Option<u16>,
    /// The transport, where it is fixed.
    #[serde(default)]
    pub transport: Option<GatewayTransport>,
    /// How we prove who we are.
    #[serde(default)]
    pub credentials: Option<GatewayCredentials>,
    /// Whether we register there, so that calls for our numbers arrive over the registration.
    #[serde(default)]
    pub registers: bool,
    /// Addresses from which the carrier sends us calls, besides the ones that `host` resolves to.
    #[serde(default)]
    pub sources: Vec<Source>,
    /// Those of the lowest order are tried first.
    #[serde(default)]
    pub order: u16,
    /// Share of the calls among gateways of the same order.
    #[serde(default = "one")]
    pub weight: u16,
    /// The most calls at a time, of which a few are kept for emergency calls.
    #[serde(default)]
    pub channels: Option<u32>,
    /// How numbers are written to the carrier.
    #[serde(default)]
    pub number_format: NumberFormat,
    /// Digits put before every number that is called.
    #[cfg_attr(feature = "openapi", schema(value_type = String, max_length = 8))]
    #[serde(default)]
    pub prefix: SmolStr,
    /// Where the carrier expects the caller's identity.
    #[serde(default)]
    pub identity: IdentityHeader,
    /// Whether calls go out over it.
    #[serde(default = "yes")]
    pub outbound: bool,
    /// Whether emergency calls go out over it.
    #[serde(default)]
    pub emergency: bool,
    /// Whether it is in use at all.
    #[serde(default = "yes")]
    pub enabled: bool,
}

fn is_absent(password: &Secret<String>) -> bool {
    password.expose().is_empty()
}

fn yes() -> bool {
    true
}

fn one() -> u16 {
    1
}

/// A transport to a carrier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum GatewayTransport {
    /// Datagrams.
    Udp,
    /// A connection.
    Tcp,
    /// An encrypted connection.
    Tls,
}

/// What a carrier knows us by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GatewayCredentials {
    /// The user name.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub username: SmolStr,
    /// The password: never told, and in a change absent where it stays as it is.
    #[cfg_attr(feature = "openapi", schema(value_type = String, write_only))]
    #[serde(default, skip_serializing_if = "is_absent")]
    pub password: Secret<String>,
}

/// A network that a carrier sends from, for example `192.0.2.0/24`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Source {
    address: IpAddr,
    length: u8,
}

/// A text that is no network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be an address or a network such as 192.0.2.0/24")]
pub struct SourceError;

/// How a number is written to a carrier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum NumberFormat {
    /// `+441632960123`
    #[default]
    Plus,
    /// `441632960123`
    Digits,
    /// `00441632960123`
    DoubleZero,
    /// `01632960123` at home, `0012025550123` abroad
    National,
}

/// Where a carrier expects the identity of a caller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum IdentityHeader {
    /// P-Asserted-Identity for the network number, From for the presentation number (RFC 3325).
    #[default]
    PAssertedIdentity,
    /// Remote-Party-ID.
    RemotePartyId,
    /// From alone.
    From,
}

impl Source {
    /// Whether `address` belongs to the network.
    pub fn contains(&self, address: IpAddr) -> bool {
        let equal = |ours: &[u8], theirs: &[u8]| {
            let whole = usize::from(self.length / 8);
            let rest = self.length % 8;
            ours[..whole] == theirs[..whole] && (rest == 0 || (ours[whole] ^ theirs[whole]) >> (8 - rest) == 0)
        };
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => equal(&ours.octets(), &theirs.octets()),
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => equal(&ours.octets(), &theirs.octets()),
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

impl std::str::FromStr for Source {
    type Err = SourceError;

    fn from_str(text: &str) -> Result<Self, SourceError> {
        let (address, length) = text
            .split_once('/')
            .map_or((text, None), |(address, length)| (address, Some(length)));
        let address: IpAddr = address.parse().map_err(|_| SourceError)?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let length = length.map_or(Ok(most), |length| length.parse().map_err(|_| SourceError))?;
        if length > most {
            return Err(SourceError);
        }
        Ok(Source { address, length })
    }
}

impl TryFrom<String> for Source {
    type Error = SourceError;

    fn try_from(text: String) -> Result<Self, SourceError> {
        text.parse()
    }
}

impl From<Source> for String {
    fn from(source: Source) -> String {
        format!("{}/{}", source.address, source.length)
    }
}

impl Gateway {
    /// The gateway as people see it.
    #[must_use]
    pub fn without_password(mut self) -> Self {
        if let Some(credentials) = &mut self.settings.credentials {
            credentials.password = Secret::default();
        }
        self
    }
}

impl GatewaySettings {
    /// A gateway called `name` at `host`, with everything else as it is unless told otherwise.
    pub fn new(name: impl Into<String>, host: impl Into<SmolStr>) -> Self {
        GatewaySettings {
            name: name.into(),
            host: host.into(),
            port: None,
            transport: None,
            credentials: None,
            registers: false,
            sources: Vec::new(),
            order: 0,
            weight: one(),
            channels: None,
            number_format: NumberFormat::default(),
            prefix: SmolStr::default(),
            identity: IdentityHeader::default(),
            outbound: yes(),
            emergency: false,
            enabled: yes(),
        }
    }

    /// These settings with the password of `before` where they leave it out.
    #[must_use]
    pub fn with_password_of(mut self, before: &GatewaySettings) -> Self {
        if let (Some(credentials), Some(known)) = (&mut self.credentials, &before.credentials)
            && is_absent(&credentials.password)
        {
            credentials.password = known.password.clone();
        }
        self
    }

    /// Finds everything that is wrong; empty when it can be stored.
    pub fn problems(&self) -> Vec<DraftProblem> {
        let mut problems = Vec::new();
        problems.extend(Problem::of_name(&self.name).map(|problem| DraftProblem::new("name", problem)));
        let host = self.host.as_str();
        let odd = |byte: u8| !(byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']' | b'_'));
        if host.is_empty() {
            problems.push(DraftProblem::new("host", Problem::Empty));
        } else if host.len() > limits::HOST_CHARS || host.bytes().any(odd) {
            problems.push(DraftProblem::new("host", Problem::NotAHost));
        }
        if self.registers && self.credentials.is_none() {
            problems.push(DraftProblem::new("credentials", Problem::Empty));
        }
        if let Some(credentials) = &self.credentials {
            problems
                .extend(of_credential(&credentials.username).map(|problem| DraftProblem::new("credentials", problem)));
            problems.extend(
                of_credential(credentials.password.expose()).map(|problem| DraftProblem::new("credentials", problem)),
            );
        }
        if self.weight == 0 {
            let (least, most) = (1, u16::MAX.into());
            problems.push(DraftProblem::new("weight", Problem::OutOfRange { least, most }));
        }
        if self.sources.len() > limits::SOURCES_PER_GATEWAY {
            let most = limits::SOURCES_PER_GATEWAY as u32;
            problems.push(DraftProblem::new("sources", Problem::TooMany { most }));
        }
        if self.prefix.len() > 8
            || !self
                .prefix
                .bytes()
                .all(|byte| byte.is_ascii_digit() || matches!(byte, b'*' | b'#'))
        {
            problems.push(DraftProblem::new("prefix", Problem::NotDigits));
        }
        problems
    }
}

/// What is wrong with a user name or password, if anything.
fn of_credential(text: &str) -> Option<Problem> {
    const MOST: u32 = 128;
    if text.is_empty() {
        return Some(Problem::Empty);
    }
    if text.chars().any(char::is_control) {
        return Some(Problem::ControlCharacters);
    }
    (text.chars().count() > MOST as usize).then_some(Problem::TooLong { most: MOST })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_contains_its_addresses() {
        let network: Source = "192.0.2.128/25".parse().expect("a network");
        assert!(network.contains("192.0.2.200".parse().expect("an address")));
        assert!(network.contains("::ffff:192.0.2.200".parse().expect("an address")));
        assert!(!network.contains("192.0.2.1".parse().expect("an address")));
        let host: Source = "2001:db8::1".parse().expect("an address");
        assert!(host.contains("2001:db8::1".parse().expect("an address")));
        assert!(!host.contains("2001:db8::2".parse().expect("an address")));
        assert_eq!("192.0.2.0/33".parse::<Source>(), Err(SourceError));
    }

    #[test]
    fn a_gateway_that_registers_needs_credentials() {
        let settings: GatewaySettings =
            serde_json::from_str(r#"{"name": "Carrier", "host": "sip.example", "registers": true}"#).expect("settings");
        assert_eq!(settings.problems(), [DraftProblem::new("credentials", Problem::Empty)]);
        let expected = GatewaySettings {
            registers: true,
            ..GatewaySettings::new("Carrier", "sip.example")
        };
        assert_eq!(settings, expected);
        assert!(settings.outbound && settings.enabled && !settings.emergency);
    }
}
