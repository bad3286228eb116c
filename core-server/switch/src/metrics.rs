//! The switch's own figures, for Prometheus and for tests that count.

use std::{
    fmt::Write,
    sync::atomic::{AtomicU64, Ordering},
};

use wigwag_model::{CallEvent, Outcome};

/// Counters of the switch.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    attempted: AtomicU64,
    answered: AtomicU64,
    busy: AtomicU64,
    no_answer: AtomicU64,
    declined: AtomicU64,
    blocked: AtomicU64,
    failed: AtomicU64,
    /// Requests whose sender could not prove who it is, by a wrong password or otherwise.
    pub(crate) unproven: AtomicU64,
    /// Requests refused because their sender guesses passwords.
    pub(crate) locked_out: AtomicU64,
    /// Requests of sources that prove nothing and ask too often: refused with 503.
    pub(crate) strangers_refused: AtomicU64,
    /// The same, without an answer.
    pub(crate) strangers_ignored: AtomicU64,
    /// Requests refused because their device sends too many.
    pub(crate) devices_refused: AtomicU64,
    /// Registrations and new calls refused because there is too much to do.
    pub(crate) shed: AtomicU64,
    /// INVITEs that came by two ways, or in a circle.
    pub(crate) merged: AtomicU64,
    /// Requests of a dialog that does not exist.
    pub(crate) strays: AtomicU64,
    /// Registrations refused because five devices are connected.
    pub(crate) registrations_refused: AtomicU64,
    /// Mail that did not fit into a call's mailbox.
    pub(crate) mail_dropped: AtomicU64,
}

impl Metrics {
    /// Counts what becomes of calls.
    pub(crate) fn see(&self, event: &CallEvent) {
        match event {
            CallEvent::Attempted { .. } => add(&self.attempted),
            CallEvent::Ended { cause } => add(match cause.outcome() {
                Outcome::Answered => &self.answered,
                Outcome::Busy => &self.busy,
                Outcome::NoAnswer => &self.no_answer,
                Outcome::Declined => &self.declined,
                Outcome::Blocked => &self.blocked,
                Outcome::Failed => &self.failed,
            }),
            CallEvent::Addressed { .. }
            | CallEvent::LegStarted { .. }
            | CallEvent::LegRinging { .. }
            | CallEvent::LegAnswered { .. }
            | CallEvent::LegHeld { .. }
            | CallEvent::LegResumed { .. }
            | CallEvent::LegEnded { .. }
            | CallEvent::LegMeasured { .. }
            | CallEvent::Bridged { .. }
            | CallEvent::CallerChanged { .. }
            | CallEvent::Merged { .. } => {}
        }
    }

    /// Prints the counters in the Prometheus text format.
    pub(crate) fn print(&self, text: &mut String) {
        counter(
            text,
            "wigwag_calls_attempted_total",
            "Calls that somebody has begun.",
            &self.attempted,
        );
        family(
            text,
            "wigwag_calls_ended_total",
            "Calls that have ended, by what became of them.",
            "counter",
        );
        let outcomes = [
            (Outcome::Answered, &self.answered),
            (Outcome::Busy, &self.busy),
            (Outcome::NoAnswer, &self.no_answer),
            (Outcome::Declined, &self.declined),
            (Outcome::Blocked, &self.blocked),
            (Outcome::Failed, &self.failed),
        ];
        for (outcome, count) in outcomes {
            line(
                text,
                "wigwag_calls_ended_total",
                &format!("{{outcome=\"{}\"}}", outcome.as_str()),
                load(count),
            );
        }
        let counters = [
            (
                "wigwag_sip_unproven_total",
                "Requests whose sender did not prove who it is.",
                &self.unproven,
            ),
            (
                "wigwag_sip_locked_out_total",
                "Requests of senders that guess passwords.",
                &self.locked_out,
            ),
            (
                "wigwag_sip_strangers_refused_total",
                "Requests of sources that prove nothing and ask too often, refused.",
                &self.strangers_refused,
            ),
            (
                "wigwag_sip_strangers_ignored_total",
                "Requests of sources that prove nothing and ask too often, ignored.",
                &self.strangers_ignored,
            ),
            (
                "wigwag_sip_devices_refused_total",
                "Requests of devices that send too many.",
                &self.devices_refused,
            ),
            (
                "wigwag_sip_shed_total",
                "Registrations and new calls refused because there was too much to do.",
                &self.shed,
            ),
            (
                "wigwag_sip_merged_total",
                "INVITEs that came by two ways or in a circle.",
                &self.merged,
            ),
            (
                "wigwag_sip_strays_total",
                "Requests of dialogs that do not exist.",
                &self.strays,
            ),
            (
                "wigwag_registrations_refused_total",
                "Registrations of a sixth device.",
                &self.registrations_refused,
            ),
            (
                "wigwag_call_mail_dropped_total",
                "Messages that a busy call could not take.",
                &self.mail_dropped,
            ),
        ];
        for (name, help, count) in counters {
            counter(text, name, help, count);
        }
    }
}

/// Counts one.
pub(crate) fn add(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// Prints a figure that can fall.
pub(crate) fn gauge(text: &mut String, name: &str, help: &str, value: u64) {
    family(text, name, help, "gauge");
    line(text, name, "", value);
}

/// Prints a figure that only rises.
pub(crate) fn total(text: &mut String, name: &str, help: &str, value: u64) {
    family(text, name, help, "counter");
    line(text, name, "", value);
}

fn counter(text: &mut String, name: &str, help: &str, value: &AtomicU64) {
    total(text, name, help, load(value));
}

fn load(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

/// Begins a family of figures.
pub(crate) fn family(text: &mut String, name: &str, help: &str, kind: &str) {
    writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}").expect("a String takes everything");
}

/// Prints one figure of a family; `labels` with its braces, or nothing.
pub(crate) fn line(text: &mut String, name: &str, labels: &str, value: u64) {
    writeln!(text, "{name}{labels} {value}").expect("a String takes everything");
}
