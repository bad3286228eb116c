//! The board: facts in, what changed out.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};
use wigwag_model::{CallEvent, CallId, ExtensionId, TenantId};
use wigwag_sansio::{Machine, Now, Tick};

use super::{CallStage, ExtensionState, Messages, Presence, call::Call};
use crate::Home;

/// Calls of one extension that are listed; further ones count, but are not shown.
const MAX_LISTED: usize = 16;

/// What all extensions of all companies are doing.
///
/// It remembers an extension for as long as that has a phone, a call, messages or a wish, and a call until its end.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct PresenceBoard {
    extensions: BTreeMap<Home, Entry>,
    calls: BTreeMap<CallId, Call>,
    outputs: VecDeque<Output>,
}

/// A fact.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Input {
    /// So many phones of an extension are registered now.
    Phones {
        /// Whose.
        of: Home,
        /// How many.
        registered: usize,
    },
    /// The next event of a call's journal.
    Call {
        /// Whose call it is.
        tenant_id: TenantId,
        /// The call.
        call_id: CallId,
        /// What happened.
        event: CallEvent,
    },
    /// An extension wants to be left alone, or no longer.
    DoNotDisturb {
        /// Which.
        of: Home,
        /// Whether it does.
        wanted: bool,
    },
    /// So many messages wait in an extension's mailbox; none when it has no mailbox.
    Messages {
        /// Whose.
        of: Home,
        /// How many.
        waiting: Option<Messages>,
    },
}

/// What follows from the facts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Output {
    /// An extension looks different now.
    Changed {
        /// Which.
        of: Home,
        /// Like this.
        state: ExtensionState,
    },
}

/// What is known of one extension.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Entry {
    phones: usize,
    wants_quiet: bool,
    messages: Option<Messages>,
    /// In the order in which they came.
    calls: Vec<CallId>,
    shown: ExtensionState,
}

impl PresenceBoard {
    /// What is shown of an extension.
    pub fn state(&self, of: Home) -> ExtensionState {
        self.extensions
            .get(&of)
            .map_or_else(ExtensionState::default, |entry| entry.shown.clone())
    }

    fn call(&mut self, tenant_id: TenantId, call_id: CallId, event: CallEvent) {
        if let CallEvent::Attempted { caller, dialled, .. } = event {
            self.calls
                .entry(call_id)
                .or_insert_with(|| Call::new(tenant_id, caller, dialled));
            return;
        }
        let Some(call) = self.calls.get_mut(&call_id) else {
            return;
        };
        let is_over = matches!(event, CallEvent::Merged { .. } | CallEvent::Ended { .. });
        let tenant_id = call.tenant_id;
        let changed = call.see(event);
        for extension_id in changed {
            self.look_at_call(tenant_id, extension_id, call_id);
        }
        if is_over {
            self.calls.remove(&call_id);
        }
    }

    /// Lists the call at an extension for as long as it has a phone there.
    fn look_at_call(&mut self, tenant_id: TenantId, extension_id: ExtensionId, call_id: CallId) {
        let is_there = self.calls.get(&call_id).is_some_and(|call| call.involves(extension_id));
        let of = Home {
            tenant_id,
            extension_id,
        };
        self.change(of, |entry| {
            let is_listed = entry.calls.contains(&call_id);
            if is_there && !is_listed {
                entry.calls.push(call_id);
            } else if !is_there {
                entry.calls.retain(|known| *known != call_id);
            }
        });
    }

    fn change(&mut self, of: Home, change: impl FnOnce(&mut Entry)) {
        let entry = self.extensions.entry(of).or_default();
        change(entry);
        let state = entry.look(of.extension_id, &self.calls);
        if state != entry.shown {
            entry.shown = state.clone();
            self.outputs.push_back(Output::Changed { of, state });
        }
        if entry.is_empty() {
            self.extensions.remove(&of);
        }
    }
}

impl Entry {
    fn look(&self, extension: ExtensionId, calls: &BTreeMap<CallId, Call>) -> ExtensionState {
        let known = self.calls.iter().filter_map(|id| Some((*id, calls.get(id)?)));
        let mut shown: Vec<_> = known.filter_map(|(id, call)| call.shown_at(extension, id)).collect();
        let stages: BTreeSet<CallStage> = shown.iter().map(|call| call.stage).collect();
        shown.truncate(MAX_LISTED);
        ExtensionState {
            presence: self.presence(&stages),
            calls: shown,
            messages: self.messages,
        }
    }

    /// Being on a call comes before everything else, and what a phone does before what its owner wishes.
    fn presence(&self, stages: &BTreeSet<CallStage>) -> Presence {
        match stages.last() {
            Some(CallStage::Talking | CallStage::Dialling) => Presence::Busy,
            Some(CallStage::Ringing) => Presence::Ringing,
            None if self.wants_quiet => Presence::DoNotDisturb,
            None if self.phones == 0 => Presence::Unknown,
            None => Presence::Free,
        }
    }

    fn is_empty(&self) -> bool {
        self.phones == 0 && !self.wants_quiet && self.messages.is_none() && self.calls.is_empty()
    }
}

impl Machine for PresenceBoard {
    type Input = Input;
    type Output = Output;

    fn handle(&mut self, input: Input, _now: Now) {
        match input {
            Input::Phones { of, registered } => self.change(of, |entry| entry.phones = registered),
            Input::Call {
                tenant_id,
                call_id,
                event,
            } => self.call(tenant_id, call_id, event),
            Input::DoNotDisturb { of, wanted } => self.change(of, |entry| entry.wants_quiet = wanted),
            Input::Messages { of, waiting } => self.change(of, |entry| entry.messages = waiting),
        }
    }

    fn handle_timeout(&mut self, _now: Now) {}

    fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn deadline(&self) -> Option<Tick> {
        None
    }
}
