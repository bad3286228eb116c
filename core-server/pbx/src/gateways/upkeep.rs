//! A carrier is asked for a sign of life, and told where we are reached if it wants to know (RFC 3261 §10.2, §22).
//!
//! | what is due          | it is answered        | refused              | silent, or it fails          |
//! |----------------------|-----------------------|----------------------|------------------------------|
//! | sign of life         | up; again in 30 s     | up, but for 408, 5xx | down; the next server in 10 s |
//! | registration         | kept; again in time   | down; later          | down; the next server, later |
//!
//! Later means: as the carrier says (Retry-After), else twice as late as the last time, from 5 s to 5 minutes.

use std::{collections::VecDeque, mem, time::Duration};

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use wigwag_model::GatewaySettings;
use wigwag_sansio::{Entropy, Machine, Now, Tick};
use wigwag_sip::{
    digest::{self, Login, Question},
    session::Extra,
    wire::{
        HeaderName, Method, Request, Response, StatusCode, Uri,
        header::{
            CSeq, CallId, Challenge, Contact, Expires, From, MaxForwards, MinExpires, NameAddr, ProxyAuthenticate,
            RetryAfter, To, WwwAuthenticate,
        },
    },
};

use super::{
    Health,
    letter::{carrier, credentials},
};

/// How often an answering carrier is asked for a sign of life.
const PROBE_EVERY: Duration = Duration::from_secs(30);
/// How soon one that does not answer is asked again.
const PROBE_AGAIN: Duration = Duration::from_secs(10);
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(4);
/// The registration that we ask for, in seconds.
const EXPIRES_S: u32 = 600;
/// The longest registration that a carrier may insist on, in seconds.
const LONGEST_EXPIRES_S: u32 = 86_400;
/// How soon a registration that was not taken is tried again, at first and at last.
const AGAIN_FIRST: Duration = Duration::from_secs(5);
const AGAIN_LAST: Duration = Duration::from_secs(300);
/// Symbols of a Call-ID, and of the name that we are reached by: 120 bits.
const WORD_SYMBOLS: usize = 24;
/// Symbols of a tag or client nonce.
const TAG_SYMBOLS: usize = 20;

/// What keeps up the connection to one gateway.
#[derive(Debug, Serialize, Deserialize)]
pub struct Upkeep {
    registrar: Uri,
    registers: Option<Account>,
    contact_user: SmolStr,
    call_id: SmolStr,
    cseq: u32,
    entropy: Entropy,
    health: Health,
    /// Whether the last sign of life was given.
    answers: Option<bool>,
    probe: Task,
    registration: Task,
    is_registered: bool,
    expires_s: u32,
    patience: Duration,
    server: u32,
    outputs: VecDeque<UpkeepOutput>,
}

/// How we register.
#[derive(Debug, Serialize, Deserialize)]
struct Account {
    address: Uri,
    login: Login,
}

/// Something that is done again and again.
#[derive(Debug, Serialize, Deserialize)]
struct Task {
    due: Option<Tick>,
    asked: Option<Asked>,
}

/// What waits for its answer.
#[derive(Debug, Serialize, Deserialize)]
struct Asked {
    cseq: u32,
    until: Tick,
    has_proved: bool,
}

/// A request to be sent to the carrier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Errand {
    /// Comes back with the answer.
    pub number: u32,
    /// What for.
    pub purpose: Purpose,
    /// Which of the carrier's servers, counted round and round.
    pub server: u32,
    /// Proves who we are.
    authorization: Option<Extra>,
}

/// What a request to a carrier is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// A sign of life.
    Probe,
    /// A registration for so many seconds.
    Register {
        /// Seconds.
        expires_s: u32,
    },
}

/// What can happen to the connection to a gateway.
#[derive(Clone, Debug)]
pub enum UpkeepInput {
    /// A final answer to an errand has come.
    Answered {
        /// Which.
        number: u32,
        /// The answer.
        response: Response,
    },
    /// An errand could not be carried out, or no answer comes.
    Failed {
        /// Which.
        number: u32,
    },
    /// A call has found the carrier silent.
    Suspected,
}

/// What keeping up a connection wants done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UpkeepOutput {
    /// Send this.
    Send(Errand),
    /// The gateway stands so from now on.
    Stands(Health),
}

impl Upkeep {
    /// The upkeep of the gateway with these settings; its first errands are due at once.
    pub fn new(settings: &GatewaySettings, mut entropy: Entropy, now: Now) -> Self {
        let registrar = carrier(settings);
        let account = credentials(settings)
            .filter(|_| settings.registers)
            .map(|credentials| Account {
                address: registrar
                    .clone()
                    .with_port(None)
                    .with_user(credentials.login.username.expose())
                    .into(),
                login: credentials.login,
            });
        Upkeep {
            registrar: registrar.into(),
            registration: Task::due(account.is_some().then_some(now.tick)),
            registers: account,
            contact_user: entropy.word(WORD_SYMBOLS).into(),
            call_id: entropy.word(WORD_SYMBOLS).into(),
            cseq: 0,
            entropy,
            health: Health::Unknown,
            answers: None,
            probe: Task::due(Some(now.tick)),
            is_registered: false,
            expires_s: EXPIRES_S,
            patience: AGAIN_FIRST,
            server: 0,
            outputs: VecDeque::new(),
        }
    }

    /// Whether the gateway answers, and takes our registration where we register.
    pub fn health(&self) -> Health {
        self.health
    }

    /// The name by which the carrier reaches us over our registration; nobody else knows it.
    pub fn contact_user(&self) -> &str {
        &self.contact_user
    }

    /// Which of the carrier's servers is in use, counted round and round.
    pub fn server(&self) -> u32 {
        self.server
    }

    /// The request for an errand, for a carrier to which we are `contact`.
    pub fn request(&mut self, errand: &Errand, contact: &Contact) -> Request {
        let tag = self.entropy.word(TAG_SYMBOLS);
        let (method, us) = match (errand.purpose, &self.registers) {
            (Purpose::Probe, Some(account)) => (Method::Options, account.address.clone()),
            (Purpose::Probe, None) => (Method::Options, self.registrar.clone()),
            (Purpose::Register { .. }, Some(account)) => (Method::Register, account.address.clone()),
            (Purpose::Register { .. }, None) => (Method::Register, self.registrar.clone()),
        };
        let them = match errand.purpose {
            Purpose::Probe => self.registrar.clone(),
            Purpose::Register { .. } => us.clone(),
        };
        let mut request = Request::builder(method.clone(), &self.registrar)
            .header(&MaxForwards::new(70))
            .header(&From::new(NameAddr::new(us).with_tag(&tag)))
            .header(&To::new(NameAddr::new(them)))
            .header(&CallId::new(&self.call_id).expect("letters and digits make a word"))
            .header(&CSeq::new(errand.number, method))
            .header(contact);
        if let Purpose::Register { expires_s } = errand.purpose {
            request = request.header(&Expires::new(expires_s));
        }
        if let Some(proof) = &errand.authorization {
            request = request.raw(proof.name.clone(), proof.value.clone());
        }
        request.build()
    }

    fn ask(&mut self, purpose: Purpose, proof: Option<Extra>, now: Now) {
        self.cseq += 1;
        let asked = Asked {
            cseq: self.cseq,
            until: now.tick + PATIENCE,
            has_proved: proof.is_some(),
        };
        let task = self.task(purpose);
        task.due = None;
        task.asked = Some(asked);
        self.outputs.push_back(UpkeepOutput::Send(Errand {
            number: self.cseq,
            purpose,
            server: self.server,
            authorization: proof,
        }));
    }

    fn task(&mut self, purpose: Purpose) -> &mut Task {
        match purpose {
            Purpose::Probe => &mut self.probe,
            Purpose::Register { .. } => &mut self.registration,
        }
    }

    fn answered(&mut self, number: u32, response: &Response, now: Now) {
        if self.probe.takes(number).is_some() {
            let status = response.status();
            let lives = status != StatusCode::REQUEST_TIMEOUT && !(500..600).contains(&status.as_u16());
            self.probed(lives, now);
        } else if let Some(asked) = self.registration.takes(number) {
            self.registered(&asked, response, now);
        }
        self.judge();
    }

    fn failed(&mut self, number: u32, now: Now) {
        if self.probe.takes(number).is_some() {
            self.probed(false, now);
        } else if self.registration.takes(number).is_some() {
            self.server = self.server.wrapping_add(1);
            self.not_registered(None, now);
        }
        self.judge();
    }

    fn probed(&mut self, lives: bool, now: Now) {
        self.answers = Some(lives);
        if !lives {
            self.server = self.server.wrapping_add(1);
        }
        self.probe.due = Some(now.tick + if lives { PROBE_EVERY } else { PROBE_AGAIN });
    }

    fn registered(&mut self, asked: &Asked, response: &Response, now: Now) {
        let status = response.status();
        let purpose = Purpose::Register {
            expires_s: self.expires_s,
        };
        if status.is_success() {
            let granted = Duration::from_secs(u64::from(
                granted(response, &self.contact_user).unwrap_or(self.expires_s),
            ));
            self.is_registered = true;
            self.patience = AGAIN_FIRST;
            self.registration.due = Some(now.tick + (granted * 4 / 5).max(AGAIN_FIRST));
        } else if let Some(proof) = self.proof(response).filter(|_| !asked.has_proved) {
            self.ask(purpose, Some(proof), now);
        } else if let Some(longer) = too_brief(response, self.expires_s) {
            self.expires_s = longer;
            self.ask(Purpose::Register { expires_s: longer }, None, now);
        } else {
            let retry_after = response.typed::<RetryAfter>().ok().flatten();
            let later = retry_after.map(|later| Duration::from_secs(u64::from(later.seconds())));
            self.not_registered(later, now);
        }
    }

    fn not_registered(&mut self, later: Option<Duration>, now: Now) {
        self.is_registered = false;
        let patience = self.patience;
        self.patience = (patience * 2).min(AGAIN_LAST);
        let wait = later.map_or(patience, |later| later.clamp(AGAIN_FIRST, AGAIN_LAST * 12));
        self.registration.due = Some(now.tick + wait);
    }

    /// The answer to a challenge.
    fn proof(&mut self, response: &Response) -> Option<Extra> {
        let account = self.registers.as_ref()?;
        let (name, challenges): (_, Vec<Challenge>) = match response.status() {
            StatusCode::UNAUTHORIZED => {
                let all = response.typed_all::<WwwAuthenticate>().ok()?;
                (HeaderName::Authorization, all.into_iter().map(|one| one.0).collect())
            }
            StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
                let all = response.typed_all::<ProxyAuthenticate>().ok()?;
                (
                    HeaderName::ProxyAuthorization,
                    all.into_iter().map(|one| one.0).collect(),
                )
            }
            _ => return None,
        };
        let cnonce = self.entropy.word(TAG_SYMBOLS);
        let question = Question {
            method: &Method::Register,
            uri: &self.registrar.to_string(),
            cnonce: &cnonce,
            count: 1,
        };
        let answer = digest::answer(&challenges, &account.login, &question).ok()?;
        Some(Extra::new(name, answer.to_string()))
    }

    /// Tells how the gateway stands, if that has changed.
    fn judge(&mut self) {
        let is_in = self.registers.is_none() || self.is_registered;
        let was_refused = self.registers.is_some() && !self.is_registered && self.registration.asked.is_none();
        let health = match self.answers {
            None => Health::Unknown,
            Some(true) if is_in => Health::Up,
            Some(true) if !was_refused => self.health,
            Some(_) => Health::Down,
        };
        if mem::replace(&mut self.health, health) != health {
            self.outputs.push_back(UpkeepOutput::Stands(health));
        }
    }
}

impl Machine for Upkeep {
    type Input = UpkeepInput;
    type Output = UpkeepOutput;

    fn handle(&mut self, input: UpkeepInput, now: Now) {
        match input {
            UpkeepInput::Answered { number, response } => self.answered(number, &response, now),
            UpkeepInput::Failed { number } => self.failed(number, now),
            UpkeepInput::Suspected if self.probe.asked.is_none() => self.ask(Purpose::Probe, None, now),
            UpkeepInput::Suspected => {}
        }
    }

    fn handle_timeout(&mut self, now: Now) {
        let silent = [&self.probe, &self.registration].map(|task| task.is_silent(now));
        for number in silent.into_iter().flatten() {
            self.failed(number, now);
        }
        if self.probe.is_due(now) {
            self.ask(Purpose::Probe, None, now);
        }
        if self.registration.is_due(now) {
            let expires_s = self.expires_s;
            self.ask(Purpose::Register { expires_s }, None, now);
        }
    }

    fn poll(&mut self) -> Option<UpkeepOutput> {
        self.outputs.pop_front()
    }

    fn deadline(&self) -> Option<Tick> {
        let tasks = [&self.probe, &self.registration];
        tasks.into_iter().filter_map(Task::deadline).min()
    }
}

impl Task {
    fn due(due: Option<Tick>) -> Self {
        Task { due, asked: None }
    }

    fn is_due(&self, now: Now) -> bool {
        self.asked.is_none() && self.due.is_some_and(|due| due <= now.tick)
    }

    /// What waits for this answer.
    fn takes(&mut self, number: u32) -> Option<Asked> {
        self.asked.take_if(|asked| asked.cseq == number)
    }

    fn is_silent(&self, now: Now) -> Option<u32> {
        self.asked
            .as_ref()
            .filter(|asked| asked.until <= now.tick)
            .map(|asked| asked.cseq)
    }

    fn deadline(&self) -> Option<Tick> {
        self.asked.as_ref().map(|asked| asked.until).or(self.due)
    }
}

/// For how long a registrar has taken our contact, in seconds.
fn granted(response: &Response, user: &str) -> Option<u32> {
    let contacts = response.typed_all::<Contact>().unwrap_or_default();
    let is_ours =
        |contact: &&Contact| contact.address().and_then(|address| address.uri().user()).as_deref() == Some(user);
    let of_contact = contacts.iter().find(is_ours).and_then(Contact::expires);
    let of_all = || Some(response.typed::<Expires>().ok()??.seconds());
    of_contact.or_else(of_all).map(|seconds| seconds.min(LONGEST_EXPIRES_S))
}

/// The registration that a registrar insists on, where it is longer than ours (RFC 3261 §10.3).
fn too_brief(response: &Response, asked_s: u32) -> Option<u32> {
    let least = response.typed::<MinExpires>().ok()??.seconds();
    let is_too_brief = response.status() == StatusCode::INTERVAL_TOO_BRIEF;
    (is_too_brief && (asked_s + 1..=LONGEST_EXPIRES_S).contains(&least)).then_some(least)
}
