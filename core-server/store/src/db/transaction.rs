//! A running transaction of either database.

use sqlx::{Postgres, Sqlite, Transaction, postgres::PgArguments, sqlite::SqliteArguments};

use super::{BulkInsert, Query, Row, Value, bulk::Parameters, driver_error, row::Inner};
use crate::StoreError;

/// A transaction; dropping it undoes what it did.
#[derive(Debug)]
pub(crate) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Tx {
    /// All rows of the answer.
    pub(crate) async fn rows(&mut self, query: Query) -> Result<Vec<Row>, StoreError> {
        let table = query.table;
        match self {
            Tx::Sqlite(tx) => {
                let rows = sqlite(query).fetch_all(&mut **tx).await.map_err(driver_error)?;
                Ok(rows
                    .into_iter()
                    .map(|row| Row {
                        table,
                        inner: Inner::Sqlite(row),
                    })
                    .collect())
            }
            Tx::Postgres(tx) => {
                let rows = postgres(query).fetch_all(&mut **tx).await.map_err(driver_error)?;
                Ok(rows
                    .into_iter()
                    .map(|row| Row {
                        table,
                        inner: Inner::Postgres(row),
                    })
                    .collect())
            }
        }
    }

    /// The first row of the answer, if there is one.
    pub(crate) async fn row(&mut self, query: Query) -> Result<Option<Row>, StoreError> {
        let table = query.table;
        let inner = match self {
            Tx::Sqlite(tx) => sqlite(query)
                .fetch_optional(&mut **tx)
                .await
                .map(|row| row.map(Inner::Sqlite)),
            Tx::Postgres(tx) => postgres(query)
                .fetch_optional(&mut **tx)
                .await
                .map(|row| row.map(Inner::Postgres)),
        };
        Ok(inner.map_err(driver_error)?.map(|inner| Row { table, inner }))
    }

    /// Runs the statement and tells how many rows it changed.
    pub(crate) async fn run(&mut self, query: Query) -> Result<u64, StoreError> {
        let changed = match self {
            Tx::Sqlite(tx) => sqlite(query).execute(&mut **tx).await.map(|done| done.rows_affected()),
            Tx::Postgres(tx) => postgres(query)
                .execute(&mut **tx)
                .await
                .map(|done| done.rows_affected()),
        };
        changed.map_err(driver_error)
    }

    /// Inserts `rows` and tells how many of them are new.
    pub(crate) async fn insert(
        &mut self,
        insert: &'static BulkInsert,
        rows: Vec<Vec<Value>>,
    ) -> Result<u64, StoreError> {
        let parameters = match self {
            Tx::Sqlite(_) => Parameters::Positional,
            Tx::Postgres(_) => Parameters::Numbered,
        };
        let mut fresh = 0;
        for query in insert.queries(rows, parameters) {
            fresh += self.run(query).await?;
        }
        Ok(fresh)
    }

    /// Makes everything that was done since the beginning last.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        match self {
            Tx::Sqlite(tx) => tx.commit().await,
            Tx::Postgres(tx) => tx.commit().await,
        }
        .map_err(driver_error)
    }
}

fn sqlite(query: Query) -> sqlx::query::Query<'static, Sqlite, SqliteArguments> {
    let statement = sqlx::query(query.sql);
    query
        .values
        .into_iter()
        .fold(statement, |statement, value| match value {
            Value::Text(text) => statement.bind(text),
            Value::Integer(integer) => statement.bind(integer),
            Value::Boolean(boolean) => statement.bind(boolean),
            Value::Bytes(bytes) => statement.bind(bytes),
        })
}

fn postgres(query: Query) -> sqlx::query::Query<'static, Postgres, PgArguments> {
    let statement = sqlx::query(query.sql);
    query
        .values
        .into_iter()
        .fold(statement, |statement, value| match value {
            Value::Text(text) => statement.bind(text),
            Value::Integer(integer) => statement.bind(integer),
            Value::Boolean(boolean) => statement.bind(boolean),
            Value::Bytes(bytes) => statement.bind(bytes),
        })
}
