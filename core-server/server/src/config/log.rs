//! `[log]`: how much is told on standard error.

use serde::{Deserialize, Serialize};

use super::ConfigProblem;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LogSection {
    /// A level, or levels by part of the program: `info`, `warn,wigwag_switch=debug`.
    pub(crate) filter: String,
}

impl LogSection {
    pub(super) fn check(&self, problems: &mut Vec<ConfigProblem>) {
        if let Err(error) = self.filter.parse::<tracing_subscriber::EnvFilter>() {
            problems.push(ConfigProblem {
                key: "log.filter",
                problem: error.to_string(),
            });
        }
    }
}

impl Default for LogSection {
    fn default() -> Self {
        LogSection {
            filter: "info".to_owned(),
        }
    }
}
