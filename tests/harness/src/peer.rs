//! Phones and tools by other makers: the tests need them and never do without.

use std::path::PathBuf;

/// Programs and the Debian packages that bring them.
const PACKAGES: &[(&str, &str)] = &[("baresip", "baresip-core"), ("node", "nodejs"), ("sipp", "sip-tester")];

/// Where `program` is. Fails the test with the command that installs it.
#[must_use]
pub fn require_peer(program: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut candidates = std::env::split_paths(&path).map(|folder| folder.join(program));
    candidates.find(|candidate| candidate.is_file()).unwrap_or_else(|| {
        let package = PACKAGES
            .iter()
            .find(|(name, _)| *name == program)
            .map_or(program, |(_, package)| package);
        panic!(
            "{program} is not installed, and this test needs it. Run: cargo xtask setup\n\
             (or, as root: apt-get update && apt-get install --no-install-recommends {package})"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_there_is_found() {
        assert!(require_peer("sh").is_file());
    }

    #[test]
    #[should_panic(expected = "apt-get install --no-install-recommends no-such-phone")]
    fn a_missing_peer_fails_the_test_with_the_command_that_installs_it() {
        let _ = require_peer("no-such-phone");
    }
}
