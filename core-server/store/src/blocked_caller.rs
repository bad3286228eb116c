//! Callers whom a company does not want to hear (S205–S210).

use wigwag_model::{BlockedCaller, BlockedCallerId, BlockedMatch, EntityKind, TenantId, limits};
use wigwag_sansio::Entropy;

use crate::{
    ReadWrite, StoreError, TenantTx,
    audit::Audited,
    db::{Query, Row, query},
};

const TABLE: &str = "blocked_callers";

impl<Access> TenantTx<Access> {
    /// The whole list, the oldest entry first.
    pub async fn blocked_callers(&mut self) -> Result<Vec<BlockedCaller>, StoreError> {
        let rows = self.tx.rows(select_all(self.tenant_id)).await?;
        rows.iter().map(blocked_caller).collect()
    }
}

impl TenantTx<ReadWrite> {
    /// Blocks whom `matches` means.
    ///
    /// [`StoreError::Conflict`] when the list says so already, [`StoreError::Full`] when it is as long as it may be.
    pub async fn create_blocked_caller(
        &mut self,
        matches: &BlockedMatch,
        entropy: &mut Entropy,
    ) -> Result<BlockedCaller, StoreError> {
        let count = query(
            TABLE,
            "SELECT COUNT(*) AS entries FROM blocked_callers WHERE tenant_id = $1",
        );
        let row = self.tx.row(count.bind(&self.tenant_id)).await?;
        let entries: u64 = row.map_or(Ok(0), |row| row.read("entries"))?;
        if entries >= limits::BLOCKED_CALLERS as u64 {
            return Err(StoreError::Full {
                what: "blocked callers",
                most: limits::BLOCKED_CALLERS,
            });
        }
        let caller = BlockedCaller {
            id: BlockedCallerId::new(self.at(), entropy),
            matches: matches.clone(),
        };
        let (kind, number) = columns(matches);
        let insert = query(
            TABLE,
            "INSERT INTO blocked_callers (tenant_id, id, kind, number) VALUES ($1, $2, $3, $4)
             ON CONFLICT (tenant_id, kind, number) DO NOTHING",
        )
        .bind(&self.tenant_id)
        .bind(&caller.id)
        .bind(&kind.to_owned())
        .bind(&number);
        if self.tx.run(insert).await? == 0 {
            return Err(StoreError::Conflict { field: "matches" });
        }
        self.record(None, Some(&caller)).await?;
        Ok(caller)
    }

    /// Blocks nobody any more because of the entry `id`, and tells what it was.
    pub async fn remove_blocked_caller(&mut self, id: BlockedCallerId) -> Result<Option<BlockedCaller>, StoreError> {
        let delete = query(
            TABLE,
            "DELETE FROM blocked_callers WHERE tenant_id = $1 AND id = $2 RETURNING *",
        );
        let row = self.tx.row(delete.bind(&self.tenant_id).bind(&id)).await?;
        let before = row.as_ref().map(blocked_caller).transpose()?;
        self.record(before.as_ref(), None).await?;
        Ok(before)
    }
}

/// The whole list, the oldest entry first.
pub(crate) fn select_all(tenant_id: TenantId) -> Query {
    query(TABLE, "SELECT * FROM blocked_callers WHERE tenant_id = $1 ORDER BY id").bind(&tenant_id)
}

pub(crate) fn blocked_caller(row: &Row) -> Result<BlockedCaller, StoreError> {
    let (kind, number): (String, String) = (row.read("kind")?, row.read("number")?);
    let corrupt = || row.corrupt("number");
    Ok(BlockedCaller {
        id: row.read("id")?,
        matches: match kind.as_str() {
            "exact" => BlockedMatch::Exact(number.parse().map_err(|_| corrupt())?),
            "prefix" => BlockedMatch::Prefix(number.parse().map_err(|_| corrupt())?),
            "withheld" => BlockedMatch::Withheld,
            "unavailable" => BlockedMatch::Unavailable,
            _ => return Err(row.corrupt("kind")),
        },
    })
}

fn columns(matches: &BlockedMatch) -> (&'static str, String) {
    match matches {
        BlockedMatch::Exact(number) => ("exact", number.to_string()),
        BlockedMatch::Prefix(prefix) => ("prefix", prefix.clone().into()),
        BlockedMatch::Withheld => ("withheld", String::new()),
        BlockedMatch::Unavailable => ("unavailable", String::new()),
    }
}

impl Audited for BlockedCaller {
    const KIND: EntityKind = EntityKind::BlockedCaller;

    fn key(&self) -> String {
        self.id.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestStore;

    #[tokio::test]
    async fn every_kind_of_caller_is_blocked_once_and_let_through_again() {
        let mut test = TestStore::new().await;
        let tenant = test.tenant().await;
        let mut tx = test.write(&tenant).await;
        let kinds = [
            BlockedMatch::Exact("01632 960123".parse().unwrap()),
            BlockedMatch::Prefix("0870".parse().unwrap()),
            BlockedMatch::Withheld,
            BlockedMatch::Unavailable,
        ];
        let mut made = Vec::new();
        for kind in &kinds {
            made.push(tx.create_blocked_caller(kind, &mut test.entropy).await.unwrap());
            let again = tx.create_blocked_caller(kind, &mut test.entropy).await;
            assert!(matches!(again, Err(StoreError::Conflict { field: "matches" })));
        }
        made.sort_by_key(|caller| caller.id);
        assert_eq!(tx.blocked_callers().await.unwrap(), made);
        assert!(tx.commit().await.unwrap().version.is_some());
        let loaded = test.read(&tenant).await.configuration().await.unwrap().unwrap();
        assert_eq!(loaded.configuration.call_handling.blocked_callers, made);
        let mut tx = test.write(&tenant).await;
        for caller in made {
            assert_eq!(tx.remove_blocked_caller(caller.id).await.unwrap(), Some(caller));
        }
        assert_eq!(tx.blocked_callers().await.unwrap(), []);
    }
}
