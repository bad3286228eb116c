//! `[retention]`: how long what calls and changes leave behind is kept; the journal goes as soon as the history has read it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wigwag_jobs::Retention;
use wigwag_store::trace::TraceLimits;

use super::ConfigProblem;

const DAY_S: u64 = 24 * 3600;
const MEGABYTE: u64 = 1024 * 1024;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RetentionSection {
    /// Days that a call stays in the history; 0 keeps calls for ever.
    pub(crate) call_history_days: u32,
    /// Days that the audit log tells who changed what; 0 keeps its entries for ever.
    pub(crate) audit_log_days: u32,
    /// Days that the explanation of a call (its decisions and SIP messages) is kept.
    pub(crate) traces_days: u32,
    /// Megabytes that all these explanations may take; the oldest go first.
    pub(crate) traces_megabytes: u32,
}

impl RetentionSection {
    /// For the background jobs.
    pub(crate) fn of_jobs(&self) -> Retention {
        let days = |days: u32| (days > 0).then(|| Duration::from_secs(u64::from(days) * DAY_S));
        Retention {
            call_history: days(self.call_history_days),
            audit_log: days(self.audit_log_days),
        }
    }

    /// For the traces.
    pub(crate) fn of_traces(&self) -> TraceLimits {
        TraceLimits {
            keep_for: Duration::from_secs(u64::from(self.traces_days) * DAY_S),
            most_bytes: u64::from(self.traces_megabytes) * MEGABYTE,
        }
    }

    pub(super) fn check(&self, problems: &mut Vec<ConfigProblem>) {
        let least_one = [
            ("retention.traces_days", self.traces_days),
            ("retention.traces_megabytes", self.traces_megabytes),
        ];
        for (key, value) in least_one {
            if value == 0 {
                let problem = "must be at least 1".to_owned();
                problems.push(ConfigProblem { key, problem });
            }
        }
    }
}

impl Default for RetentionSection {
    fn default() -> Self {
        let traces = TraceLimits::default();
        let whole = |number: u64| u32::try_from(number).expect("the defaults are small");
        RetentionSection {
            call_history_days: 0,
            audit_log_days: 0,
            traces_days: whole(traces.keep_for.as_secs() / DAY_S),
            traces_megabytes: whole(traces.most_bytes / MEGABYTE),
        }
    }
}
