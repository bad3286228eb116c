//! The numbered migrations, compiled in; one that has landed is never edited.

use std::borrow::Cow;

use sqlx::{
    SqlSafeStr,
    migrate::{Migration, MigrationType, Migrator},
};

type Script = (i64, &'static str, &'static str);

const EVERYWHERE: &[Script] = &[(1, "core", include_str!("../../migrations/0001_core.sql"))];

/// What SQLite has no words for; the numbers are those of one row with the others.
const POSTGRES_ONLY: &[Script] = &[(
    2,
    "row_level_security",
    include_str!("../../migrations/postgres/0002_row_level_security.sql"),
)];

/// All migrations of an SQLite file, in order.
pub(super) fn sqlite() -> Migrator {
    migrator(EVERYWHERE.to_vec())
}

/// All migrations of a PostgreSQL database, in order.
pub(super) fn postgres() -> Migrator {
    let mut scripts = [EVERYWHERE, POSTGRES_ONLY].concat();
    scripts.sort_by_key(|(version, ..)| *version);
    migrator(scripts)
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
