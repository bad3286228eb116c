//! One call: a back-to-back user agent that rings, bridges, holds and ends, as a machine without input or output.
//!
//! ```text
//!             Attempted          answered              any end
//!  Starting ────────────▶ Ringing ────────▶ Talking ────────────▶ Closing ──▶ Over
//!      │                     │  ▲              │                      ▲
//!      │                     │  └── sent on ───┘                      │
//!      ├── nobody, refused ──┴────────────────────────────────────────┤
//!      ├── a star code: Treating ─────────────────────────────────────┤
//!      └── into another call: Joining;  waits in a place: Parked ─────┘
//! ```
//!
//! Each phase is a file or folder; `answering` is the step from ringing to talking. What a talk can turn into has files
//! of its own: `keys` reads what is pressed, `transfer` sends on, `consult` asks first, `screening` asks whoever answers.
//! A leg's own SIP life (retransmission, races, refresh) is its `Session`'s business.
//! The tests are ladders of whole calls: `tests/ladders`.

mod answering;
mod closing;
mod consult;
mod early;
mod input;
mod invite;
mod joining;
mod keys;
mod leg;
mod media;
mod note;
mod offer;
mod origin;
mod output;
mod parked;
mod prompt;
mod question;
mod ringing;
mod screening;
mod sound;
mod starting;
mod talking;
mod transfer;
mod treating;
mod who;

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use wigwag_model::{CallEvent, DeviceId, ExtensionId, HangupCause, LegId, Party};
use wigwag_sansio::{Entropy, Machine, Now, Tick};
use wigwag_sip::session::{self, Extra, Session};

pub use input::{Input, NoPorts, Observed, Phone, Ports};
pub use invite::session_timer;
pub use joining::{Purpose, Released, Rings, Sought};
pub use media::MediaCommand;
pub use note::Note;
pub use origin::Origin;
pub use output::{ArmId, Output, SipAction};
pub use parked::NoPlace;
pub use prompt::{NotChanged, Prompt};
pub use question::{Answer, Question};
pub use treating::PinVerdict;
pub use who::Who;

use closing::Closing;
use consult::Consult;
use joining::Joining;
use keys::Pressed;
use leg::{Leg, Progress, Sound};
use parked::Parked;
use ringing::Ringing;
use starting::Starting;
use talking::Talking;
use transfer::Transfer;
use treating::Treating;

use crate::{registrar::Reach, routing::Attempt};

/// A call without any end is ended after a day.
const LONGEST_CALL: Duration = Duration::from_secs(24 * 3600);
/// The caller's leg.
pub const CALLER: LegId = LegId(0);

/// One call.
#[derive(Debug, Serialize, Deserialize)]
pub struct Call {
    caller: Party,
    /// Whom the caller called, where that is somebody.
    callee: Option<Party>,
    attempt: Attempt,
    domain: SmolStr,
    max_forwards: u8,
    headers: Vec<Extra>,
    entropy: Entropy,
    started: Tick,
    sequence: u32,
    next_leg: LegId,
    legs: BTreeMap<LegId, Leg>,
    phase: Phase,
    transfer: Option<Transfer>,
    consult: Option<Consult>,
    pressed: Option<Pressed>,
    /// The leg that has come from another call and taken the caller's place.
    adopted_caller: Option<LegId>,
    /// A leg that is on its way into another call.
    away: Option<LegId>,
    outputs: VecDeque<Output>,
}

#[derive(Debug, Serialize, Deserialize)]
enum Phase {
    /// Nothing has been done yet.
    Attempted,
    Starting(Starting),
    Ringing(Ringing),
    Talking(Talking),
    Treating(Treating),
    /// The caller wants to join another call.
    Joining(Joining),
    Parked(Parked),
    Closing(Closing),
    Over,
}

impl Call {
    /// The tags and Call-IDs by which messages find this call's legs, for those that are not over.
    pub fn sessions(&self) -> impl Iterator<Item = (LegId, &session::SessionKey)> {
        self.legs
            .iter()
            .filter(|(_, leg)| !leg.session.is_over())
            .map(|(id, leg)| (*id, leg.session.key()))
    }

    /// How a leg's phone is reached.
    pub fn reach(&self, leg: LegId) -> Option<&Reach> {
        self.legs.get(&leg).map(|leg| &leg.reach)
    }

    /// The device that the caller calls from; none once the caller has left and others go on.
    pub fn caller_device(&self) -> Option<DeviceId> {
        let caller = self.legs.get(&self.adopted_caller.unwrap_or(CALLER));
        caller.filter(|leg| leg.is_live()).and_then(|leg| leg.who.device())
    }

    /// The extension that the caller calls from.
    pub fn caller_extension(&self) -> Option<ExtensionId> {
        self.legs.get(&CALLER).and_then(|leg| leg.who.extension())
    }

    /// Gives a leg's session something and does what follows from it.
    fn feed(&mut self, id: LegId, input: session::Input, now: Now) {
        self.drive(id, now, |session| session.handle(input, now));
    }

    fn drive(&mut self, id: LegId, now: Now, act: impl FnOnce(&mut Session)) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        act(&mut leg.session);
        let reach = leg.reach.clone();
        let outputs: Vec<session::Output> = std::iter::from_fn(|| leg.session.poll()).collect();
        for output in outputs {
            let action = match output {
                session::Output::Request {
                    token,
                    request,
                    next_hop: _,
                } => SipAction::Request { token, request },
                session::Output::Cancel { token, reasons } => SipAction::Cancel { token, reasons },
                session::Output::Ack { request, next_hop: _ } => SipAction::Ack(request),
                session::Output::Respond { key, response } => SipAction::Respond { key, response },
                session::Output::Event(event) => {
                    self.heard(id, event, now);
                    continue;
                }
            };
            self.outputs.push_back(Output::Sip {
                leg: id,
                reach: reach.clone(),
                action,
            });
        }
    }

    fn command(&mut self, id: LegId, command: session::Command, now: Now) {
        self.feed(id, session::Input::Command(command), now);
    }

    /// What a session tells goes to the phase that the call is in.
    fn heard(&mut self, id: LegId, event: session::Event, now: Now) {
        if !self.legs.get(&id).is_some_and(Leg::is_live) {
            return;
        }
        let event = self.heard_in_transfer(id, event, now);
        let Some(event) = event.and_then(|event| self.heard_in_consult(id, event, now)) else {
            return;
        };
        match &self.phase {
            Phase::Starting(_) => self.heard_while_starting(id, event, now),
            Phase::Ringing(_) => self.heard_while_ringing(id, event, now),
            Phase::Talking(_) => self.heard_while_talking(id, event, now),
            Phase::Treating(_) => self.heard_while_treating(id, event, now),
            Phase::Joining(_) => self.heard_while_joining(id, &event, now),
            Phase::Parked(_) => self.heard_while_parked(id, event, now),
            Phase::Attempted | Phase::Closing(_) | Phase::Over => {}
        }
    }

    fn journal(&mut self, event: CallEvent, now: Now) {
        let elapsed_ms = u64::try_from(now.tick.since(self.started).as_millis()).unwrap_or(u64::MAX);
        self.outputs.push_back(Output::Journal {
            sequence: self.sequence,
            elapsed_ms,
            event,
        });
        self.sequence += 1;
    }

    fn note(&mut self, note: Note) {
        self.outputs.push_back(Output::Note(note));
    }

    fn media(&mut self, command: MediaCommand) {
        self.outputs.push_back(Output::Media(command));
    }

    /// The next free leg number.
    fn new_leg_id(&mut self) -> LegId {
        let id = self.next_leg;
        self.next_leg = LegId(id.0.saturating_add(1));
        id
    }

    /// A connection is gone. Its legs go on: their phones are looked for again when they register anew.
    fn flow_closed(&mut self, flow: wigwag_sip::transaction::FlowId) {
        for (id, leg) in &mut self.legs {
            if leg.is_live() && leg.reach.flow == flow {
                leg.is_lost = true;
                self.outputs.push_back(Output::Note(Note::ConnectionLost { leg: *id }));
            }
        }
    }

    /// A leg's phone is reached another way from now on.
    fn moved(&mut self, id: LegId, reach: Reach, now: Now) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let was_lost = std::mem::replace(&mut leg.is_lost, false);
        leg.reach = reach;
        if was_lost {
            self.came_back(id, now);
        }
    }
}

impl Machine for Call {
    type Input = Input;
    type Output = Output;

    fn handle(&mut self, input: Input, now: Now) {
        match input {
            Input::Sip { leg, input } => {
                if let session::Input::Response { .. } | session::Input::Request { .. } = &input {
                    self.heard_from(leg);
                }
                self.feed(leg, input, now);
            }
            Input::Moved { leg, reach } => self.moved(leg, reach, now),
            Input::Reached { arm, phones } => self.reached(arm, phones, now),
            Input::Decided(answer) => self.decided(answer, now),
            Input::PinChecked(verdict) => self.pin_checked(verdict, now),
            Input::Changed(result) => self.changed(result, now),
            Input::Opened { leg, ports } => self.opened(leg, ports, now),
            Input::Joined(phone) => self.joined(*phone, now),
            Input::FlowClosed(flow) => self.flow_closed(flow),
            Input::Media { leg, observed } => self.observed(leg, observed, now),
            Input::HandedOver { into } => self.handed_over(into, now),
            Input::NotTaken { leg, status } => self.not_taken(leg, status, now),
            Input::Placed(place) => self.place_found(place, now),
            Input::HangUp(cause) => self.end(cause, now),
        }
        self.settle(now);
    }

    fn handle_timeout(&mut self, now: Now) {
        let due = |leg: &Leg| leg.session.deadline().is_some_and(|deadline| deadline <= now.tick);
        let due: Vec<LegId> = self
            .legs
            .iter()
            .filter(|(_, leg)| due(leg))
            .map(|(id, _)| *id)
            .collect();
        for id in due {
            self.drive(id, now, |session| session.handle_timeout(now));
        }
        match &self.phase {
            Phase::Ringing(ringing) if ringing.until <= now.tick => self.rang_out(now),
            Phase::Ringing(ringing) if ringing.deadline() <= now.tick => self.turn_arms(now),
            Phase::Treating(treating) if treating.deadline().is_some_and(|due| due <= now.tick) => {
                self.treated_too_long(now);
            }
            Phase::Parked(parked) if parked.until <= now.tick => self.parked_too_long(now),
            Phase::Closing(closing) if closing.until <= now.tick => self.give_up_measuring(now),
            Phase::Attempted
            | Phase::Starting(_)
            | Phase::Ringing(_)
            | Phase::Talking(_)
            | Phase::Treating(_)
            | Phase::Joining(_)
            | Phase::Parked(_)
            | Phase::Closing(_)
            | Phase::Over => {}
        }
        self.give_up_silent_ways(now);
        self.transferor_is_sent_home(now);
        self.pressed_enough(now);
        self.asked_long_enough(now);
        if self.consult_deadline().is_some_and(|due| due <= now.tick) {
            self.consult_is_back(now);
        }
        if now.tick >= self.started + LONGEST_CALL && !matches!(self.phase, Phase::Closing(_) | Phase::Over) {
            self.note(Note::Reaped);
            self.end(HangupCause::MediaLost, now);
        }
        self.settle(now);
    }

    fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn deadline(&self) -> Option<Tick> {
        let phase = match &self.phase {
            Phase::Attempted | Phase::Starting(_) | Phase::Talking(_) | Phase::Joining(_) => {
                Some(self.started + LONGEST_CALL)
            }
            Phase::Parked(parked) => Some(parked.until),
            Phase::Ringing(ringing) => Some(ringing.deadline()),
            Phase::Treating(treating) => treating.deadline(),
            Phase::Closing(closing) => closing.deadline(),
            Phase::Over => None,
        };
        let sessions = self.legs.values().filter_map(|leg| leg.session.deadline());
        let silent = self.legs.values().filter(|leg| leg.is_live());
        let silent = silent.filter_map(|leg| leg.answers_by);
        sessions
            .chain(silent)
            .chain(phase)
            .chain(self.transfer_deadline())
            .chain(self.consult_deadline())
            .chain(self.screening_deadline())
            .chain(self.pressed.as_ref().map(|pressed| pressed.until))
            .min()
    }
}
