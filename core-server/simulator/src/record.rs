//! What is known of one call, told to whoever made it and to the log of what was seen.

use serde::Serialize;
use tokio::sync::watch;
use wigwag_sip::session::{Ended, EndedBy};

use crate::seen::{Outcome, SeenKey, SeenLog};

/// The most keys of one call that are remembered.
const MOST_KEYS: usize = 256;

/// What the carrier knows of one of its calls.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CallState {
    /// The provisional answers heard, by status.
    pub progress: Vec<u16>,
    /// Whether it is, or was, answered.
    pub is_answered: bool,
    /// Whether the other side holds it.
    pub is_held: bool,
    /// How often the other side has proposed a change (re-INVITE, UPDATE).
    pub proposals: u32,
    /// The keys that the other side has pressed.
    pub keys: String,
    /// How it ended.
    pub over: Option<Over>,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Over {
    /// Who ended it.
    pub by: EndedBy,
    /// The final status, when it was not answered.
    pub status: Option<u16>,
    /// What the other side gave as Reason.
    pub reasons: Vec<String>,
}

/// What is known of one call, told to all who want to know.
#[derive(Debug)]
pub(crate) struct Record {
    state: watch::Sender<CallState>,
    seen: Option<(SeenLog, SeenKey)>,
}

impl Record {
    pub(crate) fn new(seen: Option<(SeenLog, SeenKey)>) -> Record {
        Record {
            state: watch::Sender::new(CallState::default()),
            seen,
        }
    }

    pub(crate) fn state(&self) -> watch::Receiver<CallState> {
        self.state.subscribe()
    }

    pub(crate) fn progress(&self, status: u16) {
        self.state.send_if_modified(|state| {
            let is_new = state.progress.len() < MOST_KEYS;
            if is_new {
                state.progress.push(status);
            }
            is_new
        });
    }

    pub(crate) fn answered(&self) {
        self.state.send_modify(|state| state.is_answered = true);
        self.note(Outcome::Talking);
    }

    pub(crate) fn held(&self, is_held: bool) {
        self.state.send_modify(|state| state.is_held = is_held);
        if let Some((log, key)) = &self.seen {
            log.change(key, |call| call.is_held = is_held);
        }
    }

    pub(crate) fn proposed(&self) {
        self.state
            .send_modify(|state| state.proposals = state.proposals.saturating_add(1));
    }

    pub(crate) fn key(&self, key: char) {
        self.state.send_if_modified(|state| add(&mut state.keys, key));
        if let Some((log, seen)) = &self.seen {
            log.change(seen, |call| {
                add(&mut call.keys, key);
            });
        }
    }

    pub(crate) fn over(&self, ended: &Ended) {
        let status = ended.status.map(|status| status.as_u16());
        let is_answered = self.state.borrow().is_answered;
        self.note(match (is_answered, ended.by, status) {
            (true, by, _) => Outcome::Ended(by),
            (false, EndedBy::Remote, _) | (false, _, None) => Outcome::GivenUp,
            (false, EndedBy::Local | EndedBy::Failure(_), Some(status)) => Outcome::Refused(status),
        });
        let over = Over {
            by: ended.by,
            status,
            reasons: ended.reasons.iter().map(ToString::to_string).collect(),
        };
        self.state.send_modify(|state| state.over = Some(over));
    }

    fn note(&self, outcome: Outcome) {
        if let Some((log, key)) = &self.seen {
            log.change(key, |call| call.outcome = outcome);
        }
    }
}

fn add(keys: &mut String, key: char) -> bool {
    let has_room = keys.len() < MOST_KEYS;
    if has_room {
        keys.push(key);
    }
    has_room
}
