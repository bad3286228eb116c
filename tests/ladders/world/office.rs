//! The company: extensions 201 to 204, and the devices that its phones register as.

use std::collections::BTreeMap;

use wigwag_model::{
    Device, DeviceAuthentication, DeviceId, Extension, ExtensionDraft, ExtensionId, Tenant, TenantConfiguration,
    TenantId,
};
use wigwag_pbx::TenantSnapshot;
use wigwag_sansio::{Entropy, Secret, Utc};

/// The domain of all SIP addresses.
pub(crate) const DOMAIN: &str = "pbx.example";
/// The numbers of the company's extensions and whose they are.
const EXTENSIONS: [(&str, &str); 4] = [("201", "Ann"), ("202", "Bob"), ("203", "Cy"), ("204", "Dee")];

/// Who belongs to the company.
#[derive(Debug)]
pub(crate) struct Office {
    pub(crate) snapshot: TenantSnapshot,
    pub(crate) tenant_id: TenantId,
    devices: BTreeMap<&'static str, (ExtensionId, DeviceId)>,
}

impl Office {
    /// The company with these phones, each with the extension that it belongs to.
    pub(crate) fn new(phones: &[(&'static str, &'static str)], call_waiting: bool) -> Self {
        let (at, mut entropy) = (Utc::from_millis(1_767_000_000_000), Entropy::from_number(7));
        let tenant = Tenant {
            id: TenantId::new(at, &mut entropy),
            name: "Acme".into(),
            concurrent_calls: 10,
            created_at: at,
        };
        let tenant_id = tenant.id;
        let extensions: Vec<Extension> = EXTENSIONS
            .iter()
            .map(|(number, name)| {
                let draft = ExtensionDraft {
                    call_waiting,
                    ..ExtensionDraft::new(number.parse().unwrap(), *name)
                };
                let sip_username = username(number).parse().unwrap();
                Extension::new(ExtensionId::new(at, &mut entropy), tenant_id, sip_username, draft, at)
            })
            .collect();
        let devices: Vec<Device> = phones
            .iter()
            .map(|(phone, number)| Device {
                id: DeviceId::new(at, &mut entropy),
                tenant_id,
                extension_id: extensions.iter().find(|e| e.number.as_str() == *number).unwrap().id,
                name: (*phone).into(),
                sip_password: Secret::new("correct horse battery".into()),
                authentication: DeviceAuthentication::Md5,
                created_at: at,
            })
            .collect();
        let by_name = phones.iter().zip(&devices);
        let by_name = by_name.map(|((name, _), device)| (*name, (device.extension_id, device.id)));
        Office {
            devices: by_name.collect(),
            tenant_id,
            snapshot: TenantSnapshot::new(
                TenantConfiguration {
                    version: 1,
                    tenant,
                    extensions,
                    devices,
                    call_handling: Default::default(),
                },
                DOMAIN,
            ),
        }
    }

    /// One more device of an extension.
    pub(crate) fn add_device(&mut self, phone: &'static str, number: &str) {
        let extension = self.snapshot.extension_by_number(&number.parse().unwrap()).unwrap().id;
        let device = DeviceId::new(Utc::from_millis(0), &mut Entropy::from_number(99));
        self.devices.insert(phone, (extension, device));
    }

    /// The extension and device of a phone, which digest would have proved.
    pub(crate) fn device(&self, phone: &str) -> (ExtensionId, DeviceId) {
        self.devices[phone]
    }

    /// The number of an extension.
    pub(crate) fn number(&self, id: ExtensionId) -> &str {
        self.snapshot.extension(id).unwrap().number.as_str()
    }
}

/// The SIP username of an extension.
pub(crate) fn username(number: &str) -> String {
    format!("{number}000")
}
