//! An extension's registrar on virtual time, and phones that register with it.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use wigwag_model::DeviceId;
use wigwag_sansio::{
    Entropy, Now, Pii, Utc,
    testing::{FreezeThaw, VirtualClock},
};
use wigwag_sip::{
    transaction::{FlowId, Link, ServerKey},
    wire::{
        HeaderName, Method, Request,
        header::{CSeq, CallId, MaxForwards, Transport},
    },
};

use crate::registrar::{Answer, Binding, BindingKey, Bound, Input, Output, Reach, Refusal, Registrar, Registration};

/// A registrar under test.
pub(super) struct Stage {
    machine: FreezeThaw<Registrar>,
    clock: VirtualClock,
    requests: u64,
}

/// A phone with a connection and a device of its own.
#[derive(Clone, Debug)]
pub(super) struct Phone {
    pub(super) name: &'static str,
    pub(super) device: DeviceId,
    pub(super) connection: u64,
    cseq: u32,
}

impl Phone {
    pub(super) fn new(name: &'static str, number: u64) -> Self {
        Phone {
            name,
            device: DeviceId::new(Utc::from_millis(0), &mut Entropy::from_number(number)),
            connection: number,
            cseq: 0,
        }
    }

    pub(super) fn key(&self) -> BindingKey {
        BindingKey::of_instance(&format!("<{}>", self.name), None)
    }

    pub(super) fn reach(&self) -> Reach {
        reach(self.connection)
    }

    /// Its next REGISTER, with these Contact headers.
    pub(super) fn registration(&mut self, contacts: &[String], expires: Option<u32>) -> Registration {
        self.cseq += 1;
        self.registration_again(contacts, expires)
    }

    /// A REGISTER with the number of the last one.
    pub(super) fn registration_again(&self, contacts: &[String], expires: Option<u32>) -> Registration {
        let request = register(self.name, self.cseq, contacts, expires);
        Registration::read(&request, self.device, self.reach(), |_| false).expect("phones register well")
    }

    /// Its Contact header.
    pub(super) fn contact(&self, expires: u32) -> String {
        let name = self.name;
        format!("<sip:{name}@192.0.2.9>;expires={expires};+sip.instance=\"<{name}>\"")
    }
}

impl Stage {
    pub(super) fn new() -> Self {
        Stage {
            machine: FreezeThaw::new(Registrar::default()),
            clock: VirtualClock::default(),
            requests: 0,
        }
    }

    /// A stage on which these phones have registered for an hour.
    pub(super) fn with(phones: &mut [Phone]) -> Self {
        let mut stage = Stage::new();
        for phone in phones {
            stage.register(phone, 3600);
        }
        stage
    }

    pub(super) fn now(&self) -> Now {
        self.clock.now()
    }

    pub(super) fn bindings(&self) -> &[Arc<Binding>] {
        self.machine.inner().bindings()
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.bindings().iter().map(|binding| name(&binding.key)).collect()
    }

    pub(super) fn is_idle(&self) -> bool {
        self.machine.inner().is_idle()
    }

    pub(super) fn register(&mut self, phone: &mut Phone, expires: u32) -> Vec<String> {
        let contact = phone.contact(expires);
        self.take(phone.registration(&[contact], None))
    }

    pub(super) fn take(&mut self, registration: Registration) -> Vec<String> {
        let (_, outputs) = self.take_raw(registration);
        outputs.iter().map(words).collect()
    }

    pub(super) fn take_raw(&mut self, registration: Registration) -> (ServerKey, Vec<Output>) {
        self.requests += 1;
        let request = ServerKey::new(0, self.requests);
        let registration = Box::new(registration);
        (request, self.put_raw(Input::Register { request, registration }))
    }

    pub(super) fn put(&mut self, input: Input) -> Vec<String> {
        self.put_raw(input).iter().map(words).collect()
    }

    pub(super) fn put_raw(&mut self, input: Input) -> Vec<Output> {
        self.machine.handle(input, self.clock.now())
    }

    pub(super) fn probed(&mut self, phone: &Phone, alive: bool) -> Vec<String> {
        let key = phone.key();
        self.put(Input::Probed { key, alive })
    }

    /// Time passes; what its timers cause.
    pub(super) fn run(&mut self, seconds: u64) -> Vec<String> {
        self.run_raw(seconds).iter().map(words).collect()
    }

    pub(super) fn run_raw(&mut self, seconds: u64) -> Vec<Output> {
        let end = self.clock.now().tick + Duration::from_secs(seconds);
        let mut outputs = Vec::new();
        while let Some(due) = self.machine.deadline().filter(|due| *due <= end) {
            let now = self.clock.advance_to(due);
            outputs.extend(self.machine.handle_timeout(now));
        }
        self.clock.advance_to(end);
        outputs
    }
}

/// A REGISTER with these Contact headers.
pub(super) fn register(call_id: &str, cseq: u32, contacts: &[String], expires: Option<u32>) -> Request {
    let request = Request::builder(Method::Register, "sip:pbx.example")
        .raw(HeaderName::Via, "SIP/2.0/TLS 192.0.2.9:5061;branch=z9hG4bK1")
        .raw(HeaderName::Supported, "path, outbound")
        .header(&MaxForwards::new(70))
        .raw(HeaderName::From, "<sip:201000@pbx.example>;tag=1")
        .raw(HeaderName::To, "<sip:201000@pbx.example>")
        .header(&CallId::new(call_id).expect("a word"))
        .header(&CSeq::new(cseq, Method::Register));
    let request = contacts
        .iter()
        .fold(request, |request, contact| request.raw(HeaderName::Contact, contact));
    match expires {
        Some(seconds) => request.raw(HeaderName::Expires, seconds.to_string()).build(),
        None => request.build(),
    }
}

/// A phone's way to us over a connection.
pub(super) fn reach(connection: u64) -> Reach {
    Reach {
        flow: FlowId {
            node: 0,
            link: Link::Connection(connection),
        },
        transport: Transport::Tls,
        local: SocketAddr::from(([192, 0, 2, 1], 5061)),
        remote: Pii::new(SocketAddr::from(([192, 0, 2, 9], 5061))),
    }
}

pub(super) fn name(key: &BindingKey) -> String {
    let text = key.as_str().trim_start_matches('<');
    text.split('>').next().unwrap_or(text).to_string()
}

/// An output in words.
fn words(output: &Output) -> String {
    match output {
        Output::Answer {
            answer: Answer::Bindings(contacts),
            ..
        } => {
            let contact = |bound: &Bound| {
                let user = bound.contact.user().unwrap_or_default();
                format!(" {user}:{}", bound.left.as_secs())
            };
            format!("200{}", contacts.iter().map(contact).collect::<String>())
        }
        Output::Answer {
            answer: Answer::Refused(refusal),
            ..
        } => refused(*refusal),
        Output::Probe(binding) => format!("probe {}", name(&binding.key)),
        Output::Bound { binding, new: true } => format!("new {}", name(&binding.key)),
        Output::Bound { binding, new: false } => format!("again {}", name(&binding.key)),
        Output::Unbound(key) => format!("gone {}", name(key)),
    }
}

fn refused(refusal: Refusal) -> String {
    let (status, reason) = refusal.status();
    format!("{status} {reason}")
}
