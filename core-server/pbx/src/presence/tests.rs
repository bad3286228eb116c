//! Lamps on facts, the board frozen and thawed at every step.

use wigwag_model::{CallDirection, CallEvent, CallId, ExtensionId, HangupCause, LegId, LegRole, Party, TenantId};
use wigwag_sansio::{Entropy, Now, Pii, Utc, testing::FreezeThaw};

use super::{Input, Messages, Output, PresenceBoard};
use crate::Home;

struct Stage {
    board: FreezeThaw<PresenceBoard>,
    entropy: Entropy,
    tenant: TenantId,
    ids: Vec<(&'static str, Home)>,
    /// Everything that calls told, for a replay.
    told: Vec<Input>,
}

impl Stage {
    /// A company whose extensions 201, 202 and 203 have a phone each.
    fn new() -> Stage {
        let mut entropy = Entropy::from_number(1);
        let at = Utc::from_millis(0);
        let tenant = TenantId::new(at, &mut entropy);
        let ids = ["201", "202", "203"].map(|number| {
            let home = Home {
                tenant_id: tenant,
                extension_id: ExtensionId::new(at, &mut entropy),
            };
            (number, home)
        });
        let mut stage = Stage {
            board: FreezeThaw::new(PresenceBoard::default()),
            entropy,
            tenant,
            ids: ids.to_vec(),
            told: Vec::new(),
        };
        for (_, home) in stage.ids.clone() {
            stage.turn(phones(home, 1));
        }
        stage
    }

    fn home(&self, number: &str) -> Home {
        let found = self.ids.iter().find(|(known, _)| *known == number);
        found.expect("a number of this stage").1
    }

    fn party(&self, number: &'static str) -> Party {
        Party {
            name: None,
            number: Pii::new(number.into()),
            extension: self
                .ids
                .iter()
                .find(|(known, _)| *known == number)
                .map(|(_, home)| (home.extension_id, number.parse().expect("a number"))),
        }
    }

    /// `caller` dials `callee`, whose phone is being reached on leg 1.
    fn dials(&mut self, caller: &'static str, callee: &'static str) -> (CallId, Vec<String>) {
        let call = CallId::new(Utc::from_millis(1), &mut self.entropy);
        let attempted = CallEvent::Attempted {
            caller: self.party(caller),
            dialled: Pii::new(callee.into()),
            direction: CallDirection::Internal,
        };
        let mut changes = self.tell(call, attempted);
        changes.extend(self.starts(call, 0, LegRole::Caller, caller));
        let callee_party = self.party(callee);
        changes.extend(self.tell(call, CallEvent::Addressed { callee: callee_party }));
        changes.extend(self.starts(call, 1, LegRole::Callee, callee));
        // First the number that was dialled, then whose it is: both print alike.
        changes.dedup();
        (call, changes)
    }

    fn starts(&mut self, call: CallId, leg: u16, role: LegRole, number: &str) -> Vec<String> {
        let extension_id = Some(self.home(number).extension_id);
        let started = CallEvent::LegStarted {
            leg: LegId(leg),
            role,
            extension_id,
            device_id: None,
            gateway_id: None,
            address: Pii::new(String::new()),
        };
        self.tell(call, started)
    }

    fn rings(&mut self, call: CallId, leg: u16) -> Vec<String> {
        self.tell(call, CallEvent::LegRinging { leg: LegId(leg) })
    }

    fn answers(&mut self, call: CallId, leg: u16) -> Vec<String> {
        self.tell(call, CallEvent::LegAnswered { leg: LegId(leg) })
    }

    fn leaves(&mut self, call: CallId, leg: u16) -> Vec<String> {
        let cause = HangupCause::NormalClearing;
        self.tell(call, CallEvent::LegEnded { leg: LegId(leg), cause })
    }

    fn ends(&mut self, call: CallId) -> Vec<String> {
        let cause = HangupCause::NormalClearing;
        self.tell(call, CallEvent::Ended { cause })
    }

    fn tell(&mut self, call_id: CallId, event: CallEvent) -> Vec<String> {
        let input = Input::Call {
            tenant_id: self.tenant,
            call_id,
            event,
        };
        self.told.push(input.clone());
        self.turn(input)
    }

    /// What changed, such as `201 Ringing: Ringing from 202`.
    fn turn(&mut self, input: Input) -> Vec<String> {
        let outputs = self.board.handle(input, Now::default());
        outputs.iter().map(|output| self.line(output)).collect()
    }

    fn line(&self, Output::Changed { of, state }: &Output) -> String {
        let number = self.ids.iter().find(|(_, home)| home == of).expect("known").0;
        let calls = state.calls.iter().map(|call| {
            let way = if call.is_outgoing { "to" } else { "from" };
            let peer = call.peer.as_ref().expect("known");
            format!("{:?} {way} {}", call.stage, peer.number.expose())
        });
        let calls: Vec<String> = calls.collect();
        let mut line = format!("{number} {:?}", state.presence);
        if !calls.is_empty() {
            line += &format!(": {}", calls.join(", "));
        }
        if let Some(Messages { new, old }) = state.messages {
            line += &format!(" {new}/{old}");
        }
        line
    }
}

fn phones(of: Home, registered: usize) -> Input {
    Input::Phones { of, registered }
}

#[test]
fn s243_to_s246_a_lamp_follows_a_call_from_dialling_to_its_end() {
    let mut stage = Stage::new();
    let (call, changes) = stage.dials("201", "202");
    assert_eq!(changes, ["201 Busy: Dialling to 202"]);
    assert_eq!(stage.rings(call, 1), ["202 Ringing: Ringing from 201"]);
    assert_eq!(stage.answers(call, 1), ["202 Busy: Talking from 201"]);
    assert_eq!(stage.answers(call, 0), ["201 Busy: Talking to 202"]);
    assert_eq!(stage.leaves(call, 0), ["201 Free"]);
    assert_eq!(stage.leaves(call, 1), ["202 Free"]);
    assert!(stage.ends(call).is_empty());
}

#[test]
fn an_extension_without_phones_is_unknown_unless_it_is_on_a_call() {
    let mut stage = Stage::new();
    let home = stage.home("202");
    let (call, _) = stage.dials("201", "202");
    stage.rings(call, 1);
    assert!(stage.turn(phones(home, 0)).is_empty());
    assert_eq!(stage.leaves(call, 1), ["202 Unknown"]);
    assert_eq!(stage.turn(phones(home, 2)), ["202 Free"]);
    assert!(stage.turn(phones(home, 1)).is_empty());
}

#[test]
fn with_two_calls_one_end_leaves_the_other() {
    let mut stage = Stage::new();
    let (first, _) = stage.dials("201", "202");
    stage.answers(first, 1);
    let (second, _) = stage.dials("203", "202");
    assert_eq!(stage.rings(second, 1), ["202 Busy: Talking from 201, Ringing from 203"]);
    stage.answers(second, 1);
    assert!(stage.ends(first).contains(&"202 Busy: Talking from 203".into()));
    assert!(stage.ends(second).contains(&"202 Free".into()));
}

#[test]
fn one_call_at_two_phones_is_one_call() {
    let mut stage = Stage::new();
    let (call, _) = stage.dials("201", "202");
    assert!(stage.starts(call, 2, LegRole::Callee, "202").is_empty());
    assert_eq!(stage.rings(call, 1).len(), 1);
    assert!(stage.rings(call, 2).is_empty());
    assert_eq!(stage.answers(call, 2), ["202 Busy: Talking from 201"]);
    assert!(stage.leaves(call, 1).is_empty(), "the other phone stops ringing");
}

#[test]
fn who_calls_its_own_extension_is_on_a_call() {
    let mut stage = Stage::new();
    let (call, changes) = stage.dials("201", "201");
    assert_eq!(changes, ["201 Busy: Dialling to 201"]);
    assert!(stage.rings(call, 1).is_empty());
    assert_eq!(stage.ends(call), ["201 Free"]);
}

#[test]
fn do_not_disturb_shows_when_nothing_else_does() {
    let mut stage = Stage::new();
    let of = stage.home("202");
    let quiet = |wanted| Input::DoNotDisturb { of, wanted };
    assert_eq!(stage.turn(quiet(true)), ["202 DoNotDisturb"]);
    assert!(stage.turn(phones(of, 0)).is_empty());
    let (call, _) = stage.dials("202", "203");
    assert_eq!(stage.ends(call), ["202 DoNotDisturb"]);
    assert_eq!(stage.turn(quiet(false)), ["202 Unknown"]);
}

#[test]
fn messages_are_counted() {
    let mut stage = Stage::new();
    let of = stage.home("201");
    let messages = |waiting| Input::Messages { of, waiting };
    let two = Some(Messages { new: 2, old: 1 });
    assert_eq!(stage.turn(messages(two)), ["201 Free 2/1"]);
    assert!(stage.turn(messages(two)).is_empty());
    assert_eq!(stage.turn(messages(None)), ["201 Free"]);
}

#[test]
fn a_new_board_is_right_once_it_has_heard_of_the_live_calls() {
    let mut stage = Stage::new();
    let (first, _) = stage.dials("201", "202");
    stage.answers(first, 1);
    let (second, _) = stage.dials("203", "202");
    stage.rings(second, 1);
    let told = std::mem::take(&mut stage.told);
    let before: Vec<_> = stage
        .ids
        .iter()
        .map(|(_, home)| stage.board.inner().state(*home))
        .collect();
    stage.board = FreezeThaw::new(PresenceBoard::default());
    for (_, home) in stage.ids.clone() {
        stage.turn(phones(home, 1));
    }
    told.into_iter().for_each(|input| drop(stage.turn(input)));
    let after: Vec<_> = stage
        .ids
        .iter()
        .map(|(_, home)| stage.board.inner().state(*home))
        .collect();
    assert_eq!(before, after);
}

#[test]
fn nothing_is_remembered_of_what_is_over() {
    let mut stage = Stage::new();
    for _ in 0..50 {
        let (call, _) = stage.dials("201", "202");
        stage.rings(call, 1);
        stage.ends(call);
        stage.rings(call, 1);
        stage.ends(call);
    }
    for (_, home) in stage.ids.clone() {
        stage.turn(phones(home, 0));
    }
    let empty = format!("{:?}", PresenceBoard::default());
    assert_eq!(format!("{:?}", stage.board.inner()), empty);
}

#[test]
fn a_hundred_calls_at_once_are_counted_and_sixteen_listed() {
    let mut stage = Stage::new();
    let calls: Vec<CallId> = (0..100)
        .map(|_| {
            let (call, _) = stage.dials("201", "202");
            stage.rings(call, 1);
            call
        })
        .collect();
    assert_eq!(stage.board.inner().state(stage.home("202")).calls.len(), 16);
    for call in calls {
        stage.ends(call);
    }
    assert_eq!(stage.board.inner().state(stage.home("202")).calls.len(), 0);
}
