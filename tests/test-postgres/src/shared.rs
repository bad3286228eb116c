//! The cluster that `cargo xtask test` runs for all tests that only want a database.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    path::{Path, PathBuf},
};

use crate::{programs::Programs, session};

/// The environment variable with the folder of that cluster's socket.
pub const SHARED: &str = "WIGWAG_TEST_POSTGRES";

/// The address of a new database in the shared cluster; `None` when there is none, and tests use SQLite.
///
/// # Panics
///
/// When there should be one and it makes no database.
#[must_use]
pub fn new_database() -> Option<String> {
    let socket = PathBuf::from(std::env::var_os(SHARED)?);
    let programs = Programs::find().expect("PostgreSQL is installed");
    Some(create(&programs, &socket))
}

pub(crate) fn create(programs: &Programs, socket: &Path) -> String {
    // Random: the numbers of processes come back.
    let name = format!("test_{:016x}", RandomState::new().build_hasher().finish());
    let create = format!("CREATE DATABASE {name} OWNER wigwag");
    session::say(programs, socket, "postgres", &create).expect("a database can be made");
    format!("postgres://wigwag@localhost/{name}?host={}", socket.display())
}
