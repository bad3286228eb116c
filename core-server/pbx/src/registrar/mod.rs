//! The registrar of one extension (RFC 3261 §10, RFC 5626): at most five live bindings, the sixth only after the dead
//! have been found out (A47).
//!
//! | a REGISTER that …                         | is answered                                        |
//! |-------------------------------------------|----------------------------------------------------|
//! | asks (no Contact)                         | the device's bindings                              |
//! | refreshes or replaces its own binding     | the bindings                                       |
//! | removes (`Expires: 0`, or `*` with it)    | the bindings that are left of that device          |
//! | adds one while there is room              | the bindings                                       |
//! | adds a sixth                              | after probing the five: the bindings, or refused   |
//! | is older than what it wants to change     | refused as out of order (§10.3 step 7)             |

mod answer;
mod binding;
mod outbound;
mod registration;

use std::{collections::VecDeque, time::Duration};

use serde::{Deserialize, Serialize};
use wigwag_model::{DeviceId, limits};
use wigwag_sansio::{Machine, Now, Tick};
use wigwag_sip::transaction::{FlowId, ServerKey};

pub use answer::{Answer, Bound, Refusal};
pub use binding::{Binding, BindingKey, Reach};
pub use outbound::uses_outbound;
pub use registration::{Contact, Contacts, Registration};

/// How long the five have to show that they live before a sixth is judged.
const PROBE_TIME: Duration = Duration::from_secs(4);
/// Registrations that may wait for a probe at a time; further ones are refused at once.
const WAITING_REGISTRATIONS: usize = 8;

/// The bindings of one extension.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Registrar {
    bindings: Vec<Binding>,
    probe: Option<Probe>,
    outputs: VecDeque<Output>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Probe {
    unheard: Vec<BindingKey>,
    until: Tick,
    waiting: VecDeque<(ServerKey, Registration)>,
}

/// What can happen to an extension's registrations.
#[derive(Clone, Debug)]
pub enum Input {
    /// A device has proved itself and registers; `request` comes back with the answer.
    Register {
        /// Its server transaction.
        request: ServerKey,
        /// What it asks for.
        registration: Box<Registration>,
    },
    /// A probed binding answered, or certainly did not.
    Probed {
        /// Which.
        key: BindingKey,
        /// Whether it lives.
        alive: bool,
    },
    /// A connection is gone, and with it what is reachable over it only.
    FlowClosed(FlowId),
    /// A device's password was revoked.
    SignedOut(DeviceId),
    /// Bindings from before a restart.
    Restored(Vec<Binding>),
}

/// What an extension's registrar wants done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Output {
    /// Answer a REGISTER.
    Answer {
        /// Its server transaction.
        request: ServerKey,
        /// The answer.
        answer: Answer,
    },
    /// Ask a binding for a sign of life (OPTIONS), then feed [`Input::Probed`].
    Probe(Box<Binding>),
    /// A binding was made or refreshed: remember it over a restart; ring it when its extension rings.
    Bound {
        /// The binding.
        binding: Box<Binding>,
        /// Whether it was not there before.
        new: bool,
    },
    /// A binding has ended.
    Unbound(BindingKey),
}

impl Registrar {
    /// The live bindings, oldest first.
    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }

    /// Whether nothing is registered and nothing is going on, so that the machine can be dropped.
    pub fn is_idle(&self) -> bool {
        self.bindings.is_empty() && self.probe.is_none() && self.outputs.is_empty()
    }

    fn register(&mut self, request: ServerKey, registration: Registration, now: Now) {
        match self.judge(&registration) {
            Ok(()) => self.bind(request, registration, now),
            Err(Refusal::TooManyDevices) => self.probe_first(request, registration, now),
            Err(refusal) => self.refuse(request, refusal),
        }
    }

    /// Whether the registration can be carried out as things stand.
    fn judge(&self, registration: &Registration) -> Result<(), Refusal> {
        let Contacts::List(contacts) = &registration.contacts else {
            return Ok(());
        };
        let mut added = 0;
        for contact in contacts {
            match self.bindings.iter().find(|binding| binding.key == contact.key) {
                Some(binding) if registration.is_older_than(binding) => return Err(Refusal::OutOfOrder),
                Some(_) => {}
                None if contact.expires.is_zero() => {}
                None => added += 1,
            }
        }
        if self.bindings.len() + added > limits::BINDINGS_PER_EXTENSION && added > 0 {
            return Err(Refusal::TooManyDevices);
        }
        Ok(())
    }

    fn bind(&mut self, request: ServerKey, registration: Registration, now: Now) {
        let device_id = registration.device_id;
        match &registration.contacts {
            Contacts::None => {}
            Contacts::All => self.unbind(|binding| binding.device_id == device_id),
            Contacts::List(contacts) => {
                for contact in contacts {
                    if contact.expires.is_zero() {
                        self.unbind(|binding| binding.key == contact.key);
                    } else {
                        self.bind_one(registration.binding(contact, now));
                    }
                }
            }
        }
        let answer = Answer::bindings(
            self.bindings.iter().filter(|binding| binding.device_id == device_id),
            now,
        );
        self.outputs.push_back(Output::Answer { request, answer });
    }

    fn bind_one(&mut self, binding: Binding) {
        let place = self.bindings.iter_mut().find(|known| known.key == binding.key);
        let new = place.is_none();
        match place {
            Some(known) => *known = binding.clone(),
            None => self.bindings.push(binding.clone()),
        }
        self.outputs.push_back(Output::Bound {
            binding: Box::new(binding),
            new,
        });
    }

    fn unbind(&mut self, mut which: impl FnMut(&Binding) -> bool) {
        let outputs = &mut self.outputs;
        self.bindings.retain(|binding| {
            let leaves = which(binding);
            if leaves {
                outputs.push_back(Output::Unbound(binding.key.clone()));
            }
            !leaves
        });
    }

    fn refuse(&mut self, request: ServerKey, refusal: Refusal) {
        self.outputs.push_back(Output::Answer {
            request,
            answer: Answer::Refused(refusal),
        });
    }

    fn probe_first(&mut self, request: ServerKey, registration: Registration, now: Now) {
        if let Some(probe) = &mut self.probe {
            if probe.waiting.len() < WAITING_REGISTRATIONS {
                probe.waiting.push_back((request, registration));
            } else {
                self.refuse(request, Refusal::TooManyDevices);
            }
            return;
        }
        let unheard = self.bindings.iter().map(|binding| binding.key.clone()).collect();
        self.outputs.extend(
            self.bindings
                .iter()
                .map(|binding| Output::Probe(Box::new(binding.clone()))),
        );
        let waiting = VecDeque::from([(request, registration)]);
        self.probe = Some(Probe {
            unheard,
            until: now.tick + PROBE_TIME,
            waiting,
        });
    }

    fn probed(&mut self, key: &BindingKey, alive: bool, now: Now) {
        if !alive {
            self.unbind(|binding| binding.key == *key);
        }
        if let Some(probe) = &mut self.probe {
            probe.unheard.retain(|unheard| unheard != key);
            if probe.unheard.is_empty() || !alive {
                self.end_probe(now);
            }
        }
    }

    /// Judges the waiting registrations by what the probe has found; who is still silent at its end is dropped.
    fn end_probe(&mut self, now: Now) {
        let Some(probe) = self.probe.take() else { return };
        if probe.until <= now.tick {
            self.unbind(|binding| probe.unheard.contains(&binding.key));
        }
        for (request, registration) in probe.waiting {
            match self.judge(&registration) {
                Ok(()) => self.bind(request, registration, now),
                Err(refusal) => self.refuse(request, refusal),
            }
        }
    }
}

impl Machine for Registrar {
    type Input = Input;
    type Output = Output;

    fn handle(&mut self, input: Input, now: Now) {
        match input {
            Input::Register { request, registration } => self.register(request, *registration, now),
            Input::Probed { key, alive } => self.probed(&key, alive, now),
            Input::FlowClosed(flow) => self.unbind(|binding| binding.reach.flow == flow),
            Input::SignedOut(device) => self.unbind(|binding| binding.device_id == device),
            Input::Restored(bindings) => {
                let live = bindings.into_iter().filter(|binding| binding.expires > now.tick);
                self.bindings.extend(live.take(limits::BINDINGS_PER_EXTENSION));
            }
        }
    }

    fn handle_timeout(&mut self, now: Now) {
        self.unbind(|binding| binding.expires <= now.tick);
        if self.probe.as_ref().is_some_and(|probe| probe.until <= now.tick) {
            self.end_probe(now);
        }
    }

    fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn deadline(&self) -> Option<Tick> {
        let expiry = self.bindings.iter().map(|binding| binding.expires).min();
        [expiry, self.probe.as_ref().map(|probe| probe.until)]
            .into_iter()
            .flatten()
            .min()
    }
}

#[cfg(test)]
mod tests;
