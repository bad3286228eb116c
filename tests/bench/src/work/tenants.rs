//! Many companies: what they cost a start, and what the first call of one costs, whose configuration is not loaded yet.

use std::time::Duration;

use anyhow::Result;

use super::{median, start::first_answer};
use crate::{
    clock,
    load::Phones,
    process,
    report::Report,
    scale::Scale,
    server::{Demo, Pair, Server},
};

/// Extensions of a company: two pairs.
const PER_COMPANY: u32 = 4;
/// Where sound would be sent to; these calls have none.
const NOWHERE: &str = "127.0.0.1:9";

pub(crate) fn measure(scale: &Scale, report: &mut Report) -> Result<()> {
    let companies = scale.companies;
    let folder = tempfile::tempdir()?;
    let demo = Demo {
        extensions: companies * PER_COMPANY,
        per_company: PER_COMPANY,
    };
    let server = Server::start_with(&scale.program, folder.path(), Some(demo))?;
    let of_each = server.pairs().into_iter().step_by(PER_COMPANY as usize / 2);
    let apart = (companies / scale.first_calls).max(1);
    let pairs: Vec<Pair> = of_each.step_by(apart as usize).collect();
    let mut phones = Phones::new(&server)?;
    pairs.iter().try_for_each(|pair| phones.register(&pair.callee))?;
    // The registrations are written, and outlive the server.
    process::settle(server.pid(), Duration::from_secs(10))?;
    clock::pause(Duration::from_secs(2));
    drop(server);

    let (secs, kb) = first_answer(&scale.program, folder.path())?;
    let work = format!("start to first answered OPTIONS with {companies} companies");
    report.add(&work, "s", 0.3, secs);
    report.note(&format!(
        "idle memory with {companies} companies of {PER_COMPANY} extensions: {:.1} MB",
        kb as f64 / 1024.0
    ));
    let begin = clock::now();
    let server = Server::start_with(&scale.program, folder.path(), None)?;
    let work = format!("start until all of {companies} companies are known");
    report.add(&work, "s", 3.0, begin.elapsed().as_secs_f64());

    phones.follow(&server);
    process::settle(server.pid(), Duration::from_secs(10))?;
    let mut more = Vec::new();
    for pair in &pairs {
        let (first, second) = (call(&mut phones, pair)?, call(&mut phones, pair)?);
        more.push((first.as_secs_f64() - second.as_secs_f64()) * 1e3);
    }
    let most = more.iter().copied().fold(0.0, f64::max);
    report.add(
        "first call of a company, more than its second",
        "ms",
        50.0,
        median(more),
    );
    report.note(&format!(
        "first call of a company, more than its second, at most: {most:.1} ms"
    ));
    Ok(())
}

/// How long a call takes from its first message until it is answered.
fn call(phones: &mut Phones, pair: &Pair) -> Result<Duration> {
    let begin = clock::now();
    let dialog = phones.call(pair, [NOWHERE.parse()?; 2])?;
    let took = begin.elapsed();
    phones.hang_up(&dialog)?;
    Ok(took)
}
