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
//! | brings a probed one back                  | the bindings; it counts as heard                   |
//! | is older than what it wants to change     | refused as out of order (§10.3 step 7)             |

mod answer;
mod binding;
mod outbound;
mod registration;

use std::{
    collections::{BTreeSet, VecDeque},
    mem,
    sync::Arc,
    time::Duration,
};

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

/// The bindings of one extension; small while nothing is going on, since there is one for each registered phone.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Registrar {
    bindings: Vec<Arc<Binding>>,
    probe: Option<Box<Probe>>,
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
    Probe(Arc<Binding>),
    /// A binding was made or refreshed: remember it over a restart; ring it when its extension rings.
    Bound {
        /// The binding.
        binding: Arc<Binding>,
        /// Whether it was not there before.
        new: bool,
    },
    /// A binding has ended.
    Unbound(BindingKey),
}

impl Registrar {
    /// The live bindings, oldest first.
    pub fn bindings(&self) -> &[Arc<Binding>] {
        &self.bindings
    }

    /// Whether nothing is registered and nothing is going on, so that the machine can be dropped.
    pub fn is_idle(&self) -> bool {
        self.bindings.is_empty() && self.probe.is_none() && self.outputs.is_empty()
    }

    fn register(&mut self, request: ServerKey, registration: Registration, now: Now) {
        self.heard(&registration);
        match self.judge(&registration) {
            Ok(()) => self.bind(request, registration, now),
            Err(Refusal::TooManyDevices) => self.probe_first(request, registration, now),
            Err(refusal) => self.refuse(request, refusal),
        }
    }

    /// Who registers anew needs no probe any more.
    fn heard(&mut self, registration: &Registration) {
        if let (Some(probe), Contacts::List(contacts)) = (&mut self.probe, &registration.contacts) {
            let is_unheard = |key: &BindingKey| !contacts.iter().any(|contact| contact.key == *key);
            probe.unheard.retain(is_unheard);
        }
    }

    /// Whether the registration can be carried out as things stand.
    fn judge(&self, registration: &Registration) -> Result<(), Refusal> {
        let (contacts, device_id): (&[Contact], _) = match &registration.contacts {
            Contacts::None => return Ok(()),
            Contacts::All => (&[], Some(registration.device_id)),
            Contacts::List(contacts) => (contacts, None),
        };
        let is_changed = |binding: &&Arc<Binding>| {
            device_id == Some(binding.device_id) || contacts.iter().any(|contact| contact.key == binding.key)
        };
        let mut changed = self.bindings.iter().filter(is_changed);
        if changed.any(|binding| registration.is_older_than(binding)) {
            return Err(Refusal::OutOfOrder);
        }
        let mut keys: BTreeSet<&BindingKey> = self.bindings.iter().map(|binding| &binding.key).collect();
        for contact in contacts {
            if contact.expires.is_zero() {
                keys.remove(&contact.key);
            } else {
                keys.insert(&contact.key);
            }
        }
        if keys.len() > limits::BINDINGS_PER_EXTENSION {
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
                        self.bind_one(Arc::new(registration.binding(contact, now)));
                    }
                }
            }
        }
        let own = self.bindings.iter().filter(|binding| binding.device_id == device_id);
        let answer = Answer::bindings(own.map(Arc::as_ref), now);
        self.outputs.push_back(Output::Answer { request, answer });
    }

    fn bind_one(&mut self, binding: Arc<Binding>) {
        let place = self.bindings.iter_mut().find(|known| known.key == binding.key);
        let new = place.is_none();
        match place {
            Some(known) => *known = binding.clone(),
            None => self.bindings.push(binding.clone()),
        }
        self.outputs.push_back(Output::Bound { binding, new });
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
        self.outputs.extend(self.bindings.iter().cloned().map(Output::Probe));
        let waiting = VecDeque::from([(request, registration)]);
        self.probe = Some(Box::new(Probe {
            unheard,
            until: now.tick + PROBE_TIME,
            waiting,
        }));
    }

    fn probed(&mut self, key: &BindingKey, alive: bool) {
        let Some(probe) = &mut self.probe else { return };
        let known = probe.unheard.len();
        probe.unheard.retain(|unheard| unheard != key);
        if probe.unheard.len() < known && !alive {
            self.unbind(|binding| binding.key == *key);
        }
    }

    /// Carries out the waiting registrations for which there is room now. The others are refused once every binding has
    /// been heard or has had its time; who is silent then is dropped.
    fn admit_waiting(&mut self, now: Now) {
        let Some(mut probe) = self.probe.take() else { return };
        if probe.until <= now.tick {
            self.unbind(|binding| probe.unheard.contains(&binding.key));
            probe.unheard.clear();
        }
        for (request, registration) in mem::take(&mut probe.waiting) {
            match self.judge(&registration) {
                Ok(()) => self.bind(request, registration, now),
                Err(Refusal::TooManyDevices) if !probe.unheard.is_empty() => {
                    probe.waiting.push_back((request, registration));
                }
                Err(refusal) => self.refuse(request, refusal),
            }
        }
        if !probe.waiting.is_empty() {
            self.probe = Some(probe);
        }
    }

    /// Takes what was bound before a restart, unless it has expired or registered anew meanwhile.
    fn restore(&mut self, bindings: Vec<Binding>, now: Now) {
        for binding in bindings.into_iter().filter(|binding| binding.expires > now.tick) {
            let is_known = self.bindings.iter().any(|known| known.key == binding.key);
            if !is_known && self.bindings.len() < limits::BINDINGS_PER_EXTENSION {
                self.bindings.push(Arc::new(binding));
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
            Input::Probed { key, alive } => self.probed(&key, alive),
            Input::FlowClosed(flow) => self.unbind(|binding| binding.reach.flow == flow),
            Input::SignedOut(device) => self.unbind(|binding| binding.device_id == device),
            Input::Restored(bindings) => self.restore(bindings, now),
        }
        self.admit_waiting(now);
    }

    fn handle_timeout(&mut self, now: Now) {
        self.unbind(|binding| binding.expires <= now.tick);
        self.admit_waiting(now);
    }

    fn poll(&mut self) -> Option<Output> {
        let output = self.outputs.pop_front();
        if output.is_none() {
            self.outputs = VecDeque::new();
        }
        output
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
