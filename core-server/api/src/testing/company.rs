//! A company with people of every access level, two extensions and a device on each.

use wigwag_model::{
    AccessLevel, Author, CallDirection, CallId, CallLeg, CallRecord, Device, DeviceAuthentication, DeviceDraft,
    Extension, ExtensionDraft, ExtensionId, HangupCause, IncomingNumber, LegId, LegRole, Party, Tenant, User,
    UserDraft, api::LiveCall,
};
use wigwag_sansio::{Pii, Secret, Utc};
use wigwag_store::{ReadWrite, TenantTx};

use super::TestApi;
use crate::hash_password;

/// A company.
pub(crate) struct Company {
    pub(crate) tenant: Tenant,
    pub(crate) owner: Person,
    pub(crate) admin: Person,
    /// Access level `extension`; the own extension is `reception`.
    pub(crate) receptionist: Person,
    /// Access level `extension` without an extension.
    pub(crate) newcomer: Person,
    /// 101.
    pub(crate) reception: Extension,
    /// 102.
    pub(crate) workshop: Extension,
    pub(crate) reception_phone: Device,
    pub(crate) workshop_phone: Device,
    /// A public number without a destination.
    pub(crate) number: IncomingNumber,
}

/// Somebody who is signed in.
pub(crate) struct Person {
    pub(crate) user: User,
    pub(crate) token: Secret<String>,
}

impl Company {
    pub(crate) async fn new(api: &mut TestApi, name: &str) -> Self {
        let now = api.now().utc;
        let tenant = api
            .store
            .create_tenant(name, now, &mut api.entropy)
            .await
            .expect("a company");
        let number = format!("+44115{:07}", api.entropy.below(10_000_000));
        api.stock(&[&number]).await;
        let mut tx = api
            .store
            .write(tenant.id, Author::server(now))
            .await
            .expect("a transaction");
        let wanted = [number.parse().expect("a number")];
        let mut taken = tx.take_numbers(&wanted, &mut api.entropy).await.expect("a number");
        let (reception, reception_phone) = extension(api, &mut tx, "101", "Reception").await;
        let (workshop, workshop_phone) = extension(api, &mut tx, "102", "Workshop").await;
        let company = Company {
            owner: person(api, &mut tx, &format!("{name}owner"), AccessLevel::Owner, None).await,
            admin: person(api, &mut tx, &format!("{name}admin"), AccessLevel::Admin, None).await,
            receptionist: {
                let own = Some(reception.id);
                person(api, &mut tx, &format!("{name}reception"), AccessLevel::Extension, own).await
            },
            newcomer: person(api, &mut tx, &format!("{name}newcomer"), AccessLevel::Extension, None).await,
            tenant,
            reception,
            workshop,
            reception_phone,
            workshop_phone,
            number: taken.remove(0),
        };
        assert!(tx.commit().await.expect("a commit").version.is_some());
        company
    }

    /// Makes the owner an operator of the platform.
    pub(crate) async fn make_operator(&self, api: &mut TestApi) -> &Person {
        let author = Author::server(api.now().utc);
        let mut tx = api.store.write_platform(author).await.expect("a transaction");
        let changed = tx
            .set_operator(&self.owner.user.username, true)
            .await
            .expect("a change");
        assert!(changed.is_some());
        tx.commit().await.expect("a commit");
        &self.owner
    }

    /// Gives the owner a password that can be signed in with.
    pub(crate) async fn set_owner_password(&self, api: &mut TestApi, password: &str) {
        let hash = hash_password(&Secret::new(password.to_owned()), &mut api.entropy);
        let mut tx = api
            .store
            .write(self.tenant.id, Author::server(api.now().utc))
            .await
            .expect("a transaction");
        assert!(tx.set_password_hash(self.owner.user.id, &hash).await.expect("a change"));
        assert_eq!(tx.commit().await.expect("a commit").version, None);
    }

    /// Writes a call from the reception to the workshop that started at `started_at` into the history.
    pub(crate) async fn record_call(&self, api: &mut TestApi, started_at: Utc, cause: HangupCause) -> CallRecord {
        let legs = vec![
            self.leg(0, LegRole::Caller, &self.reception_phone, started_at, cause),
            self.leg(1, LegRole::Callee, &self.workshop_phone, started_at, cause),
        ];
        let record = CallRecord {
            id: CallId::new(started_at, &mut api.entropy),
            tenant_id: self.tenant.id,
            direction: CallDirection::Internal,
            caller: party(&self.reception),
            dialled: Pii::new("102".to_owned()),
            callee: Some(party(&self.workshop)),
            started_at,
            answered_at: None,
            ended_at: started_at,
            talk_ms: 0,
            outcome: cause.outcome(),
            cause,
            legs,
        };
        let records = std::slice::from_ref(&record);
        api.store.record_calls("test", records, None).await.expect("a record");
        record
    }

    /// Lets the switch have a call from the reception to the workshop.
    pub(crate) fn start_call(&self, api: &mut TestApi) -> CallId {
        let now = api.now().utc;
        let call = LiveCall {
            id: CallId::new(now, &mut api.entropy),
            direction: CallDirection::Internal,
            caller: party(&self.reception).into(),
            dialled: Pii::new("102".to_owned()),
            callee: Some(party(&self.workshop).into()),
            started_at: now.into(),
            answered_at: None,
            legs: Vec::new(),
        };
        let id = call.id;
        api.switch.live_calls.lock().push((self.tenant.id, call));
        id
    }

    fn leg(&self, leg: u16, role: LegRole, device: &Device, at: Utc, cause: HangupCause) -> CallLeg {
        CallLeg {
            leg: LegId(leg),
            role,
            extension_id: Some(device.extension_id),
            device_id: Some(device.id),
            address: Pii::new("udp:192.0.2.1:5060".to_owned()),
            started_at: at,
            ringing_at: None,
            answered_at: None,
            ended_at: at,
            cause,
            media: None,
        }
    }
}

fn party(extension: &Extension) -> Party {
    Party {
        name: Some(Pii::new(extension.name.clone())),
        number: Pii::new(extension.number.to_string()),
        extension: Some((extension.id, extension.number.clone())),
    }
}

async fn extension(api: &mut TestApi, tx: &mut TenantTx<ReadWrite>, number: &str, name: &str) -> (Extension, Device) {
    let now = api.now().utc;
    let draft = ExtensionDraft::new(number.parse().expect("a number"), name);
    let extension = tx
        .create_extension(&draft, now, &mut api.entropy)
        .await
        .expect("an extension");
    let draft = DeviceDraft {
        name: "Desk phone".to_owned(),
        authentication: DeviceAuthentication::Md5,
    };
    let device = tx
        .create_device(extension.id, &draft, now, &mut api.entropy)
        .await
        .expect("a device");
    (extension, device.expect("the extension is there"))
}

async fn person(
    api: &mut TestApi,
    tx: &mut TenantTx<ReadWrite>,
    username: &str,
    access_level: AccessLevel,
    default_extension_id: Option<ExtensionId>,
) -> Person {
    let now = api.now().utc;
    let draft = UserDraft {
        username: username.parse().expect("a username"),
        name: "Somebody".to_owned(),
        access_level,
        default_extension_id,
    };
    let no_hash = Secret::new("!".to_owned());
    let user = tx
        .create_user(&draft, &no_hash, now, &mut api.entropy)
        .await
        .expect("a user");
    let token = tx
        .create_session(user.id, now, &mut api.entropy)
        .await
        .expect("a session");
    Person {
        user,
        token: token.expect("the user is there"),
    }
}
