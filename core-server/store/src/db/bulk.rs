//! Many rows in one statement: what a row costs is mostly the way to the database and back.

use std::sync::OnceLock;

use super::{Query, Value};

/// How many rows one statement has; a batch is made up of as few statements as these allow.
const STEPS: [usize; 4] = [64, 16, 4, 1];

/// An INSERT whose text is put together once for each number of rows, from constants alone.
pub(crate) struct BulkInsert {
    table: &'static str,
    head: &'static str,
    columns: usize,
    tail: &'static str,
    numbered: [OnceLock<&'static str>; STEPS.len()],
    positional: [OnceLock<&'static str>; STEPS.len()],
}

/// How a statement names its parameters.
#[derive(Clone, Copy)]
pub(super) enum Parameters {
    /// `$1`, `$2`, …, as PostgreSQL wants them.
    Numbered,
    /// `?`: for each numbered parameter SQLite searches the list of all names, which takes longer than the row.
    Positional,
}

impl BulkInsert {
    /// `head` VALUES rows of so many `columns` `tail`.
    pub(crate) const fn new(table: &'static str, head: &'static str, columns: usize, tail: &'static str) -> Self {
        BulkInsert {
            table,
            head,
            columns,
            tail,
            numbered: [const { OnceLock::new() }; STEPS.len()],
            positional: [const { OnceLock::new() }; STEPS.len()],
        }
    }

    /// The statements that insert `rows`.
    pub(super) fn queries(&'static self, rows: Vec<Vec<Value>>, parameters: Parameters) -> impl Iterator<Item = Query> {
        let mut left = rows.len();
        let mut values = rows.into_iter();
        std::iter::from_fn(move || {
            let step = STEPS.iter().position(|step| *step <= left)?;
            left -= STEPS[step];
            Some(Query {
                table: self.table,
                sql: self.text(step, parameters),
                values: values.by_ref().take(STEPS[step]).flatten().collect(),
            })
        })
    }

    /// The text for so many rows, put together once and kept for as long as the process lives.
    fn text(&self, step: usize, parameters: Parameters) -> &'static str {
        let (texts, parameter): (_, fn(usize) -> String) = match parameters {
            Parameters::Numbered => (&self.numbered, |number| format!("${number}")),
            Parameters::Positional => (&self.positional, |_| "?".to_owned()),
        };
        texts[step].get_or_init(|| {
            let row = |row: usize| {
                let numbers = row * self.columns + 1..=(row + 1) * self.columns;
                format!("({})", numbers.map(parameter).collect::<Vec<_>>().join(", "))
            };
            let rows: Vec<_> = (0..STEPS[step]).map(row).collect();
            format!("{} VALUES {} {}", self.head, rows.join(", "), self.tail).leak()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_made_up_of_few_statements() {
        static INSERT: BulkInsert = BulkInsert::new("t", "INSERT INTO t (a, b)", 2, "ON CONFLICT DO NOTHING");
        let row = || vec![Value::Integer(Some(1)), Value::Text(None)];
        let queries: Vec<_> = INSERT
            .queries(vec![row(); 64 + 4 + 4 + 1], Parameters::Numbered)
            .collect();
        let rows: Vec<_> = queries.iter().map(|query| query.values.len() / 2).collect();
        assert_eq!(rows, [64, 4, 4, 1]);
        let four = "INSERT INTO t (a, b) VALUES ($1, $2), ($3, $4), ($5, $6), ($7, $8) ON CONFLICT DO NOTHING";
        assert_eq!(queries[1].sql, four);
        let sqlite = INSERT
            .queries(vec![row()], Parameters::Positional)
            .next()
            .map(|query| query.sql);
        assert_eq!(
            sqlite,
            Some("INSERT INTO t (a, b) VALUES (?, ?) ON CONFLICT DO NOTHING")
        );
        assert_eq!(INSERT.queries(Vec::new(), Parameters::Numbered).count(), 0);
    }
}
