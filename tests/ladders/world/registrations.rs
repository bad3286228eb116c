//! The registrars of all extensions, driven as the switch does.

use std::{collections::BTreeMap, sync::Arc};

use wigwag_model::ExtensionId;
use wigwag_pbx::registrar::{Answer, Binding, Bound, Input, Output, Registrar};
use wigwag_sansio::{Now, Tick, testing::FreezeThaw};
use wigwag_sip::{
    transaction::ServerKey,
    wire::{
        Request, Response, ResponseBuilder, StatusCode,
        header::{Contact, NameAddr},
    },
};

/// All registrars, and the REGISTERs that wait for their answer.
#[derive(Debug, Default)]
pub(crate) struct Registrations {
    registrars: BTreeMap<ExtensionId, FreezeThaw<Registrar>>,
    waiting: BTreeMap<ServerKey, Request>,
}

/// What follows from a step of a registrar.
#[derive(Debug)]
pub(crate) enum Followup {
    Answer(ServerKey, Response),
    Probe(ExtensionId, Arc<Binding>),
    Bound(ExtensionId, Arc<Binding>),
}

impl Registrations {
    pub(crate) fn bindings(&self, extension: ExtensionId) -> &[Arc<Binding>] {
        self.registrars.get(&extension).map_or(&[], |it| it.inner().bindings())
    }

    /// Remembers a REGISTER until it is answered.
    pub(crate) fn wait(&mut self, key: ServerKey, request: Request) {
        self.waiting.insert(key, request);
    }

    pub(crate) fn turn(&mut self, extension: ExtensionId, input: Input, now: Now) -> Vec<Followup> {
        let registrar = self
            .registrars
            .entry(extension)
            .or_insert_with(|| FreezeThaw::new(Registrar::default()));
        let outputs = registrar.handle(input, now);
        self.follow(extension, outputs)
    }

    pub(crate) fn turn_all(&mut self, input: &Input, now: Now) -> Vec<Followup> {
        let all: Vec<ExtensionId> = self.registrars.keys().copied().collect();
        all.into_iter()
            .flat_map(|id| self.turn(id, input.clone(), now))
            .collect()
    }

    pub(crate) fn wake(&mut self, now: Now) -> Vec<Followup> {
        let due = |it: &FreezeThaw<Registrar>| it.deadline().is_some_and(|at| at <= now.tick);
        let mut all = Vec::new();
        for (id, registrar) in self.registrars.iter_mut().filter(|(_, it)| due(it)) {
            all.push((*id, registrar.handle_timeout(now)));
        }
        all.into_iter()
            .flat_map(|(id, outputs)| self.follow(id, outputs))
            .collect()
    }

    pub(crate) fn deadline(&self) -> Option<Tick> {
        self.registrars.values().filter_map(FreezeThaw::deadline).min()
    }

    fn follow(&mut self, extension: ExtensionId, outputs: Vec<Output>) -> Vec<Followup> {
        let follow = |output| match output {
            Output::Answer { request, answer } => {
                let register = self.waiting.remove(&request)?;
                Some(Followup::Answer(request, response(&register, answer)))
            }
            Output::Probe(binding) => Some(Followup::Probe(extension, binding)),
            Output::Bound { binding, .. } => Some(Followup::Bound(extension, binding)),
            Output::Unbound(_) => None,
        };
        outputs.into_iter().filter_map(follow).collect()
    }
}

fn response(register: &Request, answer: Answer) -> Response {
    match answer {
        Answer::Bindings(contacts) => {
            let reply = Response::reply_to(register, StatusCode::OK).to_tag("registrar");
            let add = |reply: ResponseBuilder, bound: Bound| {
                let left = bound.left.as_secs().to_string();
                let address = NameAddr::new(bound.contact).with_param("expires", &left);
                reply.header(&Contact::new(address))
            };
            contacts.into_iter().fold(reply, add).build()
        }
        Answer::Refused(refusal) => {
            let status = StatusCode::new(refusal.status().0).unwrap();
            Response::reply_to(register, status).to_tag("registrar").build()
        }
    }
}
