//! One space of 3-digit numbers for all that colleagues can dial: extensions, ring groups, and what comes later (S046).

use wigwag_model::{Destination, ExtensionNumber};

use crate::{
    ReadWrite, StoreError, TenantTx,
    db::{Row, query},
};

const TABLE: &str = "internal_numbers";

impl<Access> TenantTx<Access> {
    /// What colleagues reach by `number`.
    pub async fn holder_of(&mut self, number: &ExtensionNumber) -> Result<Option<Destination>, StoreError> {
        let select = query(
            TABLE,
            "SELECT kind, id FROM internal_numbers WHERE tenant_id = $1 AND number = $2",
        );
        let row = self.tx.row(select.bind(&self.tenant_id).bind(number)).await?;
        row.as_ref().map(holder).transpose()
    }
}

impl TenantTx<ReadWrite> {
    /// Gives `number` to `holder` instead of the one that it has; [`StoreError::NumberTaken`] when something else has it.
    pub(crate) async fn claim_number(
        &mut self,
        number: &ExtensionNumber,
        holder: Destination,
    ) -> Result<(), StoreError> {
        match self.holder_of(number).await? {
            Some(by) if by == holder => return Ok(()),
            Some(by) => return Err(StoreError::NumberTaken { by }),
            None => {}
        }
        self.release_number(holder).await?;
        let insert = query(
            TABLE,
            "INSERT INTO internal_numbers (tenant_id, number, kind, id) VALUES ($1, $2, $3, $4)",
        )
        .bind(&self.tenant_id)
        .bind(number)
        .bind(&holder.kind().to_owned())
        .bind(&holder.id_text());
        self.tx.run(insert).await?;
        Ok(())
    }

    /// Lets others take the number of `holder`.
    pub(crate) async fn release_number(&mut self, holder: Destination) -> Result<(), StoreError> {
        let delete = query(
            TABLE,
            "DELETE FROM internal_numbers WHERE tenant_id = $1 AND kind = $2 AND id = $3",
        )
        .bind(&self.tenant_id)
        .bind(&holder.kind().to_owned())
        .bind(&holder.id_text());
        self.tx.run(delete).await?;
        Ok(())
    }
}

fn holder(row: &Row) -> Result<Destination, StoreError> {
    let (kind, id): (String, String) = (row.read("kind")?, row.read("id")?);
    Destination::from_parts(&kind, &id).ok_or_else(|| row.corrupt("kind"))
}

#[cfg(test)]
mod tests {
    use crate::{
        db::{Db, Scope, query},
        testing::TestStore,
    };

    #[tokio::test]
    async fn extensions_of_the_version_before_keep_their_numbers() {
        let test = TestStore::new().await;
        let url = test_postgres::new_database();
        let db = match &url {
            Some(url) => Db::postgres(url).await.unwrap(),
            None => Db::sqlite(&test.folder.path().join("old.db")).await.unwrap(),
        };
        db.migrate(Some(2)).await.unwrap();
        let mut tx = db.write(Scope::Platform).await.unwrap();
        for insert in [
            "INSERT INTO tenants (id, name, concurrent_calls, configuration_version, created_at)
             VALUES ('t', 'Acme', 10, 1, 0)",
            "INSERT INTO extensions
                 (tenant_id, id, number, sip_username, name, ring_timeout_s, call_waiting, created_at)
             VALUES ('t', 'x', '101', '100001', 'Alice', 20, TRUE, 0)",
        ] {
            tx.run(query("old", insert)).await.unwrap();
        }
        tx.commit().await.unwrap();
        db.migrate(None).await.unwrap();
        let mut tx = db.read(Scope::Platform).await.unwrap();
        let rows = tx.rows(query("internal_numbers", "SELECT * FROM internal_numbers"));
        let rows = rows.await.unwrap();
        let read = |column| rows[0].read::<String>(column).unwrap();
        assert_eq!(
            (rows.len(), read("tenant_id"), read("number")),
            (1, "t".to_owned(), "101".to_owned())
        );
        assert_eq!((read("kind"), read("id")), ("extension".to_owned(), "x".to_owned()));
    }
}
