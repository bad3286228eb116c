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
    texts: [OnceLock<&'static str>; STEPS.len()],
}

impl BulkInsert {
    /// `head` VALUES rows of so many `columns` `tail`.
    pub(crate) const fn new(table: &'static str, head: &'static str, columns: usize, tail: &'static str) -> Self {
        BulkInsert {
            table,
            head,
            columns,
            tail,
            texts: [const { OnceLock::new() }; STEPS.len()],
        }
    }

    /// The statements that insert `rows`.
    pub(super) fn queries(&'static self, rows: Vec<Vec<Value>>) -> impl Iterator<Item = Query> {
        let mut left = rows.len();
        let mut values = rows.into_iter();
        std::iter::from_fn(move || {
            let step = STEPS.iter().position(|step| *step <= left)?;
            left -= STEPS[step];
            Some(Query {
                table: self.table,
                sql: self.text(step),
                values: values.by_ref().take(STEPS[step]).flatten().collect(),
            })
        })
    }

    fn text(&self, step: usize) -> &'static str {
        self.texts[step].get_or_init(|| {
            let row = |row: usize| {
                let parameters: Vec<_> = (1..=self.columns)
                    .map(|column| format!("${}", row * self.columns + column))
                    .collect();
                format!("({})", parameters.join(", "))
            };
            let rows: Vec<_> = (0..STEPS[step]).map(row).collect();
            // Four texts for each insert that there is, kept for as long as the process lives.
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
        let queries: Vec<_> = INSERT.queries(vec![row(); 64 + 4 + 4 + 1]).collect();
        let rows: Vec<_> = queries.iter().map(|query| query.values.len() / 2).collect();
        assert_eq!(rows, [64, 4, 4, 1]);
        let four = "INSERT INTO t (a, b) VALUES ($1, $2), ($3, $4), ($5, $6), ($7, $8) ON CONFLICT DO NOTHING";
        assert_eq!(queries[1].sql, four);
        assert_eq!(INSERT.queries(Vec::new()).count(), 0);
    }
}
