//! How much work is done: enough to measure, or just enough to see that it runs.

use std::path::PathBuf;

/// The amounts of a run.
pub(crate) struct Scale {
    /// The server's program.
    pub(crate) program: PathBuf,
    pub(crate) starts: usize,
    /// Companies whose directory is loaded at a start, and of how many of them a first call is placed.
    pub(crate) companies: u32,
    pub(crate) first_calls: u32,
    pub(crate) registrations: u32,
    pub(crate) registrations_per_second: u32,
    /// Pairs of phones that call each other by turns: an extension takes two calls at a time.
    pub(crate) pairs: u32,
    pub(crate) runs: usize,
    pub(crate) calls: u32,
    pub(crate) calls_per_second: u32,
    /// The rates that are tried, and with how many calls.
    pub(crate) rates: &'static [u32],
    pub(crate) calls_at_each_rate: u32,
    /// Numbers of calls whose sound flows at a time.
    pub(crate) sounding: &'static [u32],
    pub(crate) window_secs: u64,
    /// Whether to wait for the end of what finished calls and transactions keep.
    pub(crate) awaits_the_end: bool,
}

impl Scale {
    pub(crate) fn full(program: PathBuf) -> Scale {
        Scale {
            program,
            starts: 5,
            companies: 10_000,
            first_calls: 200,
            registrations: 10_000,
            registrations_per_second: 1_000,
            pairs: 1_000,
            runs: 3,
            calls: 2_000,
            calls_per_second: 200,
            rates: &[400, 600, 800, 1_000, 1_250, 1_500, 2_000],
            calls_at_each_rate: 10_000,
            sounding: &[50, 200, 400],
            window_secs: 20,
            awaits_the_end: true,
        }
    }

    pub(crate) fn quick(program: PathBuf) -> Scale {
        Scale {
            program,
            starts: 1,
            companies: 4,
            first_calls: 2,
            registrations: 4,
            registrations_per_second: 20,
            pairs: 2,
            runs: 1,
            calls: 4,
            calls_per_second: 10,
            rates: &[10],
            calls_at_each_rate: 4,
            sounding: &[2],
            window_secs: 1,
            awaits_the_end: false,
        }
    }
}
