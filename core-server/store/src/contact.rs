//! The company's phone book, as far as it is dialled by speed dials (S227).

use wigwag_model::{Contact, ContactId, ContactSettings, EntityKind, SpeedDial, TenantId, limits};
use wigwag_sansio::Entropy;

use crate::{
    ReadWrite, StoreError, TenantTx,
    audit::Audited,
    db::{Query, Row, query},
};

const TABLE: &str = "contacts";

impl<Access> TenantTx<Access> {
    /// The contacts in the order of their names.
    pub async fn contacts(&mut self) -> Result<Vec<Contact>, StoreError> {
        let select = query(TABLE, "SELECT * FROM contacts WHERE tenant_id = $1 ORDER BY name, id");
        let rows = self.tx.rows(select.bind(&self.tenant_id)).await?;
        rows.iter().map(contact).collect()
    }

    /// The contact `id`.
    pub async fn contact(&mut self, id: ContactId) -> Result<Option<Contact>, StoreError> {
        let select = query(TABLE, "SELECT * FROM contacts WHERE tenant_id = $1 AND id = $2");
        let row = self.tx.row(select.bind(&self.tenant_id).bind(&id)).await?;
        row.as_ref().map(contact).transpose()
    }

    async fn require_free_speed_dial(
        &mut self,
        settings: &ContactSettings,
        but_for: Option<ContactId>,
    ) -> Result<(), StoreError> {
        let Some(key) = settings.speed_dial else { return Ok(()) };
        let select = query(
            TABLE,
            "SELECT id FROM contacts WHERE tenant_id = $1 AND speed_dial = $2",
        );
        match self.tx.row(select.bind(&self.tenant_id).bind(&key)).await? {
            Some(row) if Some(row.read("id")?) != but_for => Err(StoreError::Conflict { field: "speed_dial" }),
            Some(_) | None => Ok(()),
        }
    }
}

impl TenantTx<ReadWrite> {
    /// Adds a contact of what `settings` say, which have no problems.
    ///
    /// The speed dial may be in [conflict](StoreError::Conflict); there are only so many contacts
    /// ([`StoreError::Full`]).
    pub async fn create_contact(
        &mut self,
        settings: &ContactSettings,
        entropy: &mut Entropy,
    ) -> Result<Contact, StoreError> {
        let count = query(TABLE, "SELECT COUNT(*) AS entries FROM contacts WHERE tenant_id = $1");
        let row = self.tx.row(count.bind(&self.tenant_id)).await?;
        let entries: u64 = row.map_or(Ok(0), |row| row.read("entries"))?;
        if entries >= limits::CONTACTS as u64 {
            return Err(StoreError::Full {
                what: "contacts",
                most: limits::CONTACTS,
            });
        }
        self.require_free_speed_dial(settings, None).await?;
        let contact = Contact {
            id: ContactId::new(self.at(), entropy),
            revision: Default::default(),
            settings: settings.clone(),
        };
        let insert = query(
            TABLE,
            "INSERT INTO contacts (tenant_id, id, name, number, speed_dial, revision) VALUES ($1, $2, $3, $4, $5, 0)",
        );
        let insert = bound(insert.bind(&self.tenant_id).bind(&contact.id), settings);
        self.tx.run(insert).await?;
        self.record(None, Some(&contact)).await?;
        Ok(contact)
    }

    /// Changes the contact `id` into what `settings` say, which have no problems; `None` when there is none.
    ///
    /// The speed dial may be in [conflict](StoreError::Conflict). Whoever may only change what nobody else has changed
    /// compares the revision in this same transaction.
    pub async fn update_contact(
        &mut self,
        id: ContactId,
        settings: &ContactSettings,
    ) -> Result<Option<Contact>, StoreError> {
        let Some(before) = self.contact(id).await? else {
            return Ok(None);
        };
        self.require_free_speed_dial(settings, Some(id)).await?;
        let update = query(
            TABLE,
            "UPDATE contacts SET name = $3, number = $4, speed_dial = $5, revision = revision + 1
             WHERE tenant_id = $1 AND id = $2 RETURNING *",
        );
        let update = bound(update.bind(&self.tenant_id).bind(&id), settings);
        let after = self.tx.row(update).await?.as_ref().map(contact).transpose()?;
        self.record(Some(&before), after.as_ref()).await?;
        Ok(after)
    }

    /// Removes the contact `id`, and tells what it was.
    pub async fn remove_contact(&mut self, id: ContactId) -> Result<Option<Contact>, StoreError> {
        let delete = query(
            TABLE,
            "DELETE FROM contacts WHERE tenant_id = $1 AND id = $2 RETURNING *",
        );
        let row = self.tx.row(delete.bind(&self.tenant_id).bind(&id)).await?;
        let before = row.as_ref().map(contact).transpose()?;
        self.record(before.as_ref(), None).await?;
        Ok(before)
    }
}

/// The contacts that have a speed dial.
pub(crate) fn select_speed_dials(tenant_id: TenantId) -> Query {
    query(
        TABLE,
        "SELECT id, name, number, speed_dial FROM contacts WHERE tenant_id = $1 AND speed_dial IS NOT NULL
         ORDER BY speed_dial",
    )
    .bind(&tenant_id)
}

pub(crate) fn speed_dial(row: &Row) -> Result<SpeedDial, StoreError> {
    Ok(SpeedDial {
        contact_id: row.read("id")?,
        key: row.read("speed_dial")?,
        name: row.read("name")?,
        number: row.read("number")?,
    })
}

fn contact(row: &Row) -> Result<Contact, StoreError> {
    Ok(Contact {
        id: row.read("id")?,
        revision: row.read("revision")?,
        settings: ContactSettings {
            name: row.read("name")?,
            number: row.read("number")?,
            speed_dial: row.read("speed_dial")?,
        },
    })
}

/// `statement` with what `settings` say from `$3` to `$5`.
fn bound(statement: Query, settings: &ContactSettings) -> Query {
    statement
        .bind(&settings.name)
        .bind(&settings.number)
        .bind(&settings.speed_dial)
}

impl Audited for Contact {
    const KIND: EntityKind = EntityKind::Contact;

    fn key(&self) -> String {
        self.id.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestStore;

    fn plumber(speed_dial: Option<u16>) -> ContactSettings {
        ContactSettings {
            name: "Plumber".to_owned(),
            number: "01632 960123".parse().unwrap(),
            speed_dial,
        }
    }

    #[tokio::test]
    async fn a_speed_dial_belongs_to_one_contact() {
        let mut test = TestStore::new().await;
        let tenant = test.tenant().await;
        let mut tx = test.write(&tenant).await;
        let first = tx.create_contact(&plumber(Some(7)), &mut test.entropy).await.unwrap();
        let again = tx.create_contact(&plumber(Some(7)), &mut test.entropy).await;
        assert!(matches!(again, Err(StoreError::Conflict { field: "speed_dial" })));
        let second = tx.create_contact(&plumber(None), &mut test.entropy).await.unwrap();
        let taken = tx.update_contact(second.id, &plumber(Some(7))).await;
        assert!(matches!(taken, Err(StoreError::Conflict { field: "speed_dial" })));
        let first = tx
            .update_contact(first.id, &plumber(Some(9_999)))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(first.revision.0, 1);
        assert!(tx.commit().await.unwrap().version.is_some());
        let loaded = test.read(&tenant).await.configuration().await.unwrap().unwrap();
        let [dial] = &loaded.configuration.call_handling.speed_dials[..] else {
            panic!("one contact has a speed dial")
        };
        assert_eq!((dial.contact_id, dial.key), (first.id, 9_999));
        let mut tx = test.write(&tenant).await;
        assert_eq!(tx.contacts().await.unwrap().len(), 2);
        assert!(tx.remove_contact(first.id).await.unwrap().is_some());
        assert_eq!(tx.contact(first.id).await.unwrap(), None);
    }
}
