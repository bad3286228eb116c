//! `wigwag numbers load`.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    path::Path,
    process::ExitCode,
};

use anyhow::Context;
use wigwag_model::{Author, PhoneNumber, StockLines, StockNumber};
use wigwag_store::Store;

use crate::{
    cli::Numbers,
    commands::{complain, open_store, say},
    config::Config,
    present,
};

/// Numbers loaded in one transaction, so that nobody who writes waits for long.
const BATCH: usize = 2_000;
/// Lines after which the progress is told.
const TELL: u64 = 20_000;
/// Broken lines that are told one by one.
const TOLD: u64 = 100;
/// Bytes of a line at most; more is no line of ours.
const LINE_BYTES: u64 = 4_096;

pub(crate) async fn run(data: &Path, config: &Config, command: Numbers) -> anyhow::Result<ExitCode> {
    let Numbers::Load { file } = command;
    let mut lines = BufReader::new(std::fs::File::open(&file).context("the file cannot be opened")?);
    let heading = next_line(&mut lines)?.context("the file is empty")?;
    let columns = StockLines::heading(&heading).map_err(|error| anyhow::anyhow!("line 1: {error}"))?;
    let store = open_store(data, config, &mut present::entropy()?).await?;
    let (mut batch, mut line, mut loaded, mut broken) = (BTreeMap::new(), 1_u64, 0_u64, 0_u64);
    while let Some(text) = next_line(&mut lines)? {
        line += 1;
        match columns.line(&text) {
            Ok(None) => {}
            Ok(Some(stock)) => {
                batch.insert(stock.number.clone(), stock);
            }
            Err(error) => {
                broken += 1;
                if broken <= TOLD {
                    complain(&format!("line {line}: {error}"));
                }
            }
        }
        if batch.len() == BATCH {
            loaded += load(&store, &mut batch).await?;
        }
        if line.is_multiple_of(TELL) {
            complain(&format!("{line} lines read, {loaded} numbers loaded"));
        }
    }
    loaded += load(&store, &mut batch).await?;
    store.close().await;
    say(&format!("{loaded} numbers loaded, {broken} lines left out\n"));
    Ok(if broken == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Loads what waits; of a number that stands there twice the last counts.
async fn load(store: &Store, batch: &mut BTreeMap<PhoneNumber, StockNumber>) -> anyhow::Result<u64> {
    let numbers: Vec<StockNumber> = std::mem::take(batch).into_values().collect();
    let mut tx = store.write_platform(Author::server(present::utc())).await?;
    tx.load_stock(&numbers).await?;
    tx.commit().await?;
    Ok(numbers.len() as u64)
}

/// The next line; of one that is too long, or no text, only what tells so.
fn next_line(lines: &mut impl BufRead) -> anyhow::Result<Option<String>> {
    let mut bytes = Vec::new();
    let read = std::io::Read::take(&mut *lines, LINE_BYTES).read_until(b'\n', &mut bytes);
    if read.context("the file cannot be read")? == 0 {
        return Ok(None);
    }
    if !bytes.ends_with(b"\n") {
        lines.skip_until(b'\n').context("the file cannot be read")?;
    }
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::next_line;

    #[test]
    fn a_line_without_end_takes_no_memory_and_the_next_one_is_read() {
        let text = format!("a,b\n{}\nc", "x".repeat(1_000_000));
        let mut lines = text.as_bytes();
        assert_eq!(next_line(&mut lines).expect("a line").as_deref(), Some("a,b\n"));
        assert_eq!(
            next_line(&mut lines).expect("a line").map(|line| line.len()),
            Some(4_096)
        );
        assert_eq!(next_line(&mut lines).expect("a line").as_deref(), Some("c"));
        assert_eq!(next_line(&mut lines).expect("the end"), None);
    }
}
