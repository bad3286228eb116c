//! One call that has not ended yet, as far as the journal tells.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};
use wigwag_model::{
    CallDirection, CallEvent, CallId, CallLeg, CallRecord, DeviceId, ExtensionId, HangupCause, JournalEntry, LegId,
    LegRole, MediaFigures, Outcome, Party, TenantId,
};
use wigwag_sansio::{Pii, Utc};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OpenCall {
    tenant_id: TenantId,
    id: CallId,
    started_at: Utc,
    caller: Party,
    dialled: Pii<String>,
    direction: CallDirection,
    /// Everybody whom it was decided to be for, the latest last.
    addressed: Vec<Party>,
    legs: BTreeMap<LegId, OpenLeg>,
    next_sequence: u32,
    last_ms: u64,
}

/// One leg; times are milliseconds since the start of the call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct OpenLeg {
    role: LegRole,
    extension_id: Option<ExtensionId>,
    device_id: Option<DeviceId>,
    address: Pii<String>,
    started_ms: u64,
    ringing_ms: Option<u64>,
    answered_ms: Option<u64>,
    ended: Option<(u64, HangupCause)>,
    media: Option<MediaFigures>,
}

impl OpenCall {
    /// The call that `entry` begins, if it begins one.
    pub(super) fn begun_by(entry: &JournalEntry) -> Option<OpenCall> {
        let CallEvent::Attempted {
            caller,
            dialled,
            direction,
        } = &entry.event
        else {
            return None;
        };
        Some(OpenCall {
            tenant_id: entry.tenant_id,
            id: entry.call_id,
            started_at: entry.started_at,
            caller: caller.clone(),
            dialled: dialled.clone(),
            direction: *direction,
            addressed: Vec::new(),
            legs: BTreeMap::new(),
            next_sequence: entry.sequence.saturating_add(1),
            last_ms: entry.elapsed_ms,
        })
    }

    /// Takes the call's next entry, and gives the cause if it is the last; an entry seen before changes nothing.
    pub(super) fn take(&mut self, entry: JournalEntry) -> Option<HangupCause> {
        if entry.sequence < self.next_sequence {
            return None;
        }
        self.next_sequence = entry.sequence.saturating_add(1);
        self.last_ms = self.last_ms.max(entry.elapsed_ms);
        let at_ms = entry.elapsed_ms;
        match entry.event {
            CallEvent::Addressed { callee } => {
                self.addressed.retain(|party| *party != callee);
                self.addressed.push(callee);
            }
            CallEvent::LegStarted {
                leg,
                role,
                extension_id,
                device_id,
                address,
                gateway_id: _,
            } => {
                self.legs.entry(leg).or_insert(OpenLeg {
                    role,
                    extension_id,
                    device_id,
                    address,
                    started_ms: at_ms,
                    ringing_ms: None,
                    answered_ms: None,
                    ended: None,
                    media: None,
                });
            }
            CallEvent::LegRinging { leg } => self.leg(leg, |leg| leg.ringing_ms = leg.ringing_ms.or(Some(at_ms))),
            CallEvent::LegAnswered { leg } => self.leg(leg, |leg| leg.answered_ms = leg.answered_ms.or(Some(at_ms))),
            CallEvent::LegEnded { leg, cause } => self.leg(leg, |leg| leg.ended = leg.ended.or(Some((at_ms, cause)))),
            CallEvent::LegMeasured { leg, media } => self.leg(leg, |leg| leg.media = Some(media)),
            CallEvent::Ended { cause } => return Some(cause),
            CallEvent::Attempted { .. }
            | CallEvent::LegHeld { .. }
            | CallEvent::LegResumed { .. }
            | CallEvent::Bridged { .. } => {}
        }
        None
    }

    /// The record of the call, which ended with its last entry for `cause`.
    pub(super) fn into_record(self, cause: HangupCause) -> CallRecord {
        let answered_ms = self.answered_ms(cause);
        CallRecord {
            id: self.id,
            tenant_id: self.tenant_id,
            direction: self.direction,
            answered_at: answered_ms.map(|ms| self.at(ms)),
            started_at: self.started_at,
            ended_at: self.at(self.last_ms),
            talk_ms: answered_ms.map_or(0, |ms| self.last_ms.saturating_sub(ms)),
            outcome: outcome(cause, answered_ms.is_some()),
            cause,
            callee: self.callee(),
            legs: self
                .legs
                .iter()
                .map(|(leg, open)| self.call_leg(*leg, open, cause))
                .collect(),
            caller: self.caller,
            dialled: self.dialled,
        }
    }

    /// The entries that end the call because the server went away at `died_at`, or after the last it wrote.
    pub(super) fn interrupted(&self, died_at: Option<Utc>) -> Vec<JournalEntry> {
        let lived = died_at.map_or(Duration::ZERO, |died_at| died_at.since(self.started_at));
        let elapsed_ms = self.last_ms.max(u64::try_from(lived.as_millis()).unwrap_or(u64::MAX));
        let cause = HangupCause::ServerRestarted;
        let running = self.legs.iter().filter(|(_, leg)| leg.ended.is_none());
        let legs_end = running.map(|(leg, _)| CallEvent::LegEnded { leg: *leg, cause });
        let events = legs_end.chain([CallEvent::Ended { cause }]);
        let sequences = self.next_sequence..;
        let entries = sequences.zip(events).map(|(sequence, event)| JournalEntry {
            tenant_id: self.tenant_id,
            call_id: self.id,
            sequence,
            started_at: self.started_at,
            elapsed_ms,
            event,
        });
        entries.collect()
    }

    fn leg(&mut self, leg: LegId, change: impl FnOnce(&mut OpenLeg)) {
        if let Some(leg) = self.legs.get_mut(&leg) {
            change(leg);
        }
    }

    /// When the caller was connected: a phone that answered while the caller gave up does not count.
    fn answered_ms(&self, cause: HangupCause) -> Option<u64> {
        let answers = |role| {
            let legs = self.legs.values().filter(move |leg| leg.role == role);
            legs.filter_map(|leg| leg.answered_ms).min()
        };
        let connected = answers(LegRole::Caller);
        // The caller's leg has no entry of its own only if that line of the journal was lost.
        connected.or_else(|| answers(LegRole::Callee).filter(|_| cause == HangupCause::NormalClearing))
    }

    /// Who answered, else whom the call was for in the end.
    fn callee(&self) -> Option<Party> {
        let callees = self.legs.values().filter(|leg| leg.role == LegRole::Callee);
        let answered = callees
            .filter_map(|leg| Some((leg.answered_ms?, leg.extension_id?)))
            .min();
        let party = answered.and_then(|(_, id)| {
            let of = |party: &&Party| {
                party
                    .extension
                    .as_ref()
                    .is_some_and(|(extension_id, _)| *extension_id == id)
            };
            self.addressed.iter().rfind(of)
        });
        party.or(self.addressed.last()).cloned()
    }

    fn call_leg(&self, leg: LegId, open: &OpenLeg, call_cause: HangupCause) -> CallLeg {
        let (ended_ms, cause) = open.ended.unwrap_or((self.last_ms, call_cause));
        CallLeg {
            leg,
            role: open.role,
            extension_id: open.extension_id,
            device_id: open.device_id,
            address: open.address.clone(),
            started_at: self.at(open.started_ms),
            ringing_at: open.ringing_ms.map(|ms| self.at(ms)),
            answered_at: open.answered_ms.map(|ms| self.at(ms)),
            ended_at: self.at(ended_ms),
            cause,
            media: open.media,
        }
    }

    fn at(&self, ms: u64) -> Utc {
        self.started_at + Duration::from_millis(ms)
    }
}

fn outcome(cause: HangupCause, answered: bool) -> Outcome {
    match (answered, cause) {
        (true, _) => Outcome::Answered,
        (false, HangupCause::NormalClearing | HangupCause::AnsweredElsewhere) => Outcome::NoAnswer,
        (false, HangupCause::MediaLost | HangupCause::ServerRestarted) => Outcome::Failed,
        (false, _) => cause.outcome(),
    }
}
