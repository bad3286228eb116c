//! The star codes that can be dialled from idle (features.md 1.T); one file each.

use serde::{Deserialize, Serialize};

use super::plan::Plan;

mod echo;

/// A star code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FeatureCode {
    /// `*52`: hear yourself (S232).
    Echo,
}

/// Reads a star code; the whole text has to match.
pub(super) fn parse(text: &str) -> Option<FeatureCode> {
    echo::parse(text)
}

/// What the code does.
pub(super) fn plan(code: FeatureCode) -> Plan {
    match code {
        FeatureCode::Echo => echo::plan(),
    }
}
