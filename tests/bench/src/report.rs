//! The table: what was measured, beside what is aimed at.

use std::{fmt::Write, fs, path::Path, process::Command};

use anyhow::{Context, Result};

use crate::sipp::Outcome;

/// Between these lines of the document the table is kept.
const TABLE: Section = Section {
    begin: "<!-- measured by cargo xtask bench -->",
    end: "<!-- end of what was measured -->",
};

/// A part of a document that is written anew by each run.
pub(crate) struct Section {
    /// The line above it.
    pub(crate) begin: &'static str,
    /// The line below it.
    pub(crate) end: &'static str,
}

/// All figures of a run.
#[derive(Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
    notes: Vec<String>,
}

struct Row {
    work: String,
    unit: &'static str,
    aim: Aim,
    measured: f64,
    floor: Option<f64>,
}

enum Aim {
    AtMost(f64),
    AtLeast(f64),
}

impl Report {
    /// A figure that shall be small.
    pub(crate) fn add(&mut self, work: &str, unit: &'static str, at_most: f64, measured: f64) {
        self.push(work, unit, Aim::AtMost(at_most), measured, None);
    }

    /// A figure that shall be large.
    pub(crate) fn add_at_least(&mut self, work: &str, unit: &'static str, at_least: f64, measured: f64) {
        self.push(work, unit, Aim::AtLeast(at_least), measured, None);
    }

    /// A figure that shall be small, and what the machine makes of it without us.
    pub(crate) fn add_over(&mut self, work: &str, unit: &'static str, at_most: f64, measured: f64, floor: f64) {
        self.push(work, unit, Aim::AtMost(at_most), measured, Some(floor));
    }

    /// Something worth knowing that has no aim.
    pub(crate) fn note(&mut self, note: &str) {
        eprintln!("{note}");
        self.notes.push(note.to_owned());
    }

    /// Says so when part of the load failed.
    pub(crate) fn failures(&mut self, work: &str, outcome: Outcome) {
        let Outcome {
            succeeded,
            failed,
            retransmissions,
        } = outcome;
        eprintln!("{work}: {succeeded} succeeded, {failed} failed, {retransmissions} retransmissions");
        if failed > 0 {
            self.note(&format!("{failed} {work} failed"));
        }
    }

    /// The table, and the notes below it.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("Measured {} on {}.\n\n", today(), machine());
        text.push_str("| work | unit | bare relay | measured | aim | |\n|---|---|--:|--:|--:|---|\n");
        for row in &self.rows {
            let Row {
                work, unit, measured, ..
            } = row;
            let floor = row.floor.map_or(String::new(), figure);
            let (aim, holds) = match row.aim {
                Aim::AtMost(aim) => (format!("≤ {aim}"), *measured <= aim),
                Aim::AtLeast(aim) => (format!("≥ {aim}"), *measured >= aim),
            };
            let verdict = if holds { "reached" } else { "missed" };
            writeln!(
                text,
                "| {work} | {unit} | {floor} | {} | {aim} | {verdict} |",
                figure(*measured)
            )
            .expect("a String takes everything");
        }
        text.push('\n');
        for note in &self.notes {
            writeln!(text, "* {note}").expect("a String takes everything");
        }
        text
    }

    /// Puts the table into the document at `path`.
    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        put(path, &TABLE, &self.text())
    }

    fn push(&mut self, work: &str, unit: &'static str, aim: Aim, measured: f64, floor: Option<f64>) {
        eprintln!("{work}: {} {unit}", figure(measured));
        self.rows.push(Row {
            work: work.to_owned(),
            unit,
            aim,
            measured,
            floor,
        });
    }
}

/// Puts `text` into a section of the document at `path`.
pub(crate) fn put(path: &Path, section: &Section, text: &str) -> Result<()> {
    let Section { begin, end } = section;
    let document = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let (before, rest) = document
        .split_once(begin)
        .context("the document has no place for what was measured")?;
    let (_, after) = rest
        .split_once(end)
        .context("the document has no end of what was measured")?;
    fs::write(path, format!("{before}{begin}\n\n{text}\n{end}{after}"))?;
    Ok(())
}

/// Three digits that mean something.
fn figure(value: f64) -> String {
    match value {
        100.0.. => format!("{value:.0}"),
        10.0.. => format!("{value:.1}"),
        1.0.. => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

/// The day of the run.
pub(crate) fn today() -> String {
    said_by(Command::new("date").arg("-I"))
}

fn said_by(command: &mut Command) -> String {
    let said = command.output().map(|output| output.stdout).unwrap_or_default();
    String::from_utf8_lossy(&said).trim().to_owned()
}

/// What it ran on.
pub(crate) fn machine() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("an unknown processor", |(_, model)| model);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let kernel = said_by(Command::new("uname").arg("-r"));
    format!("{model}, {cores} cores for server and load, Linux {kernel}")
}
