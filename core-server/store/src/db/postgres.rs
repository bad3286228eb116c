//! PostgreSQL: a pool of connections to a server.

use std::time::Duration;

use sqlx::{
    AssertSqlSafe,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use tracing::warn;

use super::{Db, Scope, driver_error, query};
use crate::StoreError;

const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
const CONNECTIONS: u32 = 16;

pub(super) async fn open(url: &str) -> Result<Db, StoreError> {
    let options: PgConnectOptions = url.parse().map_err(driver_error)?;
    // What the server only notices (a table that exists already) is nothing to tell anybody.
    let options = options.options([("client_min_messages", "warning")]);
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_with(options)
        .await
        .map_err(driver_error)?;
    let db = Db::Postgres(pool);
    if !is_bound_by_policies(&db).await? {
        warn!("row-level security does not hold for the database's user: give the server one that is no superuser");
    }
    Ok(db)
}

async fn is_bound_by_policies(db: &Db) -> Result<bool, StoreError> {
    let select = "SELECT NOT (rolsuper OR rolbypassrls) AS bound FROM pg_roles WHERE rolname = current_user";
    let row = db.read(Scope::Platform).await?.row(query("pg_roles", select)).await?;
    row.map_or(Ok(true), |row| row.read("bound"))
}

/// Several queries of one transaction see one state, as they do in SQLite.
pub(super) fn begin_read(scope: Scope) -> AssertSqlSafe<String> {
    begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", scope)
}

pub(super) fn begin_write(scope: Scope) -> AssertSqlSafe<String> {
    begin("BEGIN", scope)
}

/// One message, so that saying whom the transaction is for costs no way to the server and back.
fn begin(begin: &str, scope: Scope) -> AssertSqlSafe<String> {
    // A company's id is a UUID, made of digits and hyphens.
    AssertSqlSafe(format!("{begin}; SET LOCAL wigwag.tenant = '{}'", scope.setting()))
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair};
    use tempfile::NamedTempFile;
    use test_postgres::{Cluster, Encryption};

    use super::*;

    /// Whether the connection to `url` is encrypted, if there is one.
    async fn is_encrypted(url: &str) -> Option<bool> {
        let db = open(url).await.ok()?;
        let select = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
        let row = db
            .read(Scope::Platform)
            .await
            .unwrap()
            .row(query("pg_stat_ssl", select))
            .await;
        row.unwrap()?.read("ssl").ok()
    }

    #[tokio::test]
    async fn the_address_says_how_the_way_to_the_server_is_secured() {
        if std::env::var_os(test_postgres::SHARED).is_none() {
            return;
        }
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        let certificate = params.self_signed(&key).unwrap().pem();
        let encryption = Encryption {
            certificate: &certificate,
            key: &key.serialize_pem(),
        };
        let (_cluster, port) = Cluster::start_encrypted(encryption).unwrap();
        let trusted = NamedTempFile::new().unwrap();
        std::fs::write(trusted.path(), &certificate).unwrap();
        let url = |mode: &str| format!("postgres://postgres@localhost:{port}/postgres?sslmode={mode}");
        let with_root = |mode| format!("{}&sslrootcert={}", url(mode), trusted.path().display());
        assert_eq!(is_encrypted(&url("disable")).await, Some(false));
        assert_eq!(is_encrypted(&url("require")).await, Some(true));
        assert_eq!(is_encrypted(&with_root("verify-full")).await, Some(true));
        assert_eq!(
            is_encrypted(&url("verify-full")).await,
            None,
            "nobody vouches for the certificate"
        );
    }
}
