//! Who rings when: the arms of a ring, together or one after the other, and what follows when they fall out (A19).

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};
use wigwag_model::{DeviceId, HangupCause, LegId};
use wigwag_sansio::{Now, Tick};

use super::{super::offer::CallerOffer, Ringing};
use crate::{
    call::{Answer, ArmId, Call, Note, Output, Phase, Phone, Question},
    routing::{Arm, Decision, Order, Plan, Ring, Target},
};

/// An arm that rings, or whose phones are being looked for.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::call) struct Ringer {
    pub(super) arm: Arm,
    /// It stops ringing then.
    until: Option<Tick>,
    /// Whether it is known which phones it has.
    pub(super) reached: bool,
    /// Why its phones fell out.
    pub(super) causes: Vec<HangupCause>,
    /// Ways that have not been tried, where it is outside.
    pub(super) ways: VecDeque<Phone>,
}

impl Ringer {
    pub(super) fn is_outside(&self) -> bool {
        matches!(self.arm.target, Target::Outside(_))
    }
}

/// The arms of a ring.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::call) struct Arms {
    order: Order,
    waiting: VecDeque<Arm>,
    pub(super) ringing: BTreeMap<ArmId, Ringer>,
    /// Devices that rang when their connection broke: they are expected to register anew.
    pub(super) awaited: Vec<(ArmId, DeviceId)>,
    /// The next arm that waits rings then.
    next_at: Option<Tick>,
    next_id: ArmId,
    /// The arm whose turn it is: when it falls out, the next one's comes.
    turn: Option<ArmId>,
    /// Whom the arms have rung so far: nobody rings twice.
    rung: Vec<Target>,
    /// Arms of which it is being asked who rings instead.
    asked: usize,
    /// Why arms fell out.
    causes: Vec<HangupCause>,
    /// Whether it is being asked what follows.
    is_over: bool,
}

impl Arms {
    pub(super) fn new(arms: Vec<Arm>, order: Order, next_id: ArmId) -> Self {
        Arms {
            order,
            waiting: arms.into(),
            ringing: BTreeMap::new(),
            awaited: Vec::new(),
            next_at: None,
            next_id,
            turn: None,
            rung: Vec::new(),
            asked: 0,
            causes: Vec::new(),
            is_over: false,
        }
    }

    /// When something is due.
    pub(super) fn deadline(&self) -> Option<Tick> {
        let ends = self.ringing.values().filter_map(|ringer| ringer.until);
        ends.chain(self.next_at).min()
    }

    /// How many arms may still bring a phone that rings.
    pub(super) fn to_come(&self) -> usize {
        self.waiting.len() + self.asked + self.ringing.values().filter(|ringer| !ringer.reached).count()
    }

    /// Whether whoever's turn it is still rings.
    fn has_turn(&self) -> bool {
        self.turn.is_some_and(|turn| self.ringing.contains_key(&turn))
    }

    /// Whether somebody has rung already, or rings.
    fn has_rung(&self, target: &Target) -> bool {
        self.rung.iter().any(|rung| rung.is_same(target))
    }

    /// The arm that rings all devices of an extension.
    pub(super) fn of_extension(&self, id: wigwag_model::ExtensionId) -> Option<ArmId> {
        let rings = |ringer: &Ringer| ringer.arm.target == Target::Extension(id);
        self.ringing
            .iter()
            .find(|(_, ringer)| rings(ringer))
            .map(|(arm, _)| *arm)
    }
}

impl Call {
    /// Begins to ring, in the middle of a call or at its start.
    pub(in crate::call) fn ring_for(&mut self, waiter: LegId, ring: Ring, offer: CallerOffer, now: Now) {
        let next_id = match &self.phase {
            Phase::Ringing(ringing) => ringing.arms.next_id,
            Phase::Attempted
            | Phase::Starting(_)
            | Phase::Talking(_)
            | Phase::Treating(_)
            | Phase::Joining(_)
            | Phase::Parked(_)
            | Phase::Closing(_)
            | Phase::Over => ArmId(0),
        };
        let told = matches!(&self.phase, Phase::Ringing(ringing) if ringing.told);
        let arms = Arms::new(ring.arms, ring.order, next_id);
        let mut ringing = Ringing::new(waiter, arms, ring.course, offer, (now.tick, now.tick + ring.timeout));
        ringing.told = told;
        self.phase = Phase::Ringing(ringing);
        self.start_arms(now);
    }

    /// Starts whatever may ring now.
    fn start_arms(&mut self, now: Now) {
        let Some(arms) = self.arms() else { return };
        match arms.order {
            Order::Together => {
                for arm in std::mem::take(&mut arms.waiting) {
                    self.start_arm(arm, now);
                }
            }
            Order::OneByOne { every, .. } => {
                arms.next_at = None;
                while let Some(arm) = arms.waiting.pop_front() {
                    if arms.has_rung(&arm.target) {
                        continue;
                    }
                    arms.turn = Some(arms.next_id);
                    arms.next_at = (!arms.waiting.is_empty()).then(|| now.tick + every);
                    self.start_arm(arm, now);
                    return;
                }
            }
        }
    }

    fn start_arm(&mut self, arm: Arm, now: Now) {
        let Some(arms) = self.arms().filter(|arms| !arms.has_rung(&arm.target)) else {
            return;
        };
        let id = arms.next_id;
        arms.next_id = ArmId(id.0.saturating_add(1));
        let until = arm.timeout.map(|timeout| now.tick + timeout);
        let target = arm.target.clone();
        arms.rung.push(target.clone());
        let ringer = Ringer {
            arm,
            until,
            reached: false,
            causes: Vec::new(),
            ways: VecDeque::new(),
        };
        arms.ringing.insert(id, ringer);
        self.outputs.push_back(Output::Reach { arm: id, target });
    }

    /// What is due at this moment: an arm has rung long enough, or the next one's turn has come.
    pub(in crate::call) fn turn_arms(&mut self, now: Now) {
        let Some(arms) = self.arms() else { return };
        let rung_out = |ringer: &Ringer| ringer.until.is_some_and(|until| until <= now.tick);
        let mut over: Vec<ArmId> = arms
            .ringing
            .iter()
            .filter(|(_, ringer)| rung_out(ringer))
            .map(|(arm, _)| *arm)
            .collect();
        let is_next = arms.next_at.is_some_and(|at| at <= now.tick);
        if is_next
            && matches!(
                arms.order,
                Order::OneByOne {
                    keep_ringing: false,
                    ..
                }
            )
        {
            over = arms.ringing.keys().copied().collect();
        }
        if is_next {
            self.start_arms(now);
        }
        for arm in over {
            self.end_arm(arm, HangupCause::NoAnswer, now);
            self.arm_fell_out(arm, HangupCause::NoAnswer, now);
        }
    }

    /// All phones of an arm stop ringing.
    pub(super) fn end_arm(&mut self, arm: ArmId, cause: HangupCause, now: Now) {
        let legs: Vec<LegId> = self
            .legs
            .iter()
            .filter(|(_, leg)| leg.arm == Some(arm) && leg.is_live())
            .map(|(id, _)| *id)
            .collect();
        for id in legs {
            self.end_leg(id, cause, now);
            self.command(id, super::super::answering::closing_command(cause), now);
        }
        if let Phase::Ringing(ringing) = &mut self.phase {
            ringing.opening.retain(|_, opening| opening.arm != arm);
            ringing.arms.awaited.retain(|(of, _)| *of != arm);
        }
    }

    /// A phone of an arm does not ring (any more); with its last one the arm falls out.
    pub(in crate::call) fn phone_fell_out(&mut self, arm: ArmId, cause: HangupCause, now: Now) {
        let rings = self.rings_at(arm);
        let Some(ringer) = self.arms().and_then(|arms| arms.ringing.get_mut(&arm)) else {
            return;
        };
        ringer.causes.push(cause);
        if !rings {
            let cause = telling(&ringer.causes);
            self.arm_fell_out(arm, cause, now);
        }
    }

    /// An arm does not ring (any more); somebody else may instead, and with the last one the ring is over.
    pub(super) fn arm_fell_out(&mut self, arm: ArmId, cause: HangupCause, now: Now) {
        let attempt = self.attempt.clone();
        let Some(arms) = self.arms() else { return };
        let Some(ringer) = arms.ringing.remove(&arm) else {
            return;
        };
        arms.causes.push(cause);
        if let Some(course) = ringer.arm.course {
            arms.asked += 1;
            self.outputs
                .push_back(Output::Decide(Question::Instead { attempt, course, cause }));
        }
        self.go_on_ringing(now);
    }

    /// Looks whether anybody is left; whoever waits for a turn has it as soon as the one before has fallen out.
    fn go_on_ringing(&mut self, now: Now) {
        let Some(arms) = self.arms().filter(|arms| !arms.is_over && arms.asked == 0) else {
            return;
        };
        if !arms.has_turn() {
            self.start_arms(now);
        }
        if let Some(arms) = self.arms().filter(|arms| arms.ringing.is_empty()) {
            let cause = telling(&arms.causes);
            self.ask_what_follows(cause);
        }
    }

    /// Nobody has answered in time.
    pub(in crate::call) fn rang_out(&mut self, now: Now) {
        self.note(Note::RangOut);
        let Some(arms) = self.arms() else { return };
        arms.waiting.clear();
        arms.next_at = None;
        let ringing: Vec<ArmId> = arms.ringing.keys().copied().collect();
        ringing
            .into_iter()
            .for_each(|arm| self.end_arm(arm, HangupCause::NoAnswer, now));
        if let Some(arms) = self.arms() {
            arms.ringing.clear();
        }
        self.ask_what_follows(HangupCause::NoAnswer);
    }

    /// Whoever waits does not want to any more.
    pub(in crate::call) fn stop_ringing(&mut self, cause: HangupCause, now: Now) {
        let Some(arms) = self.arms() else { return };
        arms.waiting.clear();
        arms.is_over = true;
        let ringing: Vec<ArmId> = arms.ringing.keys().copied().collect();
        ringing.into_iter().for_each(|arm| self.end_arm(arm, cause, now));
    }

    fn ask_what_follows(&mut self, cause: HangupCause) {
        let attempt = self.attempt.clone();
        let Phase::Ringing(ringing) = &mut self.phase else {
            return;
        };
        if !std::mem::replace(&mut ringing.arms.is_over, true) {
            let course = ringing.course.clone();
            self.outputs
                .push_back(Output::Decide(Question::After { attempt, course, cause }));
        }
    }

    /// It has been decided how the ring goes on.
    pub(in crate::call) fn decided(&mut self, answer: Answer, now: Now) {
        match answer {
            Answer::Instead(instead) => {
                self.ring_instead(instead, now);
            }
            Answer::Follows(decision) => self.follows(decision, now),
            Answer::Transferred(decision) if self.is_asking() => self.consult_decided(decision, now),
            Answer::Transferred(decision) => self.transfer_decided(decision, now),
        }
    }

    /// Others ring in the place of an arm, unless the ring has ended meanwhile.
    fn ring_instead(&mut self, instead: Vec<Arm>, now: Now) {
        let Some(arms) = self.arms() else { return };
        arms.asked = arms.asked.saturating_sub(1);
        if arms.is_over {
            return;
        }
        if !arms.has_turn() {
            arms.turn = Some(arms.next_id);
        }
        instead.into_iter().for_each(|arm| self.start_arm(arm, now));
        self.go_on_ringing(now);
    }

    fn follows(&mut self, decision: Decision, now: Now) {
        let Phase::Ringing(ringing) = &self.phase else { return };
        let (waiter, offer) = (ringing.waiter, ringing.offer.clone());
        match decision.plan {
            Plan::Ring(ring) => self.ring_for(waiter, ring, offer, now),
            Plan::Reject(cause) if self.consult.is_some() => self.consult_failed(cause, now),
            Plan::Treat(_) if self.consult.is_some() => self.consult_failed(HangupCause::NotAvailable, now),
            Plan::Reject(cause) if self.transfer.is_some() => self.transfer_failed(cause, now),
            Plan::Treat(_) if self.transfer.is_some() => self.transfer_failed(HangupCause::NotAvailable, now),
            Plan::Treat(treatment) => self.treat(&treatment, &offer, now),
            Plan::Reject(cause) => self.end(cause, now),
        }
    }

    fn arms(&mut self) -> Option<&mut Arms> {
        match &mut self.phase {
            Phase::Ringing(ringing) => Some(&mut ringing.arms),
            Phase::Attempted
            | Phase::Starting(_)
            | Phase::Talking(_)
            | Phase::Treating(_)
            | Phase::Joining(_)
            | Phase::Parked(_)
            | Phase::Closing(_)
            | Phase::Over => None,
        }
    }
}

/// The reason that tells the caller most.
fn telling(causes: &[HangupCause]) -> HangupCause {
    const TELLING: [HangupCause; 11] = [
        HangupCause::Declined,
        HangupCause::Busy,
        HangupCause::NoAnswer,
        HangupCause::NoCommonCodec,
        HangupCause::UnknownNumber,
        HangupCause::IncompleteNumber,
        HangupCause::NotAllowed,
        HangupCause::NoCredit,
        HangupCause::LimitReached,
        HangupCause::NetworkFailure,
        HangupCause::NotAvailable,
    ];
    TELLING
        .into_iter()
        .find(|cause| causes.contains(cause))
        .unwrap_or(HangupCause::NoDevice)
}
