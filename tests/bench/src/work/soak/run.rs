//! The run itself: everything begins, is looked at every ten seconds, ends, and is waited for.

use std::{
    collections::BTreeMap,
    path::Path,
    thread::{Scope, ScopedJoinHandle, scope},
    time::Duration,
};

use anyhow::{Result, ensure};
use wigwag_sansio::Entropy;

use super::{
    calls::{Callers, KINDS, LAST_CALLS, callees},
    desks::Desk,
    gauges::Gauges,
    intruders, talks,
    tally::{Count, Tally},
    verdict::Verdict,
    wanderers::{Wanderers, Way},
};
use crate::{
    clock, process,
    report::{Section, put},
    server::{Extension, Pair, Server},
};

/// Between these lines of the document the verdict is kept.
const SECTION: Section = Section {
    begin: "<!-- soaked by cargo xtask bench soak -->",
    end: "<!-- end of the soak -->",
};
const SAMPLE_EVERY: Duration = Duration::from_secs(10);
const LINE_EVERY: Duration = Duration::from_secs(60);
/// Pairs that talk, and phones of each of the ways that come and go.
const TALKING: usize = 10;
const WANDERING: usize = 40;
/// Registrations end, and what is left of calls whose phones are gone.
const LONGEST_REST: Duration = Duration::from_secs(300);
const REGISTERING: Duration = Duration::from_secs(60);

type Thread<'scope> = ScopedJoinHandle<'scope, Result<()>>;

/// Loads a server for `length`, waits until nothing is left, and says whether it holds.
pub(crate) fn run(program: &Path, length: Duration, document: Option<&Path>) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let in_kinds: usize = KINDS.iter().map(|kind| kind.pairs).sum();
    let extensions = 2 * (in_kinds + TALKING) + 3 * WANDERING;
    let server = Server::start(program, folder.path(), extensions.try_into()?)?;
    process::settle(server.pid(), Duration::from_secs(10))?;
    let soak = Soak {
        idle: Gauges::read(&server)?,
        server: &server,
        folder: folder.path(),
        length,
        tally: Tally::default(),
    };
    eprintln!("idle: {}", soak.idle.line());
    let verdict = scope(|threads| soak.run(threads))?;
    eprintln!("\n{}", verdict.text());
    if let Some(document) = document {
        put(document, &SECTION, &verdict.text())?;
    }
    ensure!(verdict.holds(), "something is left, or memory grows");
    Ok(())
}

struct Soak<'a> {
    server: &'a Server,
    folder: &'a Path,
    length: Duration,
    tally: Tally,
    idle: Gauges,
}

impl<'a> Soak<'a> {
    fn run<'scope>(&'scope self, threads: &'scope Scope<'scope, '_>) -> Result<Verdict> {
        let mut pairs = self.server.pairs().into_iter();
        let kinds: BTreeMap<&'static str, Vec<Pair>> = KINDS
            .iter()
            .map(|kind| (kind.name, pairs.by_ref().take(kind.pairs).collect()))
            .collect();
        let talking: Vec<Pair> = pairs.by_ref().take(TALKING).collect();
        let wandering: Vec<Extension> = pairs.flat_map(|pair| [pair.caller, pair.callee]).collect();
        let desks = self.desks(&kinds)?;
        let begin = clock::now();
        let mut load = self.others(threads, talking, &wandering)?;
        let mut callers = Vec::new();
        for kind in &KINDS {
            callers.push(Callers::start(
                kind,
                &kinds[kind.name],
                self.server,
                self.folder,
                self.length,
            )?);
        }
        let mut memory = Vec::new();
        let mut next_line = LINE_EVERY;
        while begin.elapsed() < self.length {
            clock::pause(SAMPLE_EVERY.min(self.length.saturating_sub(begin.elapsed())));
            let gauges = Gauges::read(self.server)?;
            memory.push((begin.elapsed(), gauges.pss_kb));
            if begin.elapsed() >= next_line {
                next_line += LINE_EVERY;
                self.count(&callers);
                self.say(begin.elapsed(), &gauges);
            }
        }
        self.tally.end();
        for thread in load.drain(..) {
            thread.join().map_err(|_| anyhow::anyhow!("a load has panicked"))??;
        }
        let ended = clock::now();
        while ended.elapsed() < LAST_CALLS && !all_are_done(&mut callers)? {
            clock::pause(Duration::from_secs(1));
        }
        self.count(&callers);
        drop(callers);
        for desk in desks {
            desk.end()?;
        }
        let end = self.rest()?;
        Ok(Verdict {
            length: self.length,
            counts: self.tally.counts(),
            memory,
            idle: self.idle.clone(),
            end,
            resting: ended.elapsed(),
        })
    }

    /// The callees, all of them registered.
    fn desks(&self, kinds: &BTreeMap<&'static str, Vec<Pair>>) -> Result<Vec<Desk>> {
        let mut desks = Vec::new();
        let mut count = 0;
        for (habit, phones) in callees(kinds) {
            count += phones.len() as u64;
            desks.push(Desk::start(habit, phones, self.server, &self.tally)?);
        }
        let until = clock::now() + REGISTERING;
        while Gauges::read(self.server)?.registrations() < count {
            ensure!(clock::now() < until, "not all callees can register");
            clock::pause(Duration::from_millis(200));
        }
        Ok(desks)
    }

    /// All of the load but the calls of sipp.
    fn others<'scope>(
        &'scope self,
        threads: &'scope Scope<'scope, '_>,
        talking: Vec<Pair>,
        wandering: &[Extension],
    ) -> Result<Vec<Thread<'scope>>> {
        let (server, tally) = (self.server, &self.tally);
        let mut entropy = Entropy::from_number(1);
        let ways = [
            Way::Udp(server.address()),
            Way::Tcp(server.tcp()),
            Way::WebSocket(server.web_socket().to_owned()),
        ];
        let mut all = Vec::new();
        for (way, phones) in ways.iter().zip(wandering.chunks(WANDERING)) {
            // Two of each kind are there at a time.
            for phones in phones.chunks(phones.len().div_ceil(2)) {
                let wanderers = Wanderers {
                    phones: phones.to_vec(),
                    way: way.clone(),
                    domain: server.domain().to_owned(),
                    tally: tally.clone(),
                    entropy: entropy.fork(),
                };
                all.push(threads.spawn(|| wanderers.run()));
            }
        }
        all.push(threads.spawn(move || talks::talk(server, &talking, tally)));
        all.push(threads.spawn(intruders::open_half_connections(server, tally)?));
        let entropy = entropy.fork();
        all.push(threads.spawn(move || intruders::send_broken_messages(server.address(), entropy, tally)));
        Ok(all)
    }

    fn count(&self, callers: &[Callers]) {
        for callers in callers {
            callers.count(&self.tally);
        }
    }

    fn say(&self, since: Duration, gauges: &Gauges) {
        let counts = self.tally.counts();
        let calls = KINDS.iter().filter_map(|kind| counts.get(kind.name));
        let calls: u64 = calls.map(|count| count.done).sum();
        let failed: Vec<String> = counts
            .iter()
            .filter(|(_, count)| count.failed > 0)
            .map(|(kind, Count { failed, .. })| format!("{kind} {failed}"))
            .collect();
        let failed = if failed.is_empty() {
            "nothing".to_owned()
        } else {
            failed.join(", ")
        };
        eprintln!(
            "{:3} min: {calls} calls, failed: {failed}; {}",
            since.as_secs() / 60,
            gauges.line()
        );
    }

    /// Waits until nothing is left, as long as it may take.
    fn rest(&self) -> Result<Gauges> {
        let until = clock::now() + LONGEST_REST;
        loop {
            let gauges = Gauges::read(self.server)?;
            if gauges.left_over(&self.idle).is_empty() || clock::now() >= until {
                return Ok(gauges);
            }
            clock::pause(Duration::from_secs(2));
        }
    }
}

fn all_are_done(callers: &mut [Callers]) -> Result<bool> {
    for callers in callers {
        if !callers.are_done()? {
            return Ok(false);
        }
    }
    Ok(true)
}
