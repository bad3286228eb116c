//! Whatever happens: never more than five, nobody who lives is lost, and every REGISTER is answered once.

use std::collections::BTreeSet;

use proptest::prelude::*;
use wigwag_model::limits;
use wigwag_sip::transaction::ServerKey;

use super::stage::{Phone, Stage, name};
use crate::registrar::{Input, Output};

const NAMES: [&str; 9] = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];

/// Something that happens.
#[derive(Clone, Debug)]
enum Step {
    Register(usize),
    Leave(usize),
    Star(usize),
    Ask(usize),
    /// Whether the phone answers probes from now on.
    Live(usize, bool),
    /// Its connection breaks; it registers over the next one.
    Break(usize),
    SignOut(usize),
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let phone = 0..NAMES.len();
    prop_oneof![
        6 => phone.clone().prop_map(Step::Register),
        1 => phone.clone().prop_map(Step::Leave),
        1 => phone.clone().prop_map(Step::Star),
        1 => phone.clone().prop_map(Step::Ask),
        3 => (phone.clone(), any::<bool>()).prop_map(|(phone, lives)| Step::Live(phone, lives)),
        1 => phone.clone().prop_map(Step::Break),
        1 => phone.prop_map(Step::SignOut),
        2 => (0u64..8).prop_map(Step::Pass),
    ]
}

/// The registrar and phones that answer its probes, or not.
struct World {
    stage: Stage,
    phones: Vec<Phone>,
    lives: Vec<bool>,
    asked: BTreeSet<ServerKey>,
    /// Probes to answer at the next step.
    probes: Vec<String>,
    /// Phones that have not answered a probe since they registered last.
    silent: BTreeSet<usize>,
}

impl World {
    fn new() -> Self {
        World {
            stage: Stage::new(),
            phones: (1..)
                .zip(NAMES)
                .map(|(number, name)| Phone::new(name, number))
                .collect(),
            lives: vec![true; NAMES.len()],
            asked: BTreeSet::new(),
            probes: Vec::new(),
            silent: BTreeSet::new(),
        }
    }

    fn take(&mut self, step: &Step) {
        let gone = match *step {
            Step::Register(phone) => self.register(phone, 3600),
            Step::Leave(phone) => self.register(phone, 0),
            Step::Star(phone) => {
                let registration = self.phones[phone].registration(&["*".into()], Some(0));
                self.ask(registration)
            }
            Step::Ask(phone) => {
                let registration = self.phones[phone].registration(&[], None);
                self.ask(registration)
            }
            Step::Live(phone, lives) => {
                self.lives[phone] = lives;
                Vec::new()
            }
            Step::Break(phone) => {
                let flow = self.phones[phone].reach().flow;
                self.phones[phone].connection += 100;
                let outputs = self.stage.put_raw(Input::FlowClosed(flow));
                self.see(outputs)
            }
            Step::SignOut(phone) => {
                let outputs = self.stage.put_raw(Input::SignedOut(self.phones[phone].device));
                self.see(outputs)
            }
            Step::Pass(seconds) => {
                let outputs = self.stage.run_raw(seconds);
                self.see(outputs)
            }
        };
        let own = match step {
            Step::Leave(phone) | Step::Star(phone) | Step::Break(phone) | Step::SignOut(phone) => Some(*phone),
            Step::Register(_) | Step::Ask(_) | Step::Live(..) | Step::Pass(_) => None,
        };
        for name in gone {
            let phone = NAMES.iter().position(|known| *known == name).expect("a known phone");
            let was_silent = self.silent.remove(&phone);
            assert!(own == Some(phone) || was_silent, "{name} lives and is lost");
        }
        self.answer_probes();
    }

    fn register(&mut self, phone: usize, expires: u32) -> Vec<String> {
        self.silent.remove(&phone);
        let contact = self.phones[phone].contact(expires);
        let registration = self.phones[phone].registration(&[contact], None);
        self.ask(registration)
    }

    fn ask(&mut self, registration: crate::registrar::Registration) -> Vec<String> {
        let (request, outputs) = self.stage.take_raw(registration);
        self.asked.insert(request);
        self.see(outputs)
    }

    /// Who lives answers its probe; of the others half are known to be dead, half are silent.
    fn answer_probes(&mut self) {
        for probed in std::mem::take(&mut self.probes) {
            let phone = NAMES.iter().position(|name| *name == probed).expect("a known phone");
            let (alive, key) = (self.lives[phone], self.phones[phone].key());
            if !alive {
                self.silent.insert(phone);
            }
            if alive || phone % 2 == 0 {
                let outputs = self.stage.put_raw(Input::Probed { key, alive });
                self.see(outputs);
            }
        }
    }

    /// Checks what must always be so, and tells who is gone.
    fn see(&mut self, outputs: Vec<Output>) -> Vec<String> {
        let mut gone = Vec::new();
        for output in outputs {
            match output {
                Output::Answer { request, .. } => assert!(self.asked.remove(&request), "each is answered once"),
                Output::Probe(binding) => self.probes.push(name(&binding.key)),
                Output::Unbound(key) => gone.push(name(&key)),
                Output::Bound { .. } => {}
            }
        }
        let names = self.stage.names();
        assert!(names.len() <= limits::BINDINGS_PER_EXTENSION, "never more than five");
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "nobody twice");
        gone
    }
}

proptest! {
    #[test]
    fn five_at_most_and_nobody_who_lives_is_lost(steps in prop::collection::vec(step(), 1..80)) {
        let mut world = World::new();
        steps.iter().for_each(|step| world.take(step));
        world.take(&Step::Pass(10));
        prop_assert!(world.asked.is_empty(), "every REGISTER is answered");
    }
}
