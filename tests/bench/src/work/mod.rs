//! The measured kinds of work, one file each; each starts a server of its own.

mod calls;
mod registers;
pub(crate) mod soak;
mod sound;
mod start;
mod tenants;

use std::time::Duration;

use anyhow::Result;

use crate::{report::Report, scale::Scale};

/// What finished calls and transactions keep ends after 64·T1 (RFC 3261 §17), and a little.
const LINGERING: Duration = Duration::from_secs(34);

/// Does all of it, or only what is named.
pub(crate) fn all(scale: &Scale, only: &[String], report: &mut Report) -> Result<()> {
    type Work = fn(&Scale, &mut Report) -> Result<()>;
    let works: [(&str, Work); 6] = [
        ("start", start::measure),
        ("tenants", tenants::measure),
        ("registers", registers::measure),
        ("calls", calls::cost),
        ("rate", calls::rate),
        ("sound", sound::measure),
    ];
    for (name, work) in works {
        if only.is_empty() || only.iter().any(|wanted| wanted == name) {
            eprintln!("── {name}");
            work(scale, report)?;
        }
    }
    Ok(())
}

/// The one in the middle.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
