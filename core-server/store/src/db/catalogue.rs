//! What tables there are, asked of the database itself: a backup forgets none that a later migration adds.

use serde::{Deserialize, Serialize};

use super::{BulkInsert, Query, Row, Tx, Value, query};
use crate::StoreError;

/// One of our tables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) columns: Vec<TableColumn>,
}

/// One of its columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TableColumn {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// Its place in the primary key, from 0.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) key: Option<u32>,
}

/// The four kinds that both databases have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Text,
    Integer,
    Boolean,
    Bytes,
}

const SQLITE: &str = "SELECT m.name AS table_name, c.name AS column_name, lower(c.type) AS type, c.pk - 1 AS key_place
     FROM sqlite_master m, pragma_table_info(m.name) c
     WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name <> '_sqlx_migrations'
     ORDER BY m.rowid, c.cid";

const POSTGRES: &str = "SELECT t.relname::TEXT AS table_name, a.attname::TEXT AS column_name,
         format_type(a.atttypid, a.atttypmod) AS type,
         COALESCE(array_position(k.indkey::SMALLINT[], a.attnum), -1)::BIGINT AS key_place
     FROM pg_class t
         JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
         LEFT JOIN pg_index k ON k.indrelid = t.oid AND k.indisprimary
     WHERE t.relkind = 'r' AND t.relnamespace = current_schema()::regnamespace AND t.relname <> '_sqlx_migrations'
     ORDER BY t.oid, a.attnum";

impl Tx {
    /// All our tables, each after those that it refers to.
    pub(crate) async fn tables(&mut self) -> Result<Vec<Table>, StoreError> {
        let select = match self {
            Tx::Sqlite(_) => SQLITE,
            Tx::Postgres(_) => POSTGRES,
        };
        let mut tables: Vec<Table> = Vec::new();
        for row in self.rows(query("schema", select)).await? {
            let name: String = row.read("table_name")?;
            let column = column(&row)?;
            match tables.last_mut() {
                Some(table) if table.name == name => table.columns.push(column),
                Some(_) | None => tables.push(Table {
                    name,
                    columns: vec![column],
                }),
            }
        }
        Ok(tables)
    }

    /// Empties the database of all our tables and whatever else the migrations made.
    pub(crate) async fn drop_everything(&mut self) -> Result<(), StoreError> {
        for table in self.tables().await?.into_iter().rev() {
            self.run(said_once(format!("DROP TABLE {}", table.name))).await?;
        }
        self.run(query("schema", "DROP TABLE IF EXISTS _sqlx_migrations"))
            .await?;
        if let Tx::Postgres(_) = self {
            let function = "DROP FUNCTION IF EXISTS wigwag_sees(TEXT)";
            self.run(query("schema", function)).await?;
        }
        Ok(())
    }
}

fn column(row: &Row) -> Result<TableColumn, StoreError> {
    let kind: String = row.read("type")?;
    let key: i64 = row.read("key_place")?;
    Ok(TableColumn {
        name: row.read("column_name")?,
        kind: match kind.as_str() {
            "text" => Kind::Text,
            "bigint" => Kind::Integer,
            "boolean" => Kind::Boolean,
            "bytea" => Kind::Bytes,
            _ => return Err(row.corrupt("type")),
        },
        key: u32::try_from(key).ok(),
    })
}

impl Table {
    /// Whether the names can stand in a statement; a backup may come from anywhere.
    pub(crate) fn is_plain(&self) -> bool {
        let plain = |name: &str| {
            let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
            !name.is_empty() && name.bytes().all(letters)
        };
        plain(&self.name) && !self.columns.is_empty() && self.columns.iter().all(|column| plain(&column.name))
    }

    /// The statements that read this table page by page: the first `$1` rows, and those after a key.
    pub(crate) fn pages(&self) -> Pages<'_> {
        let mut key: Vec<&TableColumn> = self.columns.iter().filter(|column| column.key.is_some()).collect();
        key.sort_by_key(|column| column.key);
        let names = |columns: &[&TableColumn]| {
            let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
            names.join(", ")
        };
        let head = format!(
            "SELECT {} FROM {}",
            names(&self.columns.iter().collect::<Vec<_>>()),
            self.name
        );
        let order = names(&key);
        let places: Vec<String> = (2..).take(key.len()).map(|place| format!("${place}")).collect();
        let places = places.join(", ");
        Pages {
            table: self,
            first: format!("{head} ORDER BY {order} LIMIT $1").leak(),
            next: format!("{head} WHERE ({order}) > ({places}) ORDER BY {order} LIMIT $1").leak(),
            key,
        }
    }

    /// The statement that writes rows of this table.
    pub(crate) fn insert(&self) -> &'static BulkInsert {
        let names: Vec<&str> = self.columns.iter().map(|column| column.name.as_str()).collect();
        let head = format!("INSERT INTO {} ({})", self.name, names.join(", ")).leak();
        Box::leak(Box::new(BulkInsert::new("backup", head, names.len(), "")))
    }
}

/// Reads a table from its first row to its last. Its statements are put together once for each table and process.
pub(crate) struct Pages<'a> {
    table: &'a Table,
    first: &'static str,
    next: &'static str,
    key: Vec<&'a TableColumn>,
}

impl Pages<'_> {
    /// The rows after `last`, at most `limit` of them.
    pub(crate) async fn after(
        &self,
        tx: &mut Tx,
        last: Option<&Vec<Value>>,
        limit: i64,
    ) -> Result<Vec<Vec<Value>>, StoreError> {
        let mut page = query("backup", if last.is_some() { self.next } else { self.first }).bind(&limit);
        if let Some(last) = last {
            let of_key = |key: &&TableColumn| {
                let place = self.table.columns.iter().position(|column| column == *key);
                last[place.expect("the key is made of columns")].clone()
            };
            page.values.extend(self.key.iter().map(of_key));
        }
        let rows = tx.rows(page).await?;
        rows.iter().map(|row| self.values(row)).collect()
    }

    fn values(&self, row: &Row) -> Result<Vec<Value>, StoreError> {
        let columns = self.table.columns.iter();
        columns
            .map(|column| {
                row.value(&column.name, column.kind)
                    .ok_or_else(|| row.corrupt("a column"))
            })
            .collect()
    }
}

/// A statement that is said once in the life of a process.
fn said_once(sql: String) -> Query {
    query("schema", sql.leak())
}

#[cfg(test)]
mod tests {
    use crate::{db::Scope, testing::TestStore};

    #[tokio::test]
    async fn both_databases_tell_the_same_tables() {
        let test = TestStore::new().await;
        let tables = test
            .store
            .db
            .read(Scope::Platform)
            .await
            .unwrap()
            .tables()
            .await
            .unwrap();
        assert!(tables.iter().all(|table| table.is_plain()));
        let names: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
        let expected = [
            "tenants",
            "extensions",
            "devices",
            "bindings",
            "users",
            "sessions",
            "call_records",
            "call_legs",
            "call_participants",
            "consumer_cursors",
            "settings",
            "internal_numbers",
            "audit_log",
            "subscriptions",
            "number_stock",
            "numbers",
            "routing_rules",
            "approved_caller_ids",
            "company_settings",
            "gateways",
            "ring_groups",
            "ring_group_members",
            "intervals",
            "forwarding_rules",
            "blocked_callers",
            "hot_desks",
            "feature_codes",
            "contacts",
        ];
        assert_eq!(names, expected);
        let legs = &tables[7];
        let key: Vec<&str> = legs.pages().key.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(key, ["tenant_id", "call_id", "leg"]);
    }
}
