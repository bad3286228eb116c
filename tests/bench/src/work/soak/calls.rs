//! The calls, placed by sipp: one process for each way in which a call goes.

use std::{
    collections::BTreeMap,
    fs,
    net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket},
    path::{Path, PathBuf},
    process::Child,
    time::Duration,
};

use anyhow::{Context, Result};

use super::{
    desks::Habit,
    tally::{Count, Tally},
};
use crate::{
    server::{Extension, Pair, Server},
    sipp,
};

/// One way in which a call goes.
pub(super) struct Kind {
    pub(super) name: &'static str,
    /// The files that the scenario is made of.
    parts: &'static [&'static str],
    /// Who is called; nobody when there is none.
    pub(super) habit: Option<Habit>,
    /// Calls in ten seconds.
    rate: u32,
    /// How many callers and callees take turns: an extension takes two calls at a time.
    pub(super) pairs: usize,
    has_password: bool,
}

/// All ways.
pub(super) const KINDS: [Kind; 13] = [
    kind("answered", &["invite", "prove", "answered"], Habit::Answers, 100, 40),
    kind("cancelled", &["invite", "prove", "cancelled"], Habit::Rings, 30, 10),
    kind("busy", &["invite", "prove", "busy"], Habit::Busy, 30, 10),
    kind("unanswered", &["invite", "prove", "unanswered"], Habit::Rings, 5, 20),
    Kind {
        habit: None,
        ..kind("to nobody", &["invite", "prove", "nobody"], Habit::Busy, 20, 10)
    },
    Kind {
        has_password: false,
        ..kind(
            "wrong password",
            &["invite", "prove", "wrong_password"],
            Habit::Busy,
            5,
            10,
        )
    },
    kind("caller gone before the proof", &["invite"], Habit::Busy, 5, 5),
    kind(
        "caller gone while it rings",
        &["invite", "prove", "gone_while_ringing"],
        Habit::Rings,
        5,
        30,
    ),
    kind(
        "caller gone at the answer",
        &["invite", "prove", "gone_at_the_answer"],
        Habit::Answers,
        5,
        30,
    ),
    kind(
        "caller gone while talking",
        &["invite", "prove", "gone_while_talking"],
        Habit::Answers,
        5,
        50,
    ),
    kind(
        "callee gone while it rings",
        &["invite", "prove", "cancelled"],
        Habit::GoneWhileRinging,
        5,
        25,
    ),
    kind(
        "callee gone at the answer",
        &["invite", "prove", "answered"],
        Habit::GoneAtTheAnswer,
        5,
        25,
    ),
    kind(
        "both gone while talking",
        &["invite", "prove", "gone_while_talking"],
        Habit::GoneAtTheAnswer,
        5,
        50,
    ),
];

const fn kind(name: &'static str, parts: &'static [&'static str], habit: Habit, rate: u32, pairs: usize) -> Kind {
    Kind {
        name,
        parts,
        habit: Some(habit),
        rate,
        pairs,
        has_password: true,
    }
}

/// The callers of one kind, until they are done or this is dropped.
pub(super) struct Callers {
    kind: &'static Kind,
    process: Child,
    figures: PathBuf,
}

impl Callers {
    /// Begins to call, for `length`.
    pub(super) fn start(
        kind: &'static Kind,
        pairs: &[Pair],
        server: &Server,
        folder: &Path,
        length: Duration,
    ) -> Result<Callers> {
        let folder = folder.join(kind.name.replace(' ', "_"));
        fs::create_dir(&folder)?;
        let scenario = folder.join("scenario.xml");
        fs::write(&scenario, scenario_of(kind)?)?;
        let users = folder.join("users.csv");
        let lines: Vec<String> = pairs.iter().map(|pair| line_of(kind, pair)).collect();
        fs::write(&users, format!("SEQUENTIAL\n{}\n", lines.join("\n")))?;
        let figures = folder.join("figures.csv");
        let mut command = sipp::sipp(&folder, &scenario, kind.address()?);
        command
            .arg("-inf")
            .arg(&users)
            .args(["-key", "domain", server.domain()]);
        let count = u64::from(kind.rate) * length.as_secs() / 10;
        command.args([
            "-r",
            &kind.rate.to_string(),
            "-rp",
            "10000",
            "-m",
            &count.max(1).to_string(),
        ]);
        command.args(["-recv_timeout", "70000"]);
        command.args(["-timeout", &(length + LAST_CALLS).as_secs().to_string()]);
        command.args(["-trace_stat", "-fd", "5", "-stf"]).arg(&figures);
        command.arg(server.address().to_string());
        let process = command.spawn().context("cannot start sipp")?;
        Ok(Callers { kind, process, figures })
    }

    /// Puts into `tally` what has been done so far.
    pub(super) fn count(&self, tally: &Tally) {
        // There is nothing yet in the first seconds.
        if let Ok(outcome) = sipp::read(&self.figures) {
            let count = Count {
                done: outcome.succeeded.into(),
                failed: outcome.failed.into(),
            };
            tally.set(self.kind.name, count);
        }
    }

    /// Whether all calls have been made.
    pub(super) fn are_done(&mut self) -> Result<bool> {
        Ok(self.process.try_wait()?.is_some())
    }
}

impl Drop for Callers {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// So long the last calls may take.
pub(super) const LAST_CALLS: Duration = Duration::from_secs(90);

impl Kind {
    /// Whoever guesses passwords does so from elsewhere, as nobody else there is served for a while.
    fn address(&self) -> Result<SocketAddr> {
        let ip: IpAddr = match self.has_password {
            true => Ipv4Addr::LOCALHOST.into(),
            false => Ipv4Addr::new(127, 0, 0, 9).into(),
        };
        Ok(UdpSocket::bind((ip, 0))?.local_addr()?)
    }
}

fn scenario_of(kind: &Kind) -> Result<String> {
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"ISO-8859-1\" ?>\n<scenario name=\"{}\">\n",
        kind.name
    );
    for part in kind.parts {
        let path = sipp::scenario_file(&format!("soak/{part}.xml"));
        text.push_str(&fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?);
    }
    text.push_str("</scenario>\n");
    Ok(text)
}

fn line_of(kind: &Kind, pair: &Pair) -> String {
    let caller = Extension {
        password: match kind.has_password {
            true => pair.caller.password.clone(),
            false => "guessed".to_owned(),
        },
        ..pair.caller.clone()
    };
    let dialled = match kind.habit {
        Some(_) => &pair.callee.number,
        None => NOBODY,
    };
    format!("{dialled};{}", sipp::registering(&caller))
}

/// A number that no extension has.
const NOBODY: &str = "199";

/// The callees of all kinds by their habit, from the pairs that each kind has.
pub(super) fn callees(pairs: &BTreeMap<&'static str, Vec<Pair>>) -> BTreeMap<Habit, Vec<Extension>> {
    let mut callees: BTreeMap<Habit, Vec<Extension>> = BTreeMap::new();
    for kind in &KINDS {
        if let Some(habit) = kind.habit {
            let theirs = pairs.get(kind.name).into_iter().flatten();
            callees
                .entry(habit)
                .or_default()
                .extend(theirs.map(|pair| pair.callee.clone()));
        }
    }
    callees
}
