//! One company's configuration as an immutable, indexed value; every call of the company is decided from it alone.

use std::{cmp::Ordering, collections::BTreeMap, sync::Arc};

use wigwag_model::{
    CallHandling, Device, DeviceAuthentication, DeviceId, Extension, ExtensionId, ExtensionNumber, SipUsername, Tenant,
    TenantConfiguration, TenantId,
};
use wigwag_sansio::Utc;
use wigwag_sip::digest::{Algorithm, Ha1};

use crate::Handling;

/// A company's configuration, indexed for decisions. It never changes, so it is kept in sorted rows without slack.
#[derive(Debug)]
pub struct TenantSnapshot {
    version: u64,
    tenant: Tenant,
    /// By identity.
    members: Box<[Member]>,
    /// Places among the members, by number.
    by_number: Box<[Place]>,
    /// The same by username.
    by_username: Box<[Place]>,
    handling: Handling,
}

/// An extension and what its devices prove themselves with.
#[derive(Debug)]
struct Member {
    extension: Arc<Extension>,
    credentials: Box<[Credential]>,
}

type Place = u32;

/// What a device of an extension can prove itself with.
#[derive(Debug)]
pub struct Credential {
    /// The device.
    pub device_id: DeviceId,
    /// H(username:realm:password) for its algorithm (RFC 7616 §3.4.2).
    pub ha1: Ha1,
    /// The same for MD5, where that is not its algorithm: it tells which device answers a challenge that was not meant
    /// for it, and lets nobody in.
    pub tell_tale: Option<Box<Ha1>>,
}

impl TenantSnapshot {
    /// Indexes `configuration`; the devices' digest secrets are prepared for `realm`.
    pub fn new(configuration: TenantConfiguration, realm: &str) -> Self {
        let TenantConfiguration {
            version,
            tenant,
            mut extensions,
            devices,
            call_handling,
        } = configuration;
        extensions.sort_by_key(|extension| extension.id);
        let mut by_extension: BTreeMap<ExtensionId, Vec<Device>> = BTreeMap::new();
        for device in devices {
            by_extension.entry(device.extension_id).or_default().push(device);
        }
        let member = |extension: Extension| {
            let devices = by_extension.remove(&extension.id).unwrap_or_default();
            let credential = |device: &Device| Credential::new(device, &extension.sip_username, realm);
            Member {
                credentials: devices.iter().map(credential).collect(),
                extension: Arc::new(extension),
            }
        };
        let members: Box<[Member]> = extensions.into_iter().map(member).collect();
        TenantSnapshot {
            version,
            tenant,
            by_number: places(&members, |extension| &extension.number),
            by_username: places(&members, |extension| &extension.sip_username),
            members,
            handling: Handling::new(call_handling),
        }
    }

    /// What stands in for the configuration of a company that cannot be read: it has nothing and may nothing.
    pub fn unknown(tenant: TenantId) -> Self {
        let configuration = TenantConfiguration {
            version: 0,
            tenant: Tenant {
                id: tenant,
                name: String::new(),
                concurrent_calls: 0,
                created_at: Utc::from_millis(0),
            },
            extensions: Vec::new(),
            devices: Vec::new(),
            call_handling: CallHandling::default(),
        };
        TenantSnapshot::new(configuration, "")
    }

    /// Rises with every change.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The company.
    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// Where its calls go.
    pub fn handling(&self) -> &Handling {
        &self.handling
    }

    /// All extensions, by identity.
    pub fn extensions(&self) -> impl Iterator<Item = &Arc<Extension>> {
        self.members.iter().map(|member| &member.extension)
    }

    /// The extension with this identity.
    pub fn extension(&self, id: ExtensionId) -> Option<&Arc<Extension>> {
        self.member(id).map(|member| &member.extension)
    }

    /// The extension that colleagues reach by `number`.
    pub fn extension_by_number(&self, number: &ExtensionNumber) -> Option<&Arc<Extension>> {
        self.find(&self.by_number, |extension| extension.number.cmp(number))
    }

    /// The extension whose devices register as `username`.
    pub fn extension_by_username(&self, username: &SipUsername) -> Option<&Arc<Extension>> {
        self.find(&self.by_username, |extension| extension.sip_username.cmp(username))
    }

    /// The devices of an extension, with what they prove themselves with.
    pub fn credentials(&self, extension: ExtensionId) -> &[Credential] {
        self.member(extension).map_or(&[], |member| &member.credentials)
    }

    /// The extension that a device belongs to.
    pub fn extension_of(&self, device: DeviceId) -> Option<ExtensionId> {
        let owns = |member: &&Member| member.credentials.iter().any(|known| known.device_id == device);
        self.members.iter().find(owns).map(|member| member.extension.id)
    }

    fn member(&self, id: ExtensionId) -> Option<&Member> {
        let place = self.members.binary_search_by_key(&id, |member| member.extension.id);
        place.ok().map(|place| &self.members[place])
    }

    fn find(&self, places: &[Place], compare: impl Fn(&Extension) -> Ordering) -> Option<&Arc<Extension>> {
        let extension = |place: &Place| &self.members[*place as usize].extension;
        let found = places.binary_search_by(|place| compare(extension(place)));
        found.ok().map(|index| extension(&places[index]))
    }
}

/// The places of all members in the order of a key.
fn places<K: Ord>(members: &[Member], key: impl Fn(&Extension) -> &K) -> Box<[Place]> {
    let mut places: Box<[Place]> = (0..).take(members.len()).collect();
    let key_at = |place: &Place| key(&members[*place as usize].extension);
    places.sort_by(|one, other| key_at(one).cmp(key_at(other)));
    places
}

impl Credential {
    fn new(device: &Device, username: &SipUsername, realm: &str) -> Self {
        let algorithm = match device.authentication {
            DeviceAuthentication::Md5 => Algorithm::Md5,
            DeviceAuthentication::Sha256 => Algorithm::Sha256,
        };
        let ha1 = |algorithm| Ha1::new(algorithm, username.as_str(), realm, device.sip_password.expose());
        Credential {
            device_id: device.id,
            ha1: ha1(algorithm),
            tell_tale: (algorithm != Algorithm::Md5).then(|| Box::new(ha1(Algorithm::Md5))),
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
                let sip_username = format!("{number}000").parse().expect("six digits");
                Extension::new(ExtensionId::new(at, &mut entropy), tenant.id, sip_username, draft, at)
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
