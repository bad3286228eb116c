//! One call: its session, what was agreed about its sound, and what is left to do in it.

use std::collections::{BTreeMap, VecDeque};

use wigwag_sansio::{Entropy, Machine, Tick};
use wigwag_sip::{
    sdp::{Capabilities, Codec, Description, Direction, LocalAudio, Negotiation},
    session::{Command, Event, Extra, Input, OfferBy, RequestToken, Sdp, Session},
    transaction::{ClientKey, ServerKey},
    wire::{HeaderName, Response, StatusCode},
};
use wigwag_sip_io::Destination;

use crate::{
    behaviour::{Manner, Sound, Step},
    mail::Wish,
    record::Record,
    script::Script,
    voice::Voice,
};

/// One call.
#[derive(Debug)]
pub(crate) struct Leg {
    pub(crate) session: Session,
    /// Where its requests go.
    pub(crate) to: Destination,
    /// The transaction of the INVITE that brought it.
    pub(crate) invite: Option<ServerKey>,
    pub(crate) clients: BTreeMap<RequestToken, ClientKey>,
    /// What the session is to be told next.
    pub(crate) inputs: VecDeque<Input>,
    pub(crate) record: Record,
    manner: Manner,
    script: Script,
    talk: Talk,
}

/// The sound of a call, and what was said about it.
#[derive(Debug)]
pub(crate) struct Talk {
    /// Gone with the end of the call.
    voice: Option<Voice>,
    negotiation: Negotiation,
    /// The other side's offer, until it is answered.
    offer: Option<Description>,
    /// What we have said of a call before its answer, which is said again with it.
    described: Option<Sdp>,
    holds: bool,
}

impl Talk {
    pub(crate) fn new(voice: Voice, entropy: Entropy) -> Talk {
        Talk {
            voice: Some(voice),
            negotiation: Negotiation::new(entropy),
            offer: None,
            described: None,
            holds: false,
        }
    }

    /// Our offer, or our answer to the other side's; none where there is nothing in common.
    pub(crate) fn describe(&mut self) -> Option<Sdp> {
        let local = LocalAudio {
            rtp: self.voice.as_ref()?.address(),
            suites: Vec::new(),
            direction: if self.holds {
                Direction::SendOnly
            } else {
                Direction::SendRecv
            },
        };
        let description = match self.offer.take() {
            Some(offer) => self.negotiation.answer(&offer, &local, &capabilities()).ok()?,
            None => self.negotiation.offer(&local, &capabilities()),
        };
        Some(Sdp(description.to_bytes()))
    }

    /// Takes note of the other side's offer; answers whether it can be read.
    pub(crate) fn offered(&mut self, sdp: Option<&Sdp>) -> bool {
        self.offer = sdp.and_then(read);
        sdp.is_none() || self.offer.is_some()
    }

    /// What is said of a call that is not answered, and with its answer.
    fn preview(&mut self) -> Option<Sdp> {
        if self.described.is_none() {
            self.described = self.describe();
        }
        self.described.clone()
    }

    fn propose(&mut self, holds: bool) -> Option<Sdp> {
        self.holds = holds;
        let direction = if holds {
            Direction::SendOnly
        } else {
            Direction::SendRecv
        };
        let description = self.negotiation.reoffer(direction)?;
        Some(Sdp(description.to_bytes()))
    }

    fn say(&mut self, sound: Sound) {
        if let Some(voice) = &mut self.voice {
            voice.say(sound);
        }
    }
}

impl Leg {
    /// A call that takes these steps.
    pub(crate) fn new(session: Session, to: Destination, talk: Talk, steps: Vec<Step>, record: Record) -> Leg {
        Leg {
            session,
            to,
            invite: None,
            clients: BTreeMap::new(),
            inputs: VecDeque::new(),
            record,
            manner: Manner::Plain,
            script: Script::new(steps),
            talk,
        }
    }

    /// The same as a call that has come by this INVITE.
    pub(crate) fn brought_by(self, invite: ServerKey, manner: Manner) -> Leg {
        Leg {
            invite: Some(invite),
            manner,
            ..self
        }
    }

    /// When something is to be done.
    pub(crate) fn deadline(&self) -> Option<Tick> {
        [self.session.deadline(), self.script.deadline()]
            .into_iter()
            .flatten()
            .min()
    }

    /// Takes the steps that are due now.
    pub(crate) fn act(&mut self, now: Tick) {
        while let Some(step) = self.script.next(now) {
            self.take_step(step);
        }
    }

    /// Nothing more is done of its own; the call is ended.
    pub(crate) fn end(&mut self) {
        self.script.end();
        self.command(hang_up());
    }

    /// Does what its owner wants.
    pub(crate) fn grant(&mut self, wish: Wish) {
        match wish {
            Wish::Press(keys) => keys.into_iter().for_each(|key| self.take_step(Step::Press(key))),
            Wish::Hold => self.take_step(Step::Hold),
            Wish::TakeBack => self.take_step(Step::Propose),
            Wish::HangUp => self.end(),
            Wish::Listen(reply) => {
                let ear = self.talk.voice.as_mut().and_then(Voice::listen);
                // Whoever asked may be gone.
                let _ = reply.send(ear);
            }
        }
    }

    /// All keys are pressed.
    pub(crate) fn played(&mut self) {
        if let Some(voice) = &mut self.talk.voice {
            voice.played();
        }
    }

    /// Takes note of what the session tells; some of it wants an answer.
    pub(crate) fn hear(&mut self, event: Event) {
        match event {
            Event::Progress { status, sdp, .. } => {
                self.accept(sdp.as_ref());
                self.record.progress(status.as_u16());
            }
            Event::Answered { sdp, .. } => {
                self.accept(sdp.as_ref());
                self.record.answered();
                self.script.answered();
            }
            Event::Confirmed { sdp } => {
                self.accept(sdp.as_ref());
                self.manner = Manner::Plain;
            }
            Event::OfferAnswered { sdp } => self.accept(Some(&sdp)),
            Event::Offered { sdp, .. } => self.answer_offer(sdp.as_ref()),
            Event::Digit(digit) => self.record.key(digit.key()),
            Event::Referred(referral) => self.command(Command::RefuseReferral {
                id: referral.id,
                status: StatusCode::NOT_IMPLEMENTED,
            }),
            Event::Other { key, .. } => self.command(Command::Respond {
                key,
                status: StatusCode::NOT_IMPLEMENTED,
                headers: Vec::new(),
                content: None,
            }),
            Event::Ended(ended) => {
                self.script.end();
                self.talk.voice = None;
                self.record.over(&ended);
            }
            Event::OfferRefused { .. } | Event::OfferWithdrawn | Event::Info(_) | Event::Replied { .. } => {}
        }
    }

    /// The response as it leaves: some carriers break the rules.
    pub(crate) fn bend(&self, response: Response) -> Response {
        let is_bare = match self.manner {
            Manner::BareAnswer => response.status().is_success() && !response.body().is_empty(),
            Manner::Plain | Manner::Reliable => false,
        };
        if is_bare { without_body(&response) } else { response }
    }

    fn take_step(&mut self, step: Step) {
        let command = match step {
            Step::Ring => Some(progress(StatusCode::RINGING, None)),
            Step::Announce(sound) => self.announce(sound),
            Step::Answer(sound) => self.answer(sound),
            Step::Refuse {
                status,
                retry_after_secs,
            } => {
                let retry_after = |secs: u32| Extra::new(HeaderName::RetryAfter, secs.to_string());
                let headers = retry_after_secs.map(retry_after).into_iter().collect();
                Some(Command::Reject { status, headers })
            }
            Step::Say(sound) => {
                self.talk.say(sound);
                None
            }
            Step::Press(key) => {
                if let Some(voice) = &mut self.talk.voice {
                    voice.press(key);
                }
                None
            }
            Step::Hold => self.propose(true),
            Step::Propose => self.propose(false),
            Step::AskForOffer => Some(Command::Offer {
                sdp: None,
                by: OfferBy::Invite,
            }),
            Step::HangUp => Some(hang_up()),
            // Time passes in the script.
            Step::Wait(_) | Step::AwaitAnswer => None,
        };
        if let Some(command) = command {
            self.command(command);
        }
    }

    fn announce(&mut self, sound: Sound) -> Option<Command> {
        let sdp = self.talk.preview();
        self.follow();
        self.talk.say(sound);
        Some(progress(StatusCode::SESSION_PROGRESS, sdp))
    }

    fn answer(&mut self, sound: Sound) -> Option<Command> {
        let Some(sdp) = self.talk.preview() else {
            return Some(Command::Reject {
                status: StatusCode::NOT_ACCEPTABLE_HERE,
                headers: Vec::new(),
            });
        };
        self.record.answered();
        self.follow();
        self.talk.say(sound);
        let headers = Vec::new();
        Some(Command::Accept { sdp, headers })
    }

    fn propose(&mut self, holds: bool) -> Option<Command> {
        let sdp = Some(self.talk.propose(holds)?);
        Some(Command::Offer {
            sdp,
            by: OfferBy::Invite,
        })
    }

    fn answer_offer(&mut self, offer: Option<&Sdp>) {
        self.record.proposed();
        let answer = if self.talk.offered(offer) {
            self.talk.describe()
        } else {
            None
        };
        self.command(match answer {
            Some(sdp) => Command::AnswerOffer { sdp },
            None => Command::RefuseOffer {
                status: StatusCode::NOT_ACCEPTABLE_HERE,
            },
        });
        self.follow();
    }

    fn accept(&mut self, answer: Option<&Sdp>) {
        if let Some(answer) = answer.and_then(read) {
            if let Err(error) = self.talk.negotiation.accept_answer(&answer) {
                tracing::info!(%error, "an exchange has answered what was not offered");
            }
            self.follow();
        }
    }

    /// Lets the sound follow what was agreed.
    fn follow(&mut self) {
        if let (Some(agreement), Some(voice)) = (self.talk.negotiation.agreement(), &self.talk.voice) {
            voice.agree(agreement);
            self.record.held(agreement.held_by_remote());
        }
    }

    fn command(&mut self, command: Command) {
        self.inputs.push_back(Input::Command(command));
    }
}

fn progress(status: StatusCode, sdp: Option<Sdp>) -> Command {
    let headers = Vec::new();
    Command::Progress { status, sdp, headers }
}

fn hang_up() -> Command {
    Command::End {
        status: None,
        reasons: Vec::new(),
    }
}

fn without_body(response: &Response) -> Response {
    let bare = Response::builder(response.status());
    let fields = response.fields().filter_map(|(name, value)| {
        let name = HeaderName::new(std::str::from_utf8(name).ok()?).ok()?;
        (name != HeaderName::ContentType).then_some((name, value))
    });
    fields.fold(bare, |bare, (name, value)| bare.raw(name, value)).build()
}

fn capabilities() -> Capabilities {
    Capabilities::of_codecs([Codec::PCMA, Codec::PCMU])
}

fn read(sdp: &Sdp) -> Option<Description> {
    Description::parse(&sdp.0).ok()
}
