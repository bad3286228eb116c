//! What the soak has shown: what was done, whether anything is left of it, and whether memory grows.

use std::{collections::BTreeMap, fmt::Write, time::Duration};

use super::{gauges::Gauges, tally::Count};
use crate::report::{machine, today};

/// The first tenth is left out: caches and tables grow to their size.
const WARMING_UP: f64 = 0.1;
/// Memory of a shorter load is still warming up.
const LONG_ENOUGH: Duration = Duration::from_secs(15 * 60);
/// So much more memory, or so many percent, is no growth.
const NOISE_MB: f64 = 2.0;
const NOISE_PERCENT: f64 = 5.0;

/// The whole run.
pub(super) struct Verdict {
    pub(super) length: Duration,
    pub(super) counts: BTreeMap<&'static str, Count>,
    /// Proportional set sizes in kB with the time since the beginning of the load.
    pub(super) memory: Vec<(Duration, u64)>,
    pub(super) idle: Gauges,
    pub(super) end: Gauges,
    /// From the end of the load until nothing was left, or it was given up.
    pub(super) resting: Duration,
}

/// Memory over time, in MB.
#[derive(Clone, Copy, Debug)]
struct Trend {
    first_third: f64,
    last_third: f64,
    per_hour: f64,
}

impl Verdict {
    /// Whether nothing is left, and memory is flat as far as that can be told.
    pub(super) fn holds(&self) -> bool {
        let is_flat = trend(&self.memory).is_some_and(Trend::is_flat);
        self.end.left_over(&self.idle).is_empty() && (is_flat || self.length < LONG_ENOUGH)
    }

    /// The section of the document.
    pub(super) fn text(&self) -> String {
        let mut text = format!(
            "Measured {} on {}: {} minutes of load.\n\n| work | done | failed |\n|---|--:|--:|\n",
            today(),
            machine(),
            self.length.as_secs() / 60
        );
        let mut say = |line: String| writeln!(text, "{line}").expect("a String takes everything");
        for (kind, Count { done, failed }) in &self.counts {
            say(format!("| {kind} | {done} | {failed} |"));
        }
        say(String::new());
        let left = self.end.left_over(&self.idle);
        let secs = self.resting.as_secs();
        say(match left.is_empty() {
            true => format!(
                "* {secs} s after the load nothing is left: calls, lines, legs, ports, transactions, connections, \
                 registrations; tasks and sockets are as many as before"
            ),
            false => format!("* {secs} s after the load there is left: {}", left.join(", ")),
        });
        let mb = |kb: u64| kb as f64 / 1024.0;
        say(format!(
            "* memory (PSS): {:.1} MB before the load, {:.1} MB after the rest",
            mb(self.idle.pss_kb),
            mb(self.end.pss_kb)
        ));
        if let Some(trend) = trend(&self.memory) {
            let verdict = match (self.length < LONG_ENOUGH, trend.is_flat()) {
                (true, _) => "too short to tell",
                (false, true) => "flat",
                (false, false) => "it grows",
            };
            say(format!(
                "* memory in the first third {:.1} MB, in the last third {:.1} MB, {:+.2} MB an hour: {verdict}",
                trend.first_third, trend.last_third, trend.per_hour
            ));
        }
        text
    }
}

impl Trend {
    fn is_flat(self) -> bool {
        let more = self.last_third - self.first_third;
        more <= NOISE_MB || more * 100.0 <= self.first_third * NOISE_PERCENT
    }
}

/// What memory does once it has warmed up; nothing when there is too little to tell.
fn trend(memory: &[(Duration, u64)]) -> Option<Trend> {
    let end = memory.last()?.0.as_secs_f64();
    let warm: Vec<(f64, f64)> = memory
        .iter()
        .map(|(at, kb)| (at.as_secs_f64(), *kb as f64 / 1024.0))
        .filter(|(at, _)| *at >= end * WARMING_UP)
        .collect();
    let third = warm.len() / 3;
    if third == 0 {
        return None;
    }
    let times = || warm.iter().map(|(at, _)| *at);
    let mean_time = mean(times())?;
    let mean_memory = mean(warm.iter().map(|(_, mb)| *mb))?;
    let along: f64 = warm.iter().map(|(at, mb)| (at - mean_time) * (mb - mean_memory)).sum();
    let spread: f64 = times().map(|at| (at - mean_time).powi(2)).sum();
    Some(Trend {
        first_third: mean(warm[..third].iter().map(|(_, mb)| *mb))?,
        last_third: mean(warm[warm.len() - third..].iter().map(|(_, mb)| *mb))?,
        per_hour: along / spread.max(f64::MIN_POSITIVE) * 3_600.0,
    })
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0_u32), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hour(kb: impl Fn(u64) -> u64) -> Vec<(Duration, u64)> {
        (0..360)
            .map(|sample| (Duration::from_secs(sample * 10), kb(sample)))
            .collect()
    }

    #[test]
    fn memory_that_warms_up_and_stays_is_flat() {
        let trend = trend(&hour(|sample| {
            if sample < 30 {
                20_000 + sample * 1_000
            } else {
                50_000 + sample % 7 * 100
            }
        }));
        let trend = trend.expect("an hour is enough");
        assert!(trend.is_flat() && trend.per_hour.abs() < 0.2, "{trend:?}");
    }

    #[test]
    fn memory_that_grows_by_ten_megabytes_an_hour_is_not_flat() {
        let trend = trend(&hour(|sample| 50_000 + sample * 10_240 / 360)).expect("an hour is enough");
        assert!(!trend.is_flat(), "{trend:?}");
        assert!((9.9..10.1).contains(&trend.per_hour), "{trend:?}");
    }

    #[test]
    fn two_samples_tell_nothing() {
        assert!(trend(&hour(|_| 1)[..2]).is_none() && trend(&[]).is_none());
    }
}
