//! What a call wants done, done as its task would do it.

use std::collections::VecDeque;

use wigwag_model::{CallEvent, HangupCause, JournalEntry, LegId, MediaFigures};
use wigwag_pbx::{
    call::{Input, MediaCommand, NoPlace, Note, Observed, Output, Phone, PinVerdict, Prompt, SipAction},
    routing::Target,
};
use wigwag_sansio::Now;
use wigwag_sip::{
    session::{self, RequestToken},
    transaction::{ClientKey, Failure, Layer},
    wire::{Method, Request},
};

use super::{
    drawing,
    exchange::{Exchange, Out, Owner, phone},
    network::Wire,
};

impl Exchange {
    /// The facts first, then everything else; replies that are there at once are fed back.
    pub(super) fn carry_out(&mut self, number: u64, outputs: Vec<Output>, now: Now) {
        let mut waiting = VecDeque::from([outputs]);
        while let Some(outputs) = waiting.pop_front() {
            outputs.iter().for_each(|output| self.record(number, output));
            for output in outputs {
                let reply = self.act(number, output, now);
                if let Some(input) = reply
                    && let Some(running) = self.calls.get_mut(&number)
                {
                    waiting.push_back(running.call.handle(input, now));
                }
            }
        }
    }

    fn record(&mut self, number: u64, output: &Output) {
        let Output::Journal {
            sequence,
            elapsed_ms,
            event,
        } = output
        else {
            return;
        };
        let running = self.calls.get_mut(&number).expect("a call that acts is not over");
        assert_eq!(*sequence, running.next_sequence, "facts are numbered without a gap");
        running.next_sequence += 1;
        if matches!(event, CallEvent::Merged { .. } | CallEvent::Ended { .. }) {
            running.lines.clear();
        }
        let entry = JournalEntry {
            tenant_id: self.office.tenant_id,
            call_id: running.id,
            sequence: *sequence,
            started_at: running.started_at,
            elapsed_ms: *elapsed_ms,
            event: event.clone(),
        };
        self.records.extend(self.fold.take(entry));
        self.merged += u64::from(matches!(event, CallEvent::Merged { .. }));
        let fact = drawing::fact(event, &self.office);
        self.tell("fact", &fact);
    }

    fn act(&mut self, number: u64, output: Output, now: Now) -> Option<Input> {
        match output {
            Output::Journal { .. } => None,
            Output::Note(note) => {
                self.note(&note);
                None
            }
            Output::Reach { arm, target } => {
                let phones = self.reach(number, &target);
                Some(Input::Reached { arm, phones })
            }
            Output::Decide(question) => {
                let (answer, trace) = question.answer(&self.office.snapshot, now.utc);
                trace.iter().for_each(|step| self.tell("plan", &step.to_string()));
                Some(Input::Decided(answer))
            }
            Output::CheckPin { of, digits } => {
                let pin = self.office.snapshot.handling().pin(of);
                let is_right = pin.is_some_and(|pin| pin.expose() == digits.expose());
                let verdict = if is_right { PinVerdict::Right } else { PinVerdict::Wrong };
                Some(Input::PinChecked(verdict))
            }
            Output::Change(_) => Some(Input::Changed(Ok(()))),
            Output::Sip { leg, reach, action } => {
                let wire = Wire::of(&reach);
                self.send(number, leg, &wire, action, now)
            }
            Output::Media(command) => {
                // Said of every phone that answers, and so not worth a line.
                if !matches!(command, MediaCommand::Listen { .. }) {
                    self.tell("sound", &drawing::media(&command));
                }
                let sounds = self.calls.get(&number).map(|running| running.sounds.clone());
                self.media.obey((number, &sounds.unwrap_or_default()), &command);
                match command {
                    MediaCommand::Open { leg, .. } => Some(Input::Opened {
                        leg,
                        ports: self.media.open((number, leg)),
                    }),
                    MediaCommand::Close { leg } => {
                        let observed = Observed::Measured(MediaFigures::default());
                        self.mail.push_back((number, Input::Media { leg, observed }));
                        None
                    }
                    MediaCommand::Configure { .. }
                    | MediaCommand::Bridge { .. }
                    | MediaCommand::Echo { .. }
                    | MediaCommand::Part { .. }
                    | MediaCommand::Confer { .. }
                    | MediaCommand::Listen { .. }
                    | MediaCommand::Stop { .. } => None,
                    MediaCommand::Play { leg, prompt } => {
                        let ends = !matches!(prompt, Prompt::Ringback | Prompt::HoldMusic | Prompt::ParkedAt(_));
                        let observed = Observed::Played;
                        self.mail
                            .extend(ends.then_some((number, Input::Media { leg, observed })));
                        None
                    }
                }
            }
            Output::HandOver { leg, sought } => self.hand_over(number, leg, &sought, now),
            Output::Park { wish } => {
                let place = self.parking.park(wish, number).ok_or(NoPlace);
                Some(Input::Placed(place))
            }
            Output::Unpark => {
                self.unpark(number);
                None
            }
            Output::Finished => {
                self.calls.remove(&number);
                self.by_tag.retain(|_, (call, _)| *call != number);
                self.by_invite.retain(|_, call| *call != number);
                None
            }
        }
    }

    fn note(&mut self, note: &Note) {
        self.tell("note", &note.to_string());
    }

    /// The extension's phones, unless all its lines are in use (A20).
    fn reach(&mut self, number: u64, target: &Target) -> Result<Vec<Phone>, HangupCause> {
        let Target::Extension(id) = *target else {
            return Err(HangupCause::NetworkFailure);
        };
        let extension = self.office.snapshot.extension(id).ok_or(HangupCause::UnknownNumber)?;
        let caller = self.calls[&number].call.inner().caller_device();
        let bindings = self.registrations.bindings(id).iter();
        let others = bindings.filter(|binding| Some(binding.device_id) != caller);
        let phones: Vec<Phone> = others.map(|binding| phone(id, binding)).collect();
        if phones.is_empty() {
            return Err(HangupCause::NoDevice);
        }
        let in_use = self
            .calls
            .values()
            .flat_map(|running| &running.lines)
            .filter(|line| **line == id);
        if in_use.count() > usize::from(extension.call_waiting) {
            return Err(HangupCause::Busy);
        }
        self.calls.get_mut(&number).unwrap().lines.push(id);
        Ok(phones)
    }

    fn send(&mut self, number: u64, leg: LegId, wire: &Wire, action: SipAction, now: Now) -> Option<Input> {
        self.register_tags(number);
        match action {
            SipAction::Request { token, request } => {
                let key = self.request(Owner::Leg(number, leg, token), &request, wire, now);
                let Some(key) = key else {
                    let failure = Failure::Transport;
                    let input = session::Input::Failed { token, failure };
                    return Some(Input::Sip { leg, input });
                };
                self.remember(number, (leg, token, key), &request);
            }
            SipAction::Cancel { token, reasons } => {
                let invites = &self.calls[&number].invites;
                let invite = invites.iter().find(|(id, known, _)| (*id, *known) == (leg, token));
                if let Some((_, _, key)) = invite.copied() {
                    let reason = reasons.into_iter().next();
                    let ((), outputs) = self.layer.act(|layer| layer.cancel(key, reason.clone(), now));
                    self.settle(outputs, None, now);
                }
            }
            SipAction::Ack(request) => {
                let (branch, outputs) = self.layer.act(Layer::stateless_branch);
                self.settle(outputs, None, now);
                let hop = wire.to_phone();
                let bytes = request.with_via(&hop.via(&branch)).bytes().clone();
                self.out.push(Out::Send(hop.flow, bytes));
            }
            SipAction::Respond { key, response } => self.respond(key, response, now),
        }
        None
    }

    /// Sends a request, unless its connection is gone.
    pub(super) fn request(&mut self, owner: Owner, request: &Request, wire: &Wire, now: Now) -> Option<ClientKey> {
        if wire
            .connection()
            .is_some_and(|connection| self.closed.contains(&connection))
        {
            return None;
        }
        let hop = wire.to_phone();
        let send = |layer: &mut Layer<Owner>| layer.request(owner.clone(), request, hop.clone(), now);
        let (key, outputs) = self.layer.act(send);
        self.settle(outputs, None, now);
        key.ok()
    }

    fn remember(&mut self, number: u64, invite: (LegId, RequestToken, ClientKey), request: &Request) {
        if *request.method() == Method::Invite {
            let invites = &mut self.calls.get_mut(&number).unwrap().invites;
            invites.retain(|(leg, _, _)| *leg != invite.0);
            invites.push(invite);
        }
    }

    pub(super) fn register_tags(&mut self, number: u64) {
        let Some(running) = self.calls.get_mut(&number) else {
            return;
        };
        for (leg, key) in running.call.inner().sessions() {
            if running.tagged.insert(leg) {
                self.by_tag.insert(key.local_tag.clone(), (number, leg));
            }
        }
    }
}
