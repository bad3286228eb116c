//! How many tests passed and failed, read from the closing lines of the test runners.

use std::ops::AddAssign;

/// Tests that passed and tests that failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// Who runs the tests, and so how its closing line reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Runner {
    /// `cargo nextest run`: each test a process of its own, with a time limit.
    Nextest,
    /// `cargo test`, which every Rust toolchain has.
    Libtest,
}

impl Runner {
    /// What `line` says about the outcome, when it is a closing line of this runner.
    pub(crate) fn read(self, line: &str) -> Option<Tally> {
        let line = without_colours(line);
        match self {
            Runner::Nextest => nextest(&line),
            Runner::Libtest => libtest(&line),
        }
    }
}

/// `Summary [   0.274s] 22 tests run: 21 passed (1 slow), 1 failed, 0 skipped`
fn nextest(line: &str) -> Option<Tally> {
    let (_, outcome) = line.trim_start().strip_prefix("Summary [")?.split_once("] ")?;
    let (run, outcome) = outcome.split_once(" run: ")?;
    let total: u64 = run.split_whitespace().next()?.split('/').next()?.parse().ok()?;
    let passed = number_before(outcome, " passed").unwrap_or(0);
    Some(Tally {
        passed,
        failed: total.saturating_sub(passed),
    })
}

/// `test result: ok. 22 passed; 0 failed; 1 ignored; …`
fn libtest(line: &str) -> Option<Tally> {
    let outcome = line.strip_prefix("test result: ")?;
    Some(Tally {
        passed: number_before(outcome, " passed")?,
        failed: number_before(outcome, " failed")?,
    })
}

fn number_before(text: &str, word: &str) -> Option<u64> {
    let (before, _) = text.split_once(word)?;
    before
        .rsplit(|character: char| !character.is_ascii_digit())
        .next()?
        .parse()
        .ok()
}

fn without_colours(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, escaped)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        rest = escaped.split_once('m').map_or("", |(_, after)| after);
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nextest_closes_with_a_summary() {
        let read = |line| Runner::Nextest.read(line);
        assert_eq!(
            read("     Summary [   0.274s] 22 tests run: 22 passed, 0 skipped"),
            Some(Tally { passed: 22, failed: 0 })
        );
        assert_eq!(
            read("     Summary [   1.0s] 5 tests run: 3 passed (1 slow), 1 failed, 1 timed out, 0 skipped"),
            Some(Tally { passed: 3, failed: 2 })
        );
        assert_eq!(
            read(
                "\u{1b}[32;1m     Summary\u{1b}[0m [   0.1s] \u{1b}[1m1\u{1b}[0m test run: \u{1b}[1m1\u{1b}[0m \u{1b}[32;1mpassed\u{1b}[0m, 0 skipped"
            ),
            Some(Tally { passed: 1, failed: 0 })
        );
        assert_eq!(
            read("test result: FAILED. 0 passed; 1 failed;"),
            None,
            "what a failed test printed is no summary"
        );
    }

    #[test]
    fn libtest_closes_each_binary_with_a_result() {
        let read = |line| Runner::Libtest.read(line);
        assert_eq!(
            read("test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.07s"),
            Some(Tally { passed: 3, failed: 0 })
        );
        assert_eq!(
            read("test result: \u{1b}[31mFAILED\u{1b}[0m. 0 passed; 1 failed; 0 ignored"),
            Some(Tally { passed: 0, failed: 1 })
        );
        assert_eq!(read("running 3 tests"), None);
    }
}
