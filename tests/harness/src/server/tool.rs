//! `wigwag` as a command that does something and ends.

use std::path::Path;
use std::process::Command;

use super::build::program;

/// What became of a command.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Its exit code.
    pub code: Option<i32>,
    /// What it printed for programs.
    pub output: String,
    /// What it printed for people.
    pub complaints: String,
}

impl Outcome {
    /// Runs `wigwag --data DATA` with these arguments to its end.
    pub async fn of(data: &Path, arguments: &[&str]) -> Outcome {
        let mut command = Command::new(program());
        command.arg("--data").arg(data).args(arguments);
        let running = tokio::task::spawn_blocking(move || command.output());
        let output = running.await.expect("nobody cancels it").expect("wigwag runs");
        Outcome {
            code: output.status.code(),
            output: String::from_utf8_lossy(&output.stdout).into_owned(),
            complaints: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// What it printed, once it has done what it was told.
    ///
    /// # Panics
    ///
    /// When it has not.
    pub fn expect_success(self) -> String {
        assert_eq!(self.code, Some(0), "{self:#?}");
        self.output
    }
}
