//! One command, one file.

pub(crate) mod backup;
pub(crate) mod config;
pub(crate) mod doctor;
pub(crate) mod migrate;
pub(crate) mod numbers;
pub(crate) mod operator;
pub(crate) mod secrets;
pub(crate) mod serve;
pub(crate) mod simulate;
pub(crate) mod tenant;
pub(crate) mod user;

use std::{io::Write, path::Path};

use anyhow::Context;
use wigwag_sansio::Entropy;
use wigwag_store::Store;

use crate::{config::Config, data_folder::DataFolder};

/// Prints on standard output; a reader that has gone away is no error.
pub(crate) fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Prints a line on standard error.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Opens the store for a command.
pub(crate) async fn open_store(data: &Path, config: &Config, entropy: &mut Entropy) -> anyhow::Result<Store> {
    DataFolder::make(data)?;
    let url = config.database.url.as_deref();
    Store::open(data, url, entropy)
        .await
        .context("the database cannot be opened")
}
