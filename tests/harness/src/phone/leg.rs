//! One call inside the phone: its session, what was agreed about its sound, and its voice.

use std::collections::BTreeMap;

use tokio::sync::watch;
use wigwag_sansio::Entropy;
use wigwag_sip::sdp::{Capabilities, Codec, Description, Direction, LocalAudio, Negotiation};
use wigwag_sip::session::{Command, Event, OfferBy, RequestToken, Sdp, Session};
use wigwag_sip::transaction::{ClientKey, ServerKey};
use wigwag_sip::wire::StatusCode;

use super::call::Wish;
use super::state::{CallState, Over};
use super::voice::Voice;

/// One call inside the phone.
#[derive(Debug)]
pub(super) struct Leg {
    pub(super) session: Session,
    /// The transaction of the INVITE that brought it.
    pub(super) invite: Option<ServerKey>,
    pub(super) clients: BTreeMap<RequestToken, ClientKey>,
    sound: Negotiation,
    voice: Voice,
    /// The caller's offer, until it is answered.
    offer: Option<Description>,
    state: watch::Sender<CallState>,
}

/// What a new call begins with.
pub(super) struct Draft {
    sound: Negotiation,
    voice: Voice,
}

impl Draft {
    pub(super) fn new(voice: Voice, entropy: Entropy) -> Draft {
        Draft {
            sound: Negotiation::new(entropy),
            voice,
        }
    }

    pub(super) fn offer(&mut self) -> Sdp {
        let local = local(&self.voice, Direction::SendRecv);
        Sdp(self.sound.offer(&local, &capabilities()).to_bytes())
    }

    pub(super) fn outgoing(self, session: Session) -> Leg {
        self.begin(session, None, None)
    }

    pub(super) fn incoming(self, session: Session, invite: ServerKey, offer: Option<&Sdp>) -> Leg {
        let offer = offer.map(|sdp| read(sdp).expect("the server writes descriptions that can be read"));
        self.begin(session, Some(invite), offer)
    }

    fn begin(self, session: Session, invite: Option<ServerKey>, offer: Option<Description>) -> Leg {
        Leg {
            session,
            invite,
            clients: BTreeMap::new(),
            sound: self.sound,
            voice: self.voice,
            offer,
            state: watch::Sender::new(CallState::default()),
        }
    }
}

impl Leg {
    pub(super) fn state(&self) -> watch::Receiver<CallState> {
        self.state.subscribe()
    }

    pub(super) fn voice(&self) -> &Voice {
        &self.voice
    }

    /// What the session is told so that the person's wish comes true.
    pub(super) fn grant(&mut self, wish: Wish) -> Option<Command> {
        Some(match wish {
            Wish::Answer => {
                let sdp = self.answer_or_offer()?;
                self.state.send_modify(|state| state.is_answered = true);
                let headers = Vec::new();
                Command::Accept { sdp, headers }
            }
            Wish::Refuse(status) => Command::Reject {
                status: StatusCode::new(status).expect("tests use status codes"),
                headers: Vec::new(),
            },
            Wish::Propose(direction) => Command::Offer {
                sdp: Some(Sdp(self.sound.reoffer(direction)?.to_bytes())),
                by: OfferBy::Invite,
            },
            Wish::HangUp => Command::End {
                status: Some(StatusCode::BUSY_HERE),
                reasons: Vec::new(),
            },
        })
    }

    /// Takes note of what the session tells; some of it wants an answer.
    pub(super) fn hear(&mut self, event: Event) -> Option<Command> {
        match event {
            Event::Progress { status, sdp, .. } => {
                self.accept(sdp.as_ref());
                self.state.send_modify(|state| state.progress.push(status.as_u16()));
            }
            Event::Answered { sdp, .. } => {
                self.accept(sdp.as_ref());
                self.state.send_modify(|state| state.is_answered = true);
            }
            Event::Confirmed { sdp } => self.accept(sdp.as_ref()),
            Event::OfferAnswered { sdp } => {
                self.accept(Some(&sdp));
                self.state.send_modify(|state| state.accepted += 1);
            }
            Event::OfferRefused { status } => self.state.send_modify(|state| state.refused.push(status.as_u16())),
            Event::Offered { sdp, .. } => {
                self.offer = sdp.as_ref().and_then(read);
                let sdp = self.answer_or_offer()?;
                return Some(Command::AnswerOffer { sdp });
            }
            Event::Referred(referral) => {
                return Some(Command::RefuseReferral {
                    id: referral.id,
                    status: StatusCode::NOT_IMPLEMENTED,
                });
            }
            Event::Other { key, .. } => {
                return Some(Command::Respond {
                    key,
                    status: StatusCode::NOT_IMPLEMENTED,
                    headers: Vec::new(),
                    content: None,
                });
            }
            Event::Ended(ended) => {
                self.voice.stop();
                self.state.send_modify(|state| state.over = Some(Over::from(&ended)));
            }
            Event::OfferWithdrawn | Event::Digit(_) | Event::Info(_) | Event::Replied { .. } => {}
        }
        None
    }

    /// The answer to the other side's offer, or our offer where it made none.
    fn answer_or_offer(&mut self) -> Option<Sdp> {
        let local = local(&self.voice, Direction::SendRecv);
        let description = match self.offer.take() {
            Some(offer) => self.sound.answer(&offer, &local, &capabilities()).ok()?,
            None => self.sound.offer(&local, &capabilities()),
        };
        self.follow();
        Some(Sdp(description.to_bytes()))
    }

    fn accept(&mut self, answer: Option<&Sdp>) {
        if let Some(answer) = answer.and_then(read) {
            let accepted = self.sound.accept_answer(&answer);
            assert!(
                accepted.is_ok(),
                "the server answers an offer by the rules: {accepted:?}"
            );
            self.follow();
        }
    }

    /// Speaks to whom it was agreed to speak to.
    fn follow(&mut self) {
        let agreement = self.sound.agreement();
        let speaks = agreement.filter(|agreement| agreement.direction.sends());
        self.voice.speak_to(speaks.and_then(|agreement| agreement.remote_rtp));
        let is_held = agreement.is_some_and(|agreement| agreement.held_by_remote());
        self.state.send_modify(|state| state.is_held = is_held);
    }
}

fn local(voice: &Voice, direction: Direction) -> LocalAudio {
    LocalAudio {
        rtp: voice.address(),
        suites: Vec::new(),
        direction,
    }
}

fn capabilities() -> Capabilities {
    Capabilities::of_codecs([Codec::PCMU])
}

fn read(sdp: &Sdp) -> Option<Description> {
    Description::parse(&sdp.0).ok()
}
