//! The platform-wide directory: which company and extension a SIP username belongs to, and whose a public number is.

use wigwag_model::{ExtensionId, NumberId, PhoneNumber, SipUsername, TenantId};

use crate::{
    Store, StoreError,
    db::{Row, Scope, query},
};

const TABLE: &str = "extensions";
/// Rows read at a time.
const PAGE: i64 = 10_000;

/// One line of the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryEntry {
    /// What devices register as.
    pub sip_username: SipUsername,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// The extension.
    pub extension_id: ExtensionId,
}

/// A public number and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberEntry {
    /// The number.
    pub number: PhoneNumber,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// The number within the company.
    pub number_id: NumberId,
}

impl Store {
    /// Shows the whole directory to `each`, in the order of the usernames, page by page.
    ///
    /// A line that cannot be read is left out and counted in the answer: one broken row locks nobody else out.
    pub async fn load_directory(&self, mut each: impl FnMut(DirectoryEntry)) -> Result<u64, StoreError> {
        let (mut after, mut left_out) = (String::new(), 0);
        loop {
            let select = query(
                TABLE,
                "SELECT sip_username, tenant_id, id FROM extensions
                 WHERE sip_username > $1 ORDER BY sip_username LIMIT $2",
            );
            let rows = self
                .db
                .read(Scope::Platform)
                .await?
                .rows(select.bind(&after).bind(&PAGE))
                .await?;
            for row in &rows {
                match entry(row) {
                    Ok(entry) => each(entry),
                    Err(_) => left_out += 1,
                }
            }
            let Some(last) = rows.last() else { return Ok(left_out) };
            after = last.read("sip_username")?;
        }
    }
}

impl Store {
    /// Shows every number that a company has to `each`, in the order of the numbers, page by page.
    ///
    /// A line that cannot be read is left out and counted in the answer: one broken row takes no other number away.
    pub async fn load_numbers(&self, mut each: impl FnMut(NumberEntry)) -> Result<u64, StoreError> {
        let (mut after, mut left_out) = (String::new(), 0);
        loop {
            let select = query(
                "numbers",
                "SELECT number, tenant_id, id FROM numbers WHERE number > $1 ORDER BY number LIMIT $2",
            );
            let mut tx = self.db.read(Scope::Platform).await?;
            let rows = tx.rows(select.bind(&after).bind(&PAGE)).await?;
            for row in &rows {
                match number_entry(row) {
                    Ok(entry) => each(entry),
                    Err(_) => left_out += 1,
                }
            }
            let Some(last) = rows.last() else { return Ok(left_out) };
            after = last.read("number")?;
        }
    }
}

fn number_entry(row: &Row) -> Result<NumberEntry, StoreError> {
    Ok(NumberEntry {
        number: row.read("number")?,
        tenant_id: row.read("tenant_id")?,
        number_id: row.read("id")?,
    })
}

fn entry(row: &Row) -> Result<DirectoryEntry, StoreError> {
    Ok(DirectoryEntry {
        sip_username: row.read("sip_username")?,
        tenant_id: row.read("tenant_id")?,
        extension_id: row.read("id")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestStore;

    #[tokio::test]
    async fn every_extension_of_every_company_stands_in_the_directory() {
        let mut test = TestStore::new().await;
        let (ours, theirs) = (test.tenant().await, test.tenant().await);
        let mut extensions = vec![test.extension(&ours, "101").await, test.extension(&theirs, "101").await];
        extensions.sort_by_key(|extension| extension.sip_username.clone());
        let mut seen = Vec::new();
        assert_eq!(test.store.load_directory(|entry| seen.push(entry)).await.unwrap(), 0);
        let expected = extensions.into_iter().map(|extension| DirectoryEntry {
            sip_username: extension.sip_username,
            tenant_id: extension.tenant_id,
            extension_id: extension.id,
        });
        assert_eq!(seen, expected.collect::<Vec<_>>());
    }
}
