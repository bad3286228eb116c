//! Writing an entry.

use wigwag_model::{Actor, Author, TenantId};

use super::{TABLE, audited};
use crate::{
    StoreError,
    audit::Audited,
    db::{Tx, query},
};

/// Whose log it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// A company's, whose writers wait for each other.
    Tenant(TenantId),
    /// The platform's, whose writers wait for each other.
    Platform,
}

impl Owner {
    /// The value of the column `tenant_id`.
    pub(super) fn column(self) -> String {
        match self {
            Owner::Tenant(id) => id.to_string(),
            Owner::Platform => "*".to_owned(),
        }
    }
}

/// Notes that `author` made, changed or removed a thing.
pub(crate) async fn record<E: Audited>(
    tx: &mut Tx,
    owner: Owner,
    author: &Author,
    before: Option<&E>,
    after: Option<&E>,
) -> Result<(), StoreError> {
    let Some(thing) = after.or(before) else {
        return Ok(());
    };
    let (actor_id, actor_name) = match &author.actor {
        Actor::User { id, username } | Actor::Operator { id, username } => {
            (Some(id.to_string()), Some(username.to_string()))
        }
        Actor::Extension { id } => (Some(id.to_string()), None),
        Actor::Server => (None, None),
    };
    let insert = query(
        TABLE,
        "INSERT INTO audit_log
             (tenant_id, sequence, at, actor, actor_id, actor_name, entity, entity_id, before_change, after_change)
         SELECT $1, COALESCE(MAX(sequence), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9
         FROM audit_log WHERE tenant_id = $1",
    )
    .bind(&owner.column())
    .bind(&author.at)
    .bind(&author.actor.as_str().to_owned())
    .bind(&actor_id)
    .bind(&actor_name)
    .bind(&E::KIND)
    .bind(&thing.key())
    .bind(&before.map(audited::facts))
    .bind(&after.map(audited::facts));
    tx.run(insert).await.map(|_| ())
}
