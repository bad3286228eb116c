//! One call that has not ended yet, as far as the journal tells.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

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
    /// How long after the start of the conversation this call itself began, where it tells of an earlier one, too.
    #[serde(default)]
    offset_ms: u64,
    /// The calls that have gone on in this one.
    #[serde(default)]
    absorbed: BTreeSet<CallId>,
    /// Their legs that did not go on.
    #[serde(default)]
    earlier: Vec<OpenLeg>,
}

/// What a call's last entry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Last {
    /// It is over.
    Ended(HangupCause),
    /// It goes on in another one.
    Merged(CallId),
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
            offset_ms: 0,
            absorbed: BTreeSet::new(),
            earlier: Vec::new(),
        })
    }

    /// Takes the call's next entry, and tells if it is the last; an entry seen before changes nothing.
    pub(super) fn take(&mut self, entry: JournalEntry) -> Option<Last> {
        if entry.sequence < self.next_sequence {
            return None;
        }
        self.next_sequence = entry.sequence.saturating_add(1);
        let at_ms = self.offset_ms.saturating_add(entry.elapsed_ms);
        self.last_ms = self.last_ms.max(at_ms);
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
            CallEvent::Ended { cause } => return Some(Last::Ended(cause)),
            CallEvent::Merged { into } => return Some(Last::Merged(into)),
            CallEvent::Attempted { .. }
            | CallEvent::LegHeld { .. }
            | CallEvent::LegResumed { .. }
            | CallEvent::CallerChanged { .. }
            | CallEvent::Bridged { .. } => {}
        }
        None
    }

    /// Another call goes on in this one: the record tells of both, and of the earlier one who called whom. A call that
    /// has been told before changes nothing.
    pub(super) fn absorb(&mut self, mut other: OpenCall) {
        if !self.absorbed.insert(other.id) {
            return;
        }
        if other.started_at < self.started_at {
            let later_ms = millis(self.started_at.since(other.started_at));
            self.shift(later_ms);
            self.offset_ms = self.offset_ms.saturating_add(later_ms);
            self.started_at = other.started_at;
            self.caller = other.caller;
            self.dialled = other.dialled;
            self.direction = other.direction;
        } else {
            other.shift(millis(other.started_at.since(self.started_at)));
        }
        self.last_ms = self.last_ms.max(other.last_ms);
        self.absorbed.append(&mut other.absorbed);
        other.addressed.retain(|party| !self.addressed.contains(party));
        self.addressed.splice(0..0, other.addressed);
        // Whoever was not answered there has its whole story here.
        let others = other.legs.into_values();
        let stayed = others.filter(|leg| leg.ended.is_some() || leg.answered_ms.is_some());
        let went = (other.last_ms, HangupCause::NormalClearing);
        let legs = stayed.map(|leg| OpenLeg {
            ended: leg.ended.or(Some(went)),
            ..leg
        });
        self.earlier.extend(other.earlier.into_iter().chain(legs));
    }

    /// All that has happened was so much later after the start.
    fn shift(&mut self, ms: u64) {
        self.last_ms = self.last_ms.saturating_add(ms);
        for leg in self.legs.values_mut().chain(&mut self.earlier) {
            let times = [
                Some(&mut leg.started_ms),
                leg.ringing_ms.as_mut(),
                leg.answered_ms.as_mut(),
                leg.ended.as_mut().map(|(at_ms, _)| at_ms),
            ];
            for time in times.into_iter().flatten() {
                *time = time.saturating_add(ms);
            }
        }
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
            legs: self.call_legs(cause),
            caller: self.caller,
            dialled: self.dialled,
        }
    }

    /// The entries that end the call because the server went away at `died_at`, or after the last it wrote.
    pub(super) fn interrupted(&self, died_at: Option<Utc>) -> Vec<JournalEntry> {
        let lived = died_at.map_or(Duration::ZERO, |died_at| died_at.since(self.started_at));
        let elapsed_ms = self.last_ms.max(millis(lived)).saturating_sub(self.offset_ms);
        let cause = HangupCause::ServerRestarted;
        let running = self.legs.iter().filter(|(_, leg)| leg.ended.is_none());
        let legs_end = running.map(|(leg, _)| CallEvent::LegEnded { leg: *leg, cause });
        let events = legs_end.chain([CallEvent::Ended { cause }]);
        let sequences = self.next_sequence..;
        let entries = sequences.zip(events).map(|(sequence, event)| JournalEntry {
            tenant_id: self.tenant_id,
            call_id: self.id,
            sequence,
            started_at: self.at(self.offset_ms),
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
            let legs = self.legs.values().chain(&self.earlier);
            let legs = legs.filter(move |leg| leg.role == role);
            legs.filter_map(|leg| leg.answered_ms).min()
        };
        let connected = answers(LegRole::Caller);
        // The caller's leg has no entry of its own only if that line of the journal was lost.
        connected.or_else(|| answers(LegRole::Callee).filter(|_| cause == HangupCause::NormalClearing))
    }

    /// Who answered, else whom the call was for in the end.
    fn callee(&self) -> Option<Party> {
        let legs = self.legs.values().chain(&self.earlier);
        let callees = legs.filter(|leg| leg.role == LegRole::Callee);
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

    /// The legs, those of earlier calls behind the call's own.
    fn call_legs(&self, cause: HangupCause) -> Vec<CallLeg> {
        let next = self.legs.keys().next_back().map_or(0, |last| last.0.saturating_add(1));
        let earlier = (next..).map(LegId).zip(&self.earlier);
        let own = self.legs.iter().map(|(leg, open)| (*leg, open));
        own.chain(earlier)
            .map(|(leg, open)| self.call_leg(leg, open, cause))
            .collect()
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

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn outcome(cause: HangupCause, answered: bool) -> Outcome {
    match (answered, cause) {
        (true, _) => Outcome::Answered,
        (false, HangupCause::NormalClearing | HangupCause::AnsweredElsewhere) => Outcome::NoAnswer,
        (false, HangupCause::MediaLost | HangupCause::ServerRestarted) => Outcome::Failed,
        (false, _) => cause.outcome(),
    }
}
