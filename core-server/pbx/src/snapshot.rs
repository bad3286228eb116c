//! One company's configuration as an immutable, indexed value; every call of the company is decided from it alone.

use std::{collections::BTreeMap, sync::Arc};

use wigwag_model::{
    Device, DeviceId, Extension, ExtensionId, ExtensionNumber, SipUsername, Tenant, TenantConfiguration,
};
use wigwag_sip::digest::{Algorithm, Ha1};

/// A company's configuration, indexed for decisions.
#[derive(Debug)]
pub struct TenantSnapshot {
    version: u64,
    tenant: Tenant,
    extensions: BTreeMap<ExtensionId, Arc<Extension>>,
    by_number: BTreeMap<ExtensionNumber, ExtensionId>,
    by_username: BTreeMap<SipUsername, ExtensionId>,
    credentials: BTreeMap<ExtensionId, Vec<Credential>>,
}

/// What a device of an extension can prove itself with.
#[derive(Debug)]
pub struct Credential {
    /// The device.
    pub device: Device,
    /// H(username:realm:password) for its algorithm (RFC 7616 §3.4.2).
    pub ha1: Ha1,
    /// The same for MD5, where that is not its algorithm: it tells which device answers a challenge that was not meant
    /// for it, and lets nobody in.
    pub tell_tale: Option<Ha1>,
}

impl TenantSnapshot {
    /// Indexes `configuration`; the devices' digest secrets are prepared for `realm`.
    pub fn new(configuration: TenantConfiguration, realm: &str) -> Self {
        let TenantConfiguration {
            version,
            tenant,
            extensions,
            devices,
            call_handling: _,
        } = configuration;
        let extensions: BTreeMap<_, _> = extensions.into_iter().map(|e| (e.id, Arc::new(e))).collect();
        let by_number = extensions.values().map(|e| (e.number.clone(), e.id)).collect();
        let by_username = extensions.values().map(|e| (e.sip_username.clone(), e.id)).collect();
        let mut credentials: BTreeMap<ExtensionId, Vec<Credential>> = BTreeMap::new();
        for device in devices {
            if let Some(extension) = extensions.get(&device.extension_id) {
                let credential = Credential::new(device, &extension.sip_username, realm);
                credentials.entry(extension.id).or_default().push(credential);
            }
        }
        TenantSnapshot {
            version,
            tenant,
            extensions,
            by_number,
            by_username,
            credentials,
        }
    }

    /// Rises with every change.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The company.
    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// All extensions, by identity.
    pub fn extensions(&self) -> impl Iterator<Item = &Arc<Extension>> {
        self.extensions.values()
    }

    /// The extension with this identity.
    pub fn extension(&self, id: ExtensionId) -> Option<&Arc<Extension>> {
        self.extensions.get(&id)
    }

    /// The extension that colleagues reach by `number`.
    pub fn extension_by_number(&self, number: &ExtensionNumber) -> Option<&Arc<Extension>> {
        self.extensions.get(self.by_number.get(number)?)
    }

    /// The extension whose devices register as `username`.
    pub fn extension_by_username(&self, username: &SipUsername) -> Option<&Arc<Extension>> {
        self.extensions.get(self.by_username.get(username)?)
    }

    /// The devices of an extension, with what they prove themselves with.
    pub fn credentials(&self, extension: ExtensionId) -> &[Credential] {
        self.credentials.get(&extension).map_or(&[], Vec::as_slice)
    }

    /// The extension that a device belongs to.
    pub fn extension_of(&self, device: DeviceId) -> Option<ExtensionId> {
        self.credentials
            .iter()
            .find(|(_, credentials)| credentials.iter().any(|credential| credential.device.id == device))
            .map(|(extension, _)| *extension)
    }
}

impl Credential {
    fn new(device: Device, username: &SipUsername, realm: &str) -> Self {
        let algorithm = match device.authentication {
            wigwag_model::DeviceAuthentication::Md5 => Algorithm::Md5,
            wigwag_model::DeviceAuthentication::Sha256 => Algorithm::Sha256,
        };
        let ha1 = |algorithm| Ha1::new(algorithm, username.as_str(), realm, device.sip_password.expose());
        Credential {
            ha1: ha1(algorithm),
            tell_tale: (algorithm != Algorithm::Md5).then(|| ha1(Algorithm::Md5)),
            device,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use wigwag_model::{ExtensionDraft, TenantId};
    use wigwag_sansio::{Entropy, Utc};

    use super::*;

    /// A company with these internal numbers, whose SIP usernames are the numbers with three zeros behind.
    pub(crate) fn snapshot_with(numbers: &[&str]) -> TenantSnapshot {
        let mut entropy = Entropy::from_number(1);
        let at = Utc::from_millis(0);
        let tenant = Tenant {
            id: TenantId::new(at, &mut entropy),
            name: "Acme".into(),
            concurrent_calls: 10,
            created_at: at,
        };
        let extensions = numbers
            .iter()
            .map(|number| {
                let draft = ExtensionDraft::new(number.parse().expect("a number"), format!("Extension {number}"));
                Extension {
                    id: ExtensionId::new(at, &mut entropy),
                    tenant_id: tenant.id,
                    number: draft.number,
                    sip_username: format!("{number}000").parse().expect("six digits"),
                    name: draft.name,
                    ring_timeout_s: draft.ring_timeout_s,
                    call_waiting: draft.call_waiting,
                    created_at: at,
                }
            })
            .collect();
        TenantSnapshot::new(
            TenantConfiguration {
                version: 1,
                tenant,
                extensions,
                devices: Vec::new(),
                call_handling: Default::default(),
            },
            "pbx.example",
        )
    }

    #[test]
    fn an_extension_is_found_by_number_and_by_username() {
        let snapshot = snapshot_with(&["201", "202"]);
        let by_number = snapshot
            .extension_by_number(&"202".parse().expect("a number"))
            .expect("is there");
        let by_username = snapshot
            .extension_by_username(&"202000".parse().expect("digits"))
            .expect("is there");
        assert_eq!(by_number.id, by_username.id);
        assert!(
            snapshot
                .extension_by_number(&"203".parse().expect("a number"))
                .is_none()
        );
        assert!(snapshot.credentials(by_number.id).is_empty());
    }
}
