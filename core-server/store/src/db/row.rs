//! One row of an answer, read column by column into our own types.

use serde::de::DeserializeOwned;
use sqlx::{Row as _, postgres::PgRow, sqlite::SqliteRow};
use wigwag_model::Destination;

use super::{Kind, Stored, Value};
use crate::StoreError;

/// A row and the table that it belongs to.
pub(crate) struct Row {
    pub(super) table: &'static str,
    pub(super) inner: Inner,
}

pub(super) enum Inner {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    /// The value in `column`; an error names table and column when it is not what we would have stored.
    pub(crate) fn read<T: Stored>(&self, column: &'static str) -> Result<T, StoreError> {
        T::load(self, column).ok_or_else(|| self.corrupt(column))
    }

    /// The value that stands in `column` as JSON.
    pub(crate) fn read_json<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, StoreError> {
        let text: String = self.read(column)?;
        serde_json::from_str(&text).map_err(|_| self.corrupt(column))
    }

    /// The destination in the columns `kind` and `id`, if there is one.
    pub(crate) fn read_destination(
        &self,
        kind: &'static str,
        id: &'static str,
    ) -> Result<Option<Destination>, StoreError> {
        let (Some(word), Some(text)) = (self.read::<Option<String>>(kind)?, self.read::<Option<String>>(id)?) else {
            return Ok(None);
        };
        Destination::from_parts(&word, &text)
            .map(Some)
            .ok_or_else(|| self.corrupt(kind))
    }

    /// The value in `column`, of whatever type it is.
    pub(crate) fn value(&self, column: &str, kind: Kind) -> Option<Value> {
        Some(match kind {
            Kind::Text => Value::Text(self.text(column)?),
            Kind::Integer => Value::Integer(self.integer(column)?),
            Kind::Boolean => Value::Boolean(self.boolean(column)?),
            Kind::Bytes => Value::Bytes(self.bytes(column)?),
        })
    }

    /// The error for a row with something in `column` that we would not have stored.
    pub(crate) fn corrupt(&self, column: &'static str) -> StoreError {
        StoreError::Corrupt {
            table: self.table,
            column,
        }
    }
}

macro_rules! raw {
    ($($name:ident: $type:ty),*) => {
        impl Row {$(
            pub(super) fn $name(&self, column: &str) -> Option<Option<$type>> {
                match &self.inner {
                    Inner::Sqlite(row) => row.try_get(column).ok(),
                    Inner::Postgres(row) => row.try_get(column).ok(),
                }
            }
        )*}
    };
}

raw!(text: String, integer: i64, boolean: bool, bytes: Vec<u8>);
