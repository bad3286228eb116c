//! The numbered migrations, compiled in; one that has landed is never edited.

use std::{borrow::Cow, collections::BTreeSet};

use sqlx::{
    SqlSafeStr,
    migrate::{Migration, MigrationType, Migrator},
};

use super::{Db, Scope, query};
use crate::StoreError;

type Script = (i64, &'static str, &'static str);

const EVERYWHERE: &[Script] = &[
    (1, "core", include_str!("../../migrations/0001_core.sql")),
    (
        3,
        "extension_kinds",
        include_str!("../../migrations/0003_extension_kinds.sql"),
    ),
    (5, "audit_log", include_str!("../../migrations/0005_audit_log.sql")),
    (
        9,
        "public_numbers",
        include_str!("../../migrations/0009_public_numbers.sql"),
    ),
    (
        7,
        "subscriptions",
        include_str!("../../migrations/0007_subscriptions.sql"),
    ),
    (
        11,
        "call_handling",
        include_str!("../../migrations/0011_call_handling.sql"),
    ),
];

/// What SQLite has no words for; the numbers are those of one row with the others.
const POSTGRES_ONLY: &[Script] = &[
    (
        2,
        "row_level_security",
        include_str!("../../migrations/postgres/0002_row_level_security.sql"),
    ),
    (
        4,
        "internal_numbers_security",
        include_str!("../../migrations/postgres/0004_internal_numbers_security.sql"),
    ),
    (
        6,
        "audit_log_security",
        include_str!("../../migrations/postgres/0006_audit_log.sql"),
    ),
    (
        10,
        "public_numbers_security",
        include_str!("../../migrations/postgres/0010_public_numbers.sql"),
    ),
    (
        8,
        "subscriptions_security",
        include_str!("../../migrations/postgres/0008_subscriptions_security.sql"),
    ),
    (
        12,
        "call_handling_security",
        include_str!("../../migrations/postgres/0012_call_handling_security.sql"),
    ),
];

/// A change of the schema that the database has not seen yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PendingMigration {
    /// Its number.
    pub version: i64,
    /// What it is about.
    pub description: &'static str,
}

impl Db {
    /// Brings the schema up to date, or up to the version `last`.
    pub(crate) async fn migrate(&self, last: Option<i64>) -> Result<(), StoreError> {
        let migrator = migrator(self.scripts(last));
        match self {
            Db::Sqlite { writer, .. } => migrator.run(writer).await,
            Db::Postgres(pool) => migrator.run(pool).await,
        }
        .map_err(StoreError::from)
    }

    /// What [`Db::migrate`] would do, in order.
    pub(crate) async fn pending_migrations(&self) -> Result<Vec<PendingMigration>, StoreError> {
        let applied = self.applied_migrations().await?;
        let scripts = self.scripts(None).into_iter();
        let pending = scripts.filter(|(version, ..)| !applied.contains(version));
        Ok(pending
            .map(|(version, description, _)| PendingMigration { version, description })
            .collect())
    }

    /// The numbers of what the database has seen; none when it has never been used.
    pub(crate) async fn applied_migrations(&self) -> Result<BTreeSet<i64>, StoreError> {
        let mut tx = self.read(Scope::Platform).await?;
        let exists = match self {
            Db::Sqlite { .. } => "SELECT 1 AS one FROM sqlite_master WHERE name = '_sqlx_migrations'",
            Db::Postgres(_) => "SELECT 1 AS one WHERE to_regclass('_sqlx_migrations') IS NOT NULL",
        };
        if tx.row(query("schema", exists)).await?.is_none() {
            return Ok(BTreeSet::new());
        }
        let select = "SELECT version FROM _sqlx_migrations WHERE success";
        let rows = tx.rows(query("_sqlx_migrations", select)).await?;
        rows.iter().map(|row| row.read("version")).collect()
    }

    fn scripts(&self, last: Option<i64>) -> Vec<Script> {
        let mut scripts = match self {
            Db::Sqlite { .. } => EVERYWHERE.to_vec(),
            Db::Postgres(_) => [EVERYWHERE, POSTGRES_ONLY].concat(),
        };
        scripts.retain(|(version, ..)| last.is_none_or(|last| *version <= last));
        scripts.sort_by_key(|(version, ..)| *version);
        scripts
    }
}

/// The newest version that this program knows.
pub(crate) fn newest() -> i64 {
    let scripts = EVERYWHERE.iter().chain(POSTGRES_ONLY);
    scripts.map(|(version, ..)| *version).max().unwrap_or_default()
}

fn migrator(scripts: Vec<Script>) -> Migrator {
    let migrations = scripts.into_iter().map(|(version, description, sql)| {
        Migration::new(
            version,
            Cow::Borrowed(description),
            MigrationType::Simple,
            sql.into_sql_str(),
            false,
        )
    });
    Migrator::with_migrations(migrations.collect())
}

#[cfg(test)]
mod tests {
    use crate::testing::TestStore;

    #[tokio::test]
    async fn an_open_store_has_nothing_pending_and_an_empty_database_has_everything() {
        let test = TestStore::new().await;
        assert_eq!(test.store.db.pending_migrations().await.unwrap(), []);
        let url = test_postgres::new_database();
        let db = match &url {
            Some(url) => super::Db::postgres(url).await.unwrap(),
            None => super::Db::sqlite(&test.folder.path().join("other.db")).await.unwrap(),
        };
        let pending = db.pending_migrations().await.unwrap();
        assert_eq!((pending[0].version, pending[0].description), (1, "core"));
        db.migrate(Some(1)).await.unwrap();
        assert_eq!(db.pending_migrations().await.unwrap(), pending[1..]);
        db.migrate(None).await.unwrap();
        assert_eq!(db.pending_migrations().await.unwrap(), []);
    }

    #[tokio::test]
    async fn looking_for_what_is_pending_makes_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let pending = crate::Store::pending_migrations(folder.path(), None).await.unwrap();
        assert_eq!(pending[0].version, 1);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
