//! The figures of whatever keeps calls: journal, history and traces, in the Prometheus text format.

use std::{fmt::Write, sync::Arc};

use wigwag_jobs::HistoryGauge;
use wigwag_store::{journal::JournalWriter, trace::Traces};

/// Where the figures are read.
pub(crate) struct Keeping {
    pub(crate) journal: JournalWriter,
    pub(crate) history: HistoryGauge,
    pub(crate) traces: Arc<Traces>,
}

impl Keeping {
    /// Prints them behind those of the switch.
    pub(crate) fn print(&self, text: &mut String) {
        let (journal, history, traces) = (self.journal.figures(), self.history.figures(), self.traces.figures());
        let mut total = |name: &str, help: &str, value: u64| family(text, name, "counter", help, value);
        total(
            "wigwag_journal_entries_total",
            "Call events given to the journal.",
            journal.entries_appended,
        );
        total(
            "wigwag_journal_failures_total",
            "Writes to the journal that the system refused.",
            journal.failures,
        );
        total(
            "wigwag_journal_entries_lost_total",
            "Call events lost because the disk took nothing and the memory for them was full.",
            journal.entries_lost,
        );
        total(
            "wigwag_journal_lines_corrupt_total",
            "Lines of the journal that could not be read.",
            journal.lines_corrupt,
        );
        total(
            "wigwag_history_records_total",
            "Calls written to the history.",
            history.records_written,
        );
        total(
            "wigwag_history_records_refused_total",
            "Calls that the database will never take.",
            history.records_refused,
        );
        total(
            "wigwag_history_failures_total",
            "Attempts to write the history that failed and were repeated.",
            history.failures,
        );
        total("wigwag_traces_total", "Explanations of calls written.", traces.written);
        total(
            "wigwag_traces_lost_total",
            "Explanations of calls lost because too many waited, or the disk took none.",
            traces.lost,
        );
        family(
            text,
            "wigwag_journal_backlog_bytes",
            "gauge",
            "Bytes of the journal that wait for the disk.",
            journal.backlog_bytes,
        );
        family(
            text,
            "wigwag_traces_bytes",
            "gauge",
            "Bytes of explanations in files.",
            traces.bytes,
        );
    }
}

fn family(text: &mut String, name: &str, kind: &str, help: &str, value: u64) {
    let lines = format_args!("# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n");
    text.write_fmt(lines).expect("a string takes all");
}
