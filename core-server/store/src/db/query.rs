//! A static SQL text, the table that it is about, and the values for its `$1`, `$2`, ….

use serde::Serialize;

use super::{Stored, Value};

/// One statement, ready to run on either database.
#[derive(Debug)]
pub(crate) struct Query {
    pub(super) table: &'static str,
    pub(super) sql: &'static str,
    pub(super) values: Vec<Value>,
}

/// A statement whose rows belong to `table`, which errors will name.
pub(crate) fn query(table: &'static str, sql: &'static str) -> Query {
    Query {
        table,
        sql,
        values: Vec::new(),
    }
}

impl Query {
    /// Gives the next parameter its value.
    pub(crate) fn bind(mut self, value: &impl Stored) -> Self {
        self.values.push(value.store());
        self
    }

    /// Gives the next parameter `value` as JSON.
    pub(crate) fn bind_json(self, value: &impl Serialize) -> Self {
        let text = serde_json::to_string(value).expect("our nouns are plain data with text keys");
        self.bind(&text)
    }
}
