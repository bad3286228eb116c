//! PostgreSQL: a pool of connections to a server.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::{Db, driver_error, migrations};
use crate::StoreError;

/// Several queries of one transaction see one state, as they do in SQLite.
pub(super) const BEGIN_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
const CONNECTIONS: u32 = 16;

pub(super) async fn open(url: &str) -> Result<Db, StoreError> {
    let options: PgConnectOptions = url.parse().map_err(driver_error)?;
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_with(options)
        .await
        .map_err(driver_error)?;
    migrations::all().run(&pool).await.map_err(StoreError::from)?;
    Ok(Db::Postgres(pool))
}
