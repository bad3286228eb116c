//! The way that the simulator foretells, under the fates of whoever rings.

use std::{collections::VecDeque, time::Duration};

use wigwag_model::HangupCause;
use wigwag_pbx::{
    TenantSnapshot,
    routing::{
        Arm, Attempt, Course, Order, Plan, Ring, Simulated, Simulation, after, holds, instead, local, simulate, status,
    },
};
use wigwag_sansio::Utc;

use super::{
    End, Stage, Way,
    fate::{Fate, Fates, key, unreachable},
};

/// How long somebody who is asked whether it takes the call may think.
const SCREENING: Duration = Duration::from_secs(20);

/// What `attempt` at `at` comes to.
pub(super) fn way(snapshot: &TenantSnapshot, attempt: &Attempt, at: Utc, fates: &Fates) -> Way {
    let mut way = Way::default();
    let simulation = simulate(snapshot, attempt, at);
    let (mut plan, mut elapsed) = (first(&simulation), Duration::ZERO);
    let mut tree = Some((at, simulation));
    loop {
        let ring = match plan {
            Plan::Ring(ring) => ring,
            Plan::Treat(_) => return way.ending(End::Treated),
            Plan::Reject(cause) => return way.ending(End::Refused(cause)),
        };
        let place = Place { snapshot, attempt, at };
        let mut stage = Ringing::new(place, &ring, fates, elapsed);
        let outcome = stage.run();
        way.stages.push(stage.told);
        let (cause, then) = match outcome {
            Outcome::Answered(then, who) => return way.ending(End::Answered(then, who)),
            Outcome::Nobody(then, cause) => (cause, then),
        };
        let decided = after(snapshot, attempt, &ring.course, cause, at + then).plan;
        tree = tree.and_then(|(since, tree)| branch(&tree, since, cause));
        // An interval that begins or ends in the middle of a call leads elsewhere than the simulator can know.
        tree = tree.filter(|(since, _)| is_steady(snapshot, *since, at + then));
        if let Some((_, branch)) = &tree {
            assert!(
                is_foretold(&first(branch), &decided),
                "the simulator shows what follows: {branch:#?}, {decided:#?}"
            );
        }
        (plan, elapsed) = (decided, then);
    }
}

impl Way {
    fn ending(mut self, end: End) -> Self {
        self.end = Some(end);
        self
    }
}

fn first(simulation: &Simulation) -> Plan {
    match &simulation.outcome {
        Simulated::Rings { ring, .. } => Plan::Ring(ring.clone()),
        Simulated::Treated(treatment) => Plan::Treat(treatment.clone()),
        Simulated::Ends(cause) => Plan::Reject(*cause),
    }
}

/// The simulator knows one cause for each status, and a call may end with why nobody has answered.
fn is_foretold(told: &Plan, decided: &Plan) -> bool {
    match (told, decided) {
        (Plan::Reject(told), Plan::Reject(decided)) => status(*told) == status(*decided),
        (told, decided) => told == decided,
    }
}

/// The branch of what has happened, and the moment for which it is foretold.
fn branch(tree: &Simulation, since: Utc, cause: HangupCause) -> Option<(Utc, Simulation)> {
    let Simulated::Rings { ring, otherwise, .. } = &tree.outcome else {
        return None;
    };
    let (told, branch) = otherwise.iter().find(|(told, _)| status(*told) == status(cause))?;
    let rings = if *told == HangupCause::NoAnswer {
        ring.timeout
    } else {
        Duration::ZERO
    };
    Some((since + rings, branch.clone()))
}

/// Whether the same intervals hold at both moments.
fn is_steady(snapshot: &TenantSnapshot, one: Utc, other: Utc) -> bool {
    let handling = snapshot.handling();
    let holding = |at: Utc| {
        let now = local(at, handling.clock());
        let intervals = handling.intervals();
        intervals
            .map(|interval| holds(&interval.settings.when, now))
            .collect::<Vec<_>>()
    };
    holding(one) == holding(other)
}

/// Where and when a decision is made.
#[derive(Clone, Copy)]
struct Place<'a> {
    snapshot: &'a TenantSnapshot,
    attempt: &'a Attempt,
    at: Utc,
}

enum Outcome {
    Answered(Duration, String),
    Nobody(Duration, HangupCause),
}

/// One stage, followed event by event.
struct Ringing<'a> {
    place: Place<'a>,
    fates: &'a Fates,
    order: Order,
    ends: Duration,
    now: Duration,
    waiting: VecDeque<Arm>,
    ringing: Vec<Ringer>,
    started: usize,
    /// Whose turn it is.
    turn: Option<usize>,
    next_at: Option<Duration>,
    rung: Vec<String>,
    causes: Vec<HangupCause>,
    todo: VecDeque<Todo>,
    told: Stage,
}

struct Ringer {
    id: usize,
    arm: Arm,
    until: Option<Duration>,
    /// It is asked until then whether it takes the call.
    asked: Option<Duration>,
    /// When something becomes of it, and what.
    due: Option<(Duration, Fate)>,
}

enum Todo {
    Reach(usize),
    Instead(Course, HangupCause),
}

impl<'a> Ringing<'a> {
    fn new(place: Place<'a>, ring: &Ring, fates: &'a Fates, begins: Duration) -> Self {
        Ringing {
            place,
            fates,
            order: ring.order,
            ends: begins + ring.timeout,
            now: begins,
            waiting: ring.arms.clone().into(),
            ringing: Vec::new(),
            started: 0,
            turn: None,
            next_at: None,
            rung: Vec::new(),
            causes: Vec::new(),
            todo: VecDeque::new(),
            told: Stage {
                begins,
                rings: Vec::new(),
                ends: None,
            },
        }
    }

    fn run(&mut self) -> Outcome {
        self.start_next();
        loop {
            if let Some(cause) = self.work() {
                return self.nobody(cause);
            }
            let due = self.ringing.iter().filter_map(|ringer| Some((ringer.due?, ringer.id)));
            let due = due.min_by_key(|((at, _), id)| (*at, *id));
            let timer = self.timer();
            if let Some(((at, fate), id)) = due.filter(|((at, _), _)| *at <= timer) {
                self.now = at;
                match fate {
                    Fate::Answered { accepts, .. } => {
                        if !self.is_asked(id, accepts) {
                            return Outcome::Answered(at, self.key(id));
                        }
                    }
                    Fate::Declined(_) => self.falls_out(id, HangupCause::Declined),
                    Fate::Busy(_) => self.falls_out(id, HangupCause::Busy),
                    Fate::Unreachable | Fate::Unanswered => unreachable!("nothing is due"),
                }
                continue;
            }
            self.now = timer;
            if self.ends <= timer {
                return self.nobody(HangupCause::NoAnswer);
            }
            self.turn_over();
        }
    }

    /// Whether somebody who has answered has to accept the call first, which takes its time.
    fn is_asked(&mut self, id: usize, accepts: Option<Duration>) -> bool {
        let now = self.now;
        let ringer = self.ringing.iter_mut().find(|ringer| ringer.id == id).unwrap();
        if !ringer.arm.screening || ringer.asked.is_some() {
            return false;
        }
        let until = now + SCREENING;
        ringer.asked = Some(until);
        ringer.due = accepts.and_then(|after| Some((now + after, ringer.due?.1)));
        self.ends = self.ends.max(until);
        true
    }

    fn nobody(&mut self, cause: HangupCause) -> Outcome {
        self.told.ends = Some((self.now, cause));
        Outcome::Nobody(self.now, cause)
    }

    fn timer(&self) -> Duration {
        let untils = self.ringing.iter().flat_map(|ringer| [ringer.until, ringer.asked]);
        untils.flatten().chain(self.next_at).chain([self.ends]).min().unwrap()
    }

    /// Does at once what is to be done at once; a cause, when nobody is left.
    fn work(&mut self) -> Option<HangupCause> {
        while let Some(todo) = self.todo.pop_front() {
            match todo {
                Todo::Reach(id) => self.reach(id),
                Todo::Instead(course, cause) => self.instead(&course, cause),
            }
        }
        self.ringing.is_empty().then(|| telling(&self.causes))
    }

    fn reach(&mut self, id: usize) {
        let now = self.now;
        let Some(ringer) = self.ringing.iter_mut().find(|ringer| ringer.id == id) else {
            return;
        };
        let fate = self.fates.of(&ringer.arm.target);
        match fate {
            Fate::Unreachable => {
                let cause = unreachable(&ringer.arm.target);
                self.falls_out(id, cause);
            }
            Fate::Unanswered => {}
            Fate::Busy(later) | Fate::Declined(later) | Fate::Answered { later, .. } => {
                ringer.due = Some((now + later, fate));
            }
        }
    }

    fn instead(&mut self, course: &Course, cause: HangupCause) {
        let Place { snapshot, attempt, at } = self.place;
        let (arms, _) = instead(snapshot, attempt, course, cause, at + self.now);
        if !self.has_turn() {
            self.turn = Some(self.started);
        }
        arms.into_iter().for_each(|arm| self.start(arm));
        self.go_on();
    }

    fn falls_out(&mut self, id: usize, cause: HangupCause) {
        let place = self.ringing.iter().position(|ringer| ringer.id == id).unwrap();
        let ringer = self.ringing.remove(place);
        self.causes.push(cause);
        if let Some(course) = ringer.arm.course {
            self.todo.push_back(Todo::Instead(course, cause));
        }
        self.go_on();
    }

    /// Whoever waits has a turn when the one before has fallen out and nobody rings instead.
    fn go_on(&mut self) {
        let is_asking = self.todo.iter().any(|todo| matches!(todo, Todo::Instead(..)));
        if !is_asking && !self.has_turn() {
            self.start_next();
        }
    }

    fn has_turn(&self) -> bool {
        self.ringing.iter().any(|ringer| Some(ringer.id) == self.turn)
    }

    /// Timers other than the last: somebody has rung long enough, or the next one's turn has come.
    fn turn_over(&mut self) {
        let now = self.now;
        let is_next = self.next_at.is_some_and(|at| at <= now);
        let all = is_next
            && matches!(
                self.order,
                Order::OneByOne {
                    keep_ringing: false,
                    ..
                }
            );
        let over = |ringer: &&Ringer| all || ringer.until.is_some_and(|until| until <= now);
        let over: Vec<usize> = self.ringing.iter().filter(over).map(|ringer| ringer.id).collect();
        if is_next {
            self.start_next();
        }
        over.into_iter()
            .for_each(|id| self.falls_out(id, HangupCause::NoAnswer));
        let late = |ringer: &&Ringer| ringer.asked.is_some_and(|until| until <= now);
        let late: Vec<usize> = self.ringing.iter().filter(late).map(|ringer| ringer.id).collect();
        late.into_iter()
            .for_each(|id| self.falls_out(id, HangupCause::NoAnswer));
    }

    fn start_next(&mut self) {
        let Order::OneByOne { every, .. } = self.order else {
            return std::mem::take(&mut self.waiting)
                .into_iter()
                .for_each(|arm| self.start(arm));
        };
        self.next_at = None;
        while let Some(arm) = self.waiting.pop_front() {
            if !self.rung.contains(&key(&arm.target)) {
                self.turn = Some(self.started);
                self.next_at = (!self.waiting.is_empty()).then(|| self.now + every);
                return self.start(arm);
            }
        }
    }

    fn start(&mut self, arm: Arm) {
        let key = key(&arm.target);
        if self.rung.contains(&key) {
            return;
        }
        self.rung.push(key.clone());
        self.told.rings.push((self.now, key));
        self.todo.push_back(Todo::Reach(self.started));
        self.ringing.push(Ringer {
            id: self.started,
            until: arm.timeout.map(|timeout| self.now + timeout),
            arm,
            asked: None,
            due: None,
        });
        self.started += 1;
    }

    fn key(&self, id: usize) -> String {
        let ringer = self.ringing.iter().find(|ringer| ringer.id == id).unwrap();
        key(&ringer.arm.target)
    }
}

/// The reason that tells the caller most.
fn telling(causes: &[HangupCause]) -> HangupCause {
    let order = [
        HangupCause::Declined,
        HangupCause::Busy,
        HangupCause::NoAnswer,
        HangupCause::NetworkFailure,
    ];
    let told = order.into_iter().find(|cause| causes.contains(cause));
    told.unwrap_or(HangupCause::NoDevice)
}
