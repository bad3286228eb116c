//! How many files and sockets the process may have open.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// What a server with some thousand calls needs: four sockets a call, and room for connections.
pub(crate) const WANTED_FILES: u64 = 65_536;

/// Raises the limit as far as the system allows, at most to what is wanted, and tells what it is then.
pub(crate) fn raise_open_files() -> nix::Result<u64> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    let wanted = WANTED_FILES.min(hard).max(soft);
    if wanted > soft {
        setrlimit(Resource::RLIMIT_NOFILE, wanted, hard)?;
    }
    Ok(wanted)
}
