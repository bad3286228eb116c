//! A run of several steps: all of them are carried out, then one table tells how each went.

use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::cargo::in_words;
use crate::tally::{Runner, Tally};

/// The steps so far. A step that runs no tests counts as one test.
#[derive(Default)]
pub(crate) struct Steps {
    done: Vec<Done>,
}

struct Done {
    name: String,
    succeeded: bool,
    tests: Option<Tally>,
    took: Duration,
}

impl Steps {
    /// Runs a command that either succeeds or fails.
    pub(crate) fn run(&mut self, name: &str, command: &mut Command) {
        self.carry_out(name, || {
            let status = command
                .status()
                .with_context(|| format!("cannot start {}", in_words(command)))?;
            Ok((status.success(), None))
        });
    }

    /// Runs tests and counts them.
    pub(crate) fn run_tests(&mut self, name: &str, runner: Runner, command: &mut Command) {
        self.carry_out(name, || {
            run_and_count(runner, command).map(|(succeeded, tally)| (succeeded, Some(tally)))
        });
    }

    /// Runs something of our own.
    pub(crate) fn call(&mut self, name: &str, action: impl FnOnce() -> Result<()>) {
        self.carry_out(name, || action().map(|()| (true, None)));
    }

    /// Prints the table and the closing line; whether everything succeeded.
    pub(crate) fn close(self) -> bool {
        let mut out = std::io::stdout().lock();
        let total = self.total();
        let width = self.done.iter().map(|step| step.name.len()).max().unwrap_or(0);
        let lines = self.done.iter().map(|step| {
            format!(
                "{:width$}  {:24}  {:>7.1} s",
                step.name,
                step.outcome(),
                step.took.as_secs_f64()
            )
        });
        let text = lines.collect::<Vec<_>>().join("\n");
        // Nobody is left to be told when standard output is gone: the exit code still tells.
        let _ = writeln!(out, "\n{text}\n\n{} passed, {} failed", total.passed, total.failed);
        self.done.iter().all(|step| step.succeeded)
    }

    fn carry_out(&mut self, name: &str, action: impl FnOnce() -> Result<(bool, Option<Tally>)>) {
        eprintln!("\n── {name}");
        let started = now();
        let (succeeded, tests) = action().unwrap_or_else(|error| {
            eprintln!("error: {error:#}");
            (false, None)
        });
        self.done.push(Done {
            name: name.to_owned(),
            succeeded,
            tests,
            took: started.elapsed(),
        });
    }

    fn total(&self) -> Tally {
        let mut total = Tally::default();
        for step in &self.done {
            total += step.tally();
        }
        total
    }
}

impl Done {
    /// What the step adds to the closing line; a step that failed adds a failure, whatever it counted.
    fn tally(&self) -> Tally {
        match (self.succeeded, self.tests) {
            (true, Some(tests)) => tests,
            (true, None) => Tally { passed: 1, failed: 0 },
            (false, Some(tests)) => Tally {
                failed: tests.failed.max(1),
                ..tests
            },
            (false, None) => Tally { passed: 0, failed: 1 },
        }
    }

    fn outcome(&self) -> String {
        match (self.succeeded, self.tests) {
            (true, None) => "passed".to_owned(),
            (true, Some(tests)) => format!("{} passed", tests.passed),
            (false, Some(tests)) if tests.failed > 0 => format!("{} passed, {} FAILED", tests.passed, tests.failed),
            (false, None | Some(_)) => "FAILED".to_owned(),
        }
    }
}

/// Passes on what the command prints while counting the tests in it.
fn run_and_count(runner: Runner, command: &mut Command) -> Result<(bool, Tally)> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if std::io::stderr().is_terminal() {
        command.env("CARGO_TERM_COLOR", "always");
    }
    let mut child = command
        .spawn()
        .with_context(|| format!("cannot start {}", in_words(command)))?;
    let stdout = child.stdout.take().expect("stdout is piped");
    let stderr = child.stderr.take().expect("stderr is piped");
    let tally = std::thread::scope(|scope| {
        let from_stdout = scope.spawn(|| pass_on(stdout, std::io::stdout(), runner));
        let mut tally = pass_on(stderr, std::io::stderr(), runner);
        tally += from_stdout.join().expect("reading lines does not panic");
        tally
    });
    Ok((child.wait()?.success(), tally))
}

fn pass_on(from: impl Read, mut to: impl Write, runner: Runner) -> Tally {
    let mut tally = Tally::default();
    let mut lines = BufReader::new(from);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
        // A closed terminal must not end the tests.
        let _ = to.write_all(&line);
        if let Some(read) = runner.read(String::from_utf8_lossy(&line).trim_end()) {
            tally += read;
        }
        line.clear();
    }
    tally
}

#[expect(
    clippy::disallowed_methods,
    reason = "the only clock of this tool: how long a step took"
)]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(succeeded: bool, tests: Option<Tally>) -> Done {
        Done {
            name: "x".to_owned(),
            succeeded,
            tests,
            took: Duration::ZERO,
        }
    }

    #[test]
    fn a_step_that_fails_is_never_counted_as_passed() {
        assert_eq!(step(false, None).tally(), Tally { passed: 0, failed: 1 });
        let nothing_failed = Some(Tally { passed: 4, failed: 0 });
        assert_eq!(step(false, nothing_failed).tally(), Tally { passed: 4, failed: 1 });
        assert_eq!(step(false, nothing_failed).outcome(), "FAILED");
    }

    #[test]
    fn a_step_without_tests_counts_as_one() {
        assert_eq!(step(true, None).tally(), Tally { passed: 1, failed: 0 });
    }
}
