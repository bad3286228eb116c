//! A store of its own for each test: a file in a temporary folder, or a database in the PostgreSQL server that
//! `cargo xtask test` runs for the second round.

use tempfile::TempDir;
use wigwag_model::{
    AccessLevel, Author, CallDirection, CallId, CallLeg, CallRecord, Device, DeviceDraft, Extension, ExtensionDraft,
    HangupCause, LegId, LegRole, MediaFigures, NumberCapabilities, NumberKind, Outcome, Party, PhoneNumber,
    StockNumber, Tenant, User, UserDraft,
};
use wigwag_sansio::{Entropy, Pii, Secret, Utc};

use crate::{ReadOnly, ReadWrite, Store, TenantTx};

pub(crate) const NOW: Utc = Utc::from_millis(1_767_258_000_000);

pub(crate) struct TestStore {
    pub(crate) store: Store,
    pub(crate) folder: TempDir,
    pub(crate) url: Option<String>,
    pub(crate) entropy: Entropy,
}

impl TestStore {
    pub(crate) async fn new() -> TestStore {
        let folder = tempfile::tempdir().unwrap();
        let mut entropy = Entropy::from_number(1);
        let url = test_postgres::new_database();
        let store = Store::open(folder.path(), url.as_deref(), &mut entropy).await.unwrap();
        TestStore {
            store,
            folder,
            url,
            entropy,
        }
    }

    /// Closes the store and opens it again.
    pub(crate) async fn reopen(&mut self) -> Result<(), crate::OpenError> {
        self.store.close().await;
        self.store = Store::open(self.folder.path(), self.url.as_deref(), &mut self.entropy).await?;
        Ok(())
    }

    pub(crate) async fn tenant(&mut self) -> Tenant {
        self.store.create_tenant("Acme", NOW, &mut self.entropy).await.unwrap()
    }

    pub(crate) async fn read(&self, tenant: &Tenant) -> TenantTx<ReadOnly> {
        self.store.read(tenant.id).await.unwrap()
    }

    pub(crate) async fn write(&self, tenant: &Tenant) -> TenantTx<ReadWrite> {
        self.store.write(tenant.id, Author::server(NOW)).await.unwrap()
    }

    pub(crate) async fn extension(&mut self, tenant: &Tenant, number: &str) -> Extension {
        let mut tx = self.write(tenant).await;
        let draft = draft(number);
        let extension = tx.create_extension(&draft, NOW, &mut self.entropy).await.unwrap();
        assert!(tx.commit().await.unwrap().version.is_some());
        extension
    }

    pub(crate) async fn device(&mut self, extension: &Extension) -> Device {
        let mut tx = self
            .store
            .write(extension.tenant_id, Author::server(NOW))
            .await
            .unwrap();
        let draft = DeviceDraft {
            name: "Desk".to_owned(),
            authentication: Default::default(),
        };
        let device = tx
            .create_device(extension.id, &draft, NOW, &mut self.entropy)
            .await
            .unwrap();
        assert!(tx.commit().await.unwrap().version.is_some());
        device.unwrap()
    }

    pub(crate) async fn user(&mut self, tenant: &Tenant, username: &str) -> User {
        let mut tx = self.write(tenant).await;
        let hash = Secret::new("$argon2id$".to_owned());
        let draft = user_draft(username);
        let user = tx.create_user(&draft, &hash, NOW, &mut self.entropy).await.unwrap();
        assert_eq!(tx.commit().await.unwrap().version, None);
        user
    }

    /// An answered call of `seconds` after [`NOW`] from `caller` to `callee`.
    pub(crate) fn call(&mut self, caller: &Extension, callee: &Extension, seconds: u64) -> CallRecord {
        let at = |more| NOW + std::time::Duration::from_secs(seconds + more);
        let leg = |leg, role, extension: &Extension| CallLeg {
            leg: LegId(leg),
            role,
            extension_id: Some(extension.id),
            device_id: None,
            address: Pii::new("udp:192.0.2.1:5060".to_owned()),
            started_at: at(0),
            ringing_at: (leg > 0).then(|| at(1)),
            answered_at: Some(at(2)),
            ended_at: at(9),
            cause: HangupCause::NormalClearing,
            media: (leg > 0).then(|| MediaFigures {
                packets_received: 350,
                round_trip_us: Some(900),
                ..Default::default()
            }),
        };
        CallRecord {
            id: CallId::new(at(0), &mut self.entropy),
            tenant_id: caller.tenant_id,
            direction: CallDirection::Internal,
            caller: party(caller),
            dialled: Pii::new(callee.number.to_string()),
            callee: Some(party(callee)),
            started_at: at(0),
            answered_at: Some(at(2)),
            ended_at: at(9),
            talk_ms: 7_000,
            outcome: Outcome::Answered,
            cause: HangupCause::NormalClearing,
            legs: vec![leg(0, LegRole::Caller, caller), leg(1, LegRole::Callee, callee)],
        }
    }
}

pub(crate) fn draft(number: &str) -> ExtensionDraft {
    ExtensionDraft::new(number.parse().unwrap(), "Alice")
}

pub(crate) fn user_draft(username: &str) -> UserDraft {
    UserDraft {
        username: username.parse().unwrap(),
        name: "Alice".to_owned(),
        access_level: AccessLevel::Owner,
        default_extension_id: None,
    }
}

fn party(extension: &Extension) -> Party {
    Party {
        name: Some(Pii::new(extension.name.clone())),
        number: Pii::new(extension.number.to_string()),
        extension: Some((extension.id, extension.number.clone())),
    }
}

/// Puts `numbers` into the platform's stock.
pub(crate) async fn stock(store: &Store, numbers: &[&str]) {
    let numbers: Vec<StockNumber> = numbers
        .iter()
        .map(|number| {
            let number: PhoneNumber = number.parse().unwrap();
            StockNumber {
                area: "Nowhere".to_owned(),
                kind: NumberKind::of(&number),
                number,
                capabilities: NumberCapabilities {
                    calls: true,
                    ..NumberCapabilities::default()
                },
                monthly_price: 990_000,
            }
        })
        .collect();
    let mut tx = store.write_platform(Author::server(NOW)).await.unwrap();
    tx.load_stock(&numbers).await.unwrap();
    tx.commit().await.unwrap();
}
