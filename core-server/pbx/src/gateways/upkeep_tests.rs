//! Keeping up a connection to a carrier, on virtual time.

use std::time::Duration;

use wigwag_model::{GatewayCredentials, GatewaySettings};
use wigwag_sansio::{
    Entropy, Secret,
    testing::{FreezeThaw, VirtualClock},
};
use wigwag_sip::wire::{
    Message, Method, Request, Response, StatusCode, Uri,
    header::{Contact, NameAddr},
};

use super::{Errand, Health, Purpose, Upkeep, UpkeepInput, UpkeepOutput};

struct Carrier {
    clock: VirtualClock,
    upkeep: FreezeThaw<Upkeep>,
    stands: Vec<Health>,
}

impl Carrier {
    fn new(registers: bool) -> Self {
        let mut settings = GatewaySettings::new("Carrier", "sip.carrier.example");
        settings.registers = registers;
        settings.credentials = registers.then(|| GatewayCredentials {
            username: "us".into(),
            password: Secret::new("secret".to_owned()),
        });
        let clock = VirtualClock::default();
        let upkeep = Upkeep::new(&settings, Entropy::from_number(5), clock.now());
        Carrier {
            clock,
            upkeep: FreezeThaw::new(upkeep),
            stands: Vec::new(),
        }
    }

    /// What is sent until so many seconds have passed.
    fn sends(&mut self, seconds: u64) -> Vec<Errand> {
        let end = self.clock.now().tick + Duration::from_secs(seconds);
        let mut errands = Vec::new();
        while let Some(due) = self.upkeep.deadline().filter(|due| *due <= end) {
            self.clock.advance_to(due);
            let outputs = self.upkeep.handle_timeout(self.clock.now());
            errands.extend(self.sort(outputs));
        }
        self.clock.advance_to(end);
        errands
    }

    fn sort(&mut self, outputs: Vec<UpkeepOutput>) -> Vec<Errand> {
        let mut errands = Vec::new();
        for output in outputs {
            match output {
                UpkeepOutput::Send(errand) => errands.push(errand),
                UpkeepOutput::Stands(health) => self.stands.push(health),
            }
        }
        errands
    }

    fn request(&mut self, errand: &Errand) -> Request {
        let us = NameAddr::new(Uri::parse("sip:us@192.0.2.1").expect("an address"));
        let contact = Contact::new(us);
        self.upkeep.act(|upkeep| upkeep.request(errand, &contact)).0
    }

    /// Answers an errand; what is sent at once comes back.
    fn answers(&mut self, errand: &Errand, status: u16, headers: &str) -> Vec<Errand> {
        let request = self.request(errand);
        let bare = Response::reply_to(&request, StatusCode::new(status).expect("a status"))
            .to_tag("t")
            .build();
        let text = String::from_utf8_lossy(bare.bytes()).replacen("\r\n", &format!("\r\n{headers}"), 1);
        let Ok(Message::Response(response)) = Message::parse(text.into_bytes().into()) else {
            panic!("that is a response");
        };
        let number = errand.number;
        let outputs = self
            .upkeep
            .handle(UpkeepInput::Answered { number, response }, self.clock.now());
        self.sort(outputs)
    }
}

#[test]
fn an_answer_to_a_probe_says_that_the_gateway_is_up_and_silence_that_it_is_down() {
    let mut carrier = Carrier::new(false);
    let [first] = &carrier.sends(0)[..] else {
        panic!("one probe")
    };
    assert_eq!((first.purpose, first.server), (Purpose::Probe, 0));
    carrier.answers(first, 405, "");
    assert!(carrier.sends(29).is_empty());
    assert_eq!(carrier.stands, [Health::Up]);
    assert_eq!(carrier.sends(1).len(), 1);
    let again = carrier.sends(14);
    assert_eq!(carrier.stands, [Health::Up, Health::Down]);
    assert_eq!((again.len(), again[0].server), (1, 1));
    carrier.answers(&again[0], 200, "");
    carrier.sends(1);
    assert_eq!(carrier.stands, [Health::Up, Health::Down, Health::Up]);
}

#[test]
fn a_registration_is_proved_kept_and_renewed_in_time() {
    let mut carrier = Carrier::new(true);
    let [probe, register] = &carrier.sends(0)[..] else {
        panic!("a probe and a registration")
    };
    carrier.answers(probe, 200, "");
    let request = carrier.request(register);
    assert_eq!(*request.method(), Method::Register);
    assert_eq!(request.uri().expect("a URI").to_string(), "sip:sip.carrier.example");
    let proved = carrier.answers(
        register,
        401,
        "WWW-Authenticate: Digest realm=\"carrier\", nonce=\"n\"\r\n",
    );
    assert_eq!(carrier.stands, []);
    let [proved] = &proved[..] else {
        panic!("the answer to the challenge")
    };
    let text = carrier.request(proved);
    assert!(String::from_utf8_lossy(text.bytes()).contains("Authorization: Digest username=\"us\""));
    carrier.answers(proved, 200, "Expires: 100\r\n");
    let sent = carrier.sends(79);
    assert_eq!(carrier.stands.first(), Some(&Health::Up));
    assert!(sent.iter().all(|errand| errand.purpose == Purpose::Probe));
    let sent = carrier.sends(1);
    assert!(
        sent.iter()
            .any(|errand| errand.purpose == Purpose::Register { expires_s: 600 })
    );
}

#[test]
fn a_registrar_that_refuses_is_asked_later_and_later_or_when_it_says() {
    let mut carrier = Carrier::new(true);
    let [probe, register] = &carrier.sends(0)[..] else {
        panic!("a probe and a registration")
    };
    carrier.answers(probe, 200, "");
    carrier.answers(register, 503, "Retry-After: 20\r\n");
    let is_register = |errand: &Errand| matches!(errand.purpose, Purpose::Register { .. });
    assert!(!carrier.sends(19).iter().any(is_register));
    assert_eq!(carrier.stands, [Health::Down]);
    let sent = carrier.sends(1);
    let again = sent
        .iter()
        .find(|errand| is_register(errand))
        .expect("it is tried again");
    let longer = carrier.answers(again, 423, "Min-Expires: 3600\r\n");
    assert_eq!(longer[0].purpose, Purpose::Register { expires_s: 3600 });
    carrier.answers(&longer[0], 403, "");
    assert!(!carrier.sends(9).iter().any(is_register));
    assert!(carrier.sends(1).iter().any(is_register));
}
