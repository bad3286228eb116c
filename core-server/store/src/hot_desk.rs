//! Hot desks: a person's calls ring at somebody else's phone (A12).

use wigwag_model::{EntityKind, ExtensionId, HotDesk, TenantId};
use wigwag_sansio::Utc;

use crate::{
    ReadWrite, StoreError, TenantTx,
    audit::Audited,
    db::{Query, Row, query},
};

const TABLE: &str = "hot_desks";

impl<Access> TenantTx<Access> {
    /// All of the company, the oldest first; those that have ended by themselves are still among them.
    pub async fn hot_desks(&mut self) -> Result<Vec<HotDesk>, StoreError> {
        let rows = self.tx.rows(select_all(self.tenant_id)).await?;
        rows.iter().map(hot_desk).collect()
    }

    /// Where the calls of `guest` ring.
    pub async fn hot_desk(&mut self, guest: ExtensionId) -> Result<Option<HotDesk>, StoreError> {
        let select = query(TABLE, "SELECT * FROM hot_desks WHERE tenant_id = $1 AND guest_id = $2");
        let row = self.tx.row(select.bind(&self.tenant_id).bind(&guest)).await?;
        row.as_ref().map(hot_desk).transpose()
    }
}

impl TenantTx<ReadWrite> {
    /// Lets the calls of `guest` ring at `host` instead of where they rang before, until `until`.
    ///
    /// Either may be [unknown](StoreError::Unknown); one's own phone is no other's ([`StoreError::Conflict`]).
    pub async fn begin_hot_desk(
        &mut self,
        guest: ExtensionId,
        host: ExtensionId,
        until: Option<Utc>,
    ) -> Result<HotDesk, StoreError> {
        for (field, extension) in [("guest_id", guest), ("host_id", host)] {
            if self.extension(extension).await?.is_none() {
                return Err(StoreError::Unknown { field });
            }
        }
        if guest == host {
            return Err(StoreError::Conflict { field: "host_id" });
        }
        let before = self.hot_desk(guest).await?;
        let desk = HotDesk {
            guest,
            host,
            since: self.at(),
            until,
        };
        let upsert = query(
            TABLE,
            "INSERT INTO hot_desks (tenant_id, guest_id, host_id, since, until) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (tenant_id, guest_id) DO UPDATE SET
                 host_id = excluded.host_id, since = excluded.since, until = excluded.until",
        )
        .bind(&self.tenant_id)
        .bind(&desk.guest)
        .bind(&desk.host)
        .bind(&desk.since)
        .bind(&desk.until);
        self.tx.run(upsert).await?;
        self.record(before.as_ref(), Some(&desk)).await?;
        Ok(desk)
    }

    /// Lets the calls of `guest` ring at the own phone again, and tells where they rang.
    pub async fn end_hot_desk(&mut self, guest: ExtensionId) -> Result<Option<HotDesk>, StoreError> {
        let delete = query(
            TABLE,
            "DELETE FROM hot_desks WHERE tenant_id = $1 AND guest_id = $2 RETURNING *",
        );
        let row = self.tx.row(delete.bind(&self.tenant_id).bind(&guest)).await?;
        let before = row.as_ref().map(hot_desk).transpose()?;
        self.record(before.as_ref(), None).await?;
        Ok(before)
    }
}

/// All of the company, the oldest first.
pub(crate) fn select_all(tenant_id: TenantId) -> Query {
    query(
        TABLE,
        "SELECT guest_id AS id, guest_id, host_id, since, until FROM hot_desks WHERE tenant_id = $1
         ORDER BY since, guest_id",
    )
    .bind(&tenant_id)
}

pub(crate) fn hot_desk(row: &Row) -> Result<HotDesk, StoreError> {
    Ok(HotDesk {
        guest: row.read("guest_id")?,
        host: row.read("host_id")?,
        since: row.read("since")?,
        until: row.read("until")?,
    })
}

impl Audited for HotDesk {
    const KIND: EntityKind = EntityKind::HotDesk;

    fn key(&self) -> String {
        self.guest.to_string()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::testing::{NOW, TestStore};

    #[tokio::test]
    async fn a_guest_is_at_one_desk_at_a_time_until_it_ends() {
        let mut test = TestStore::new().await;
        let tenant = test.tenant().await;
        let (guest, host) = (
            test.extension(&tenant, "101").await,
            test.extension(&tenant, "102").await,
        );
        let elsewhere = test.extension(&tenant, "103").await;
        let mut tx = test.write(&tenant).await;
        let own = tx.begin_hot_desk(guest.id, guest.id, None).await;
        assert!(matches!(own, Err(StoreError::Conflict { field: "host_id" })));
        tx.begin_hot_desk(guest.id, elsewhere.id, None).await.unwrap();
        let until = Some(NOW + Duration::from_secs(3600));
        let desk = tx.begin_hot_desk(guest.id, host.id, until).await.unwrap();
        assert_eq!(tx.hot_desks().await.unwrap(), [desk]);
        assert!(tx.commit().await.unwrap().version.is_some());
        let loaded = test.read(&tenant).await.configuration().await.unwrap().unwrap();
        assert_eq!(loaded.configuration.call_handling.hot_desks, [desk]);
        let mut tx = test.write(&tenant).await;
        assert_eq!(tx.end_hot_desk(guest.id).await.unwrap(), Some(desk));
        assert_eq!(tx.end_hot_desk(guest.id).await.unwrap(), None);
        tx.begin_hot_desk(guest.id, host.id, None).await.unwrap();
        tx.remove_extension(host.id).await.unwrap();
        assert_eq!(tx.hot_desks().await.unwrap(), []);
    }
}
