//! The loop that reads commands, carries them out, and tells what happens.

use std::collections::BTreeMap;

use tokio::{sync::mpsc::Receiver, task::JoinSet};

use super::{order::Order, report::Report};
use crate::{
    call_in::{CallError, Way},
    handle::CallHandle,
    heard::Heard,
    record::CallState,
    simulator::Simulator,
};

/// How much may be watched and listened to at a time; more is refused.
const MOST_WATCHED: usize = 4096;

/// A carrier that is commanded line by line.
#[derive(Debug)]
pub struct Console<'a> {
    simulator: &'a Simulator,
    /// Who is called where a command does not say.
    exchange: Option<Way>,
    calls: BTreeMap<u32, CallHandle>,
    watched: JoinSet<Happened>,
}

/// What was waited for.
#[derive(Debug)]
enum Happened {
    Changed(CallHandle, Option<CallState>),
    Heard(u32, Option<Heard>),
}

/// Whether more commands are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Course {
    GoOn,
    Quit,
}

impl<'a> Console<'a> {
    /// A console of that carrier; `exchange` is whom it calls where a command does not say.
    #[must_use]
    pub fn new(simulator: &'a Simulator, exchange: Option<Way>) -> Console<'a> {
        Console {
            simulator,
            exchange,
            calls: BTreeMap::new(),
            watched: JoinSet::new(),
        }
    }

    /// Takes commands, a line each, until one is `quit`, and tells what happens meanwhile. Where the commands end
    /// without it, it goes on telling until it is dropped.
    pub async fn run(mut self, mut commands: Receiver<String>, tell: impl Fn(Report)) {
        let mut is_open = true;
        let mut sightings = self.simulator.sightings();
        loop {
            tokio::select! {
                command = commands.recv(), if is_open => match command {
                    Some(line) if line.trim().is_empty() => {}
                    Some(line) => if self.obey(&line, &tell).await == Course::Quit {
                        return;
                    },
                    None => is_open = false,
                },
                Some(call) = sightings.next() => tell(Report::Seen(Box::new(call))),
                Some(Ok(happened)) = self.watched.join_next() => self.follow(happened, &tell),
            }
        }
    }

    async fn obey(&mut self, line: &str, tell: &impl Fn(Report)) -> Course {
        let refuse = |reason: String| tell(Report::Refused { reason });
        let order = match Order::read(line, self.exchange.as_ref()) {
            Ok(order) => order,
            Err(error) => {
                refuse(error.to_string());
                return Course::GoOn;
            }
        };
        match order {
            Order::Quit => return Course::Quit,
            Order::Seen => {
                for call in self.simulator.seen() {
                    tell(Report::Seen(Box::new(call)));
                }
            }
            Order::Condition(condition) => self.simulator.set_condition(condition),
            _ if self.watched.len() >= MOST_WATCHED => refuse(CallError::TooMany.to_string()),
            Order::Call(call) => match self.simulator.call(*call).await {
                Ok(call) => self.watch(call, tell),
                Err(error) => refuse(error.to_string()),
            },
            Order::HangUp { call } => self.with(call, refuse, async |call| call.hang_up().await).await,
            Order::Hold { call } => self.with(call, refuse, async |call| call.hold().await).await,
            Order::TakeBack { call } => self.with(call, refuse, async |call| call.take_back().await).await,
            Order::Press { call, keys } => match self.calls.get(&call) {
                Some(call) => {
                    if let Err(error) = call.press(&keys).await {
                        refuse(error.to_string());
                    }
                }
                None => refuse(NO_SUCH_CALL.to_owned()),
            },
            Order::Hear { call } => match self.calls.get(&call).cloned() {
                Some(mut handle) => drop(
                    self.watched
                        .spawn(async move { Happened::Heard(call, handle.heard().await) }),
                ),
                None => refuse(NO_SUCH_CALL.to_owned()),
            },
        }
        Course::GoOn
    }

    async fn with(&self, call: u32, refuse: impl Fn(String), act: impl AsyncFn(&CallHandle)) {
        match self.calls.get(&call) {
            Some(call) => act(call).await,
            None => refuse(NO_SUCH_CALL.to_owned()),
        }
    }

    fn watch(&mut self, handle: CallHandle, tell: &impl Fn(Report)) {
        let call = handle.number();
        let state = handle.state();
        tell(Report::Call { call, state });
        self.calls.insert(call, handle.clone());
        self.await_change(handle);
    }

    fn await_change(&mut self, mut handle: CallHandle) {
        self.watched.spawn(async move {
            let state = handle.changed().await;
            Happened::Changed(handle, state)
        });
    }

    fn follow(&mut self, happened: Happened, tell: &impl Fn(Report)) {
        match happened {
            Happened::Heard(call, heard) => tell(Report::Heard { call, heard }),
            Happened::Changed(handle, None) => drop(self.calls.remove(&handle.number())),
            Happened::Changed(handle, Some(state)) => {
                let call = handle.number();
                let is_over = state.over.is_some();
                tell(Report::Call { call, state });
                if is_over {
                    self.calls.remove(&call);
                } else {
                    self.await_change(handle);
                }
            }
        }
    }
}

const NO_SUCH_CALL: &str = "there is no such call";
