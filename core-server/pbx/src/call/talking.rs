//! Two legs hear each other, or one hears the exchange: changes that one side proposes are carried to the other.
//!
//! A proposal that changes nothing (a session refresh), or only where a phone receives, is answered at once. What
//! changes codecs or direction (hold and resume) goes to the other phone first, and its answer comes back; a phone whose
//! connection is gone learns of it when it is back.

use serde::{Deserialize, Serialize};
use wigwag_model::{CallEvent, HangupCause, LegId};
use wigwag_sansio::Now;
use wigwag_sip::{
    sdp::{AudioDescription, Capabilities, Description, Direction, Format},
    session::{Command, Ended, EndedBy, Event, OfferBy, Sdp},
    transaction::ServerKey,
    wire::{Method, StatusCode},
};

use super::{CALLER, Call, Note, Phase, leg};

/// Two legs talk, or one of them to the exchange itself.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Talking {
    first: LegId,
    with: Option<LegId>,
    exchange: Option<Exchange>,
    /// Who is still to be told how things stand on a side that is new.
    to_match: Vec<LegId>,
}

/// A proposal under way to a leg.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum Exchange {
    /// Another leg's, which waits for the answer.
    Relayed {
        from: LegId,
        to: LegId,
        offer: Box<Description>,
    },
    /// Nobody waits: the leg is told how things stand on the other side.
    Told { to: LegId },
}

impl Talking {
    pub(super) fn between(first: LegId, second: LegId) -> Self {
        Talking {
            first,
            with: Some(second),
            exchange: None,
            to_match: Vec::new(),
        }
    }

    pub(super) fn alone() -> Self {
        Talking {
            first: CALLER,
            with: None,
            exchange: None,
            to_match: Vec::new(),
        }
    }

    fn other(&self, id: LegId) -> Option<LegId> {
        if id == self.first {
            self.with
        } else {
            self.with.filter(|with| *with == id).map(|_| self.first)
        }
    }
}

impl Call {
    pub(super) fn heard_while_talking(&mut self, id: LegId, event: Event, now: Now) {
        match event {
            Event::Confirmed { sdp: Some(sdp) } => self.confirmed(id, &sdp, now),
            Event::Offered { sdp, by } => self.offered(id, sdp.as_ref(), by, now),
            Event::OfferAnswered { sdp } => self.offer_answered(id, &sdp, now),
            Event::OfferRefused { status } => self.offer_refused(id, status, now),
            Event::OfferWithdrawn => self.offer_withdrawn(id),
            Event::Digit(digit) => {
                self.pass_on(id, digit.relay(), now);
                self.pressed(id, digit.key(), now);
            }
            Event::Other { key, .. } => self.refuse_other(id, key, now),
            Event::Ended(ended) => self.hung_up(id, &ended, now),
            Event::Confirmed { sdp: None }
            | Event::Referred(_)
            | Event::Progress { .. }
            | Event::Answered { .. }
            | Event::Info(_)
            | Event::Replied { .. } => {}
        }
    }

    /// A request of another usage of the dialog (RFC 5057), which we do not offer.
    pub(super) fn refuse_other(&mut self, id: LegId, key: ServerKey, now: Now) {
        let status = StatusCode::NOT_IMPLEMENTED;
        self.command(
            id,
            Command::Respond {
                key,
                status,
                headers: Vec::new(),
                content: None,
            },
            now,
        );
    }

    /// Whether two legs talk, and nothing that one of them proposes is under way.
    pub(super) fn is_settled_talk(&self) -> bool {
        matches!(&self.phase, Phase::Talking(Talking { exchange: None, .. }))
    }

    pub(super) fn other(&self, id: LegId) -> Option<LegId> {
        match &self.phase {
            Phase::Talking(talking) => talking.other(id).filter(|other| self.legs.contains_key(other)),
            Phase::Attempted
            | Phase::Starting(_)
            | Phase::Ringing(_)
            | Phase::Treating(_)
            | Phase::Joining(_)
            | Phase::Parked(_)
            | Phase::Closing(_)
            | Phase::Over => None,
        }
    }

    fn set_exchange(&mut self, exchange: Option<Exchange>) {
        if let Phase::Talking(talking) = &mut self.phase {
            talking.exchange = exchange;
        }
    }

    fn take_exchange(&mut self) -> Option<Exchange> {
        match &mut self.phase {
            Phase::Talking(talking) => talking.exchange.take(),
            Phase::Attempted
            | Phase::Starting(_)
            | Phase::Ringing(_)
            | Phase::Treating(_)
            | Phase::Joining(_)
            | Phase::Parked(_)
            | Phase::Closing(_)
            | Phase::Over => None,
        }
    }

    /// The ACK carries the answer to the offer in our 200.
    pub(super) fn confirmed(&mut self, id: LegId, sdp: &Sdp, now: Now) {
        if self.accept(id, sdp).is_none() {
            self.note(Note::BadDescription { leg: id });
            self.end(HangupCause::NoCommonCodec, now);
            return;
        }
        self.configure(id);
        self.tell_other(id, now);
    }

    pub(super) fn offered(&mut self, id: LegId, sdp: Option<&Sdp>, by: OfferBy, now: Now) {
        let Some(sdp) = sdp else {
            self.offer_ours(id, now);
            return;
        };
        let Some(offer) = leg::read(sdp) else {
            self.note(Note::BadDescription { leg: id });
            self.command(
                id,
                Command::RefuseOffer {
                    status: StatusCode::NOT_ACCEPTABLE_HERE,
                },
                now,
            );
            return;
        };
        let Some(leg) = self.legs.get_mut(&id) else { return };
        if let Some(answer) = leg.sdp.refresh(&offer) {
            self.command(
                id,
                Command::AnswerOffer {
                    sdp: leg::write(&answer),
                },
                now,
            );
            self.configure(id);
            return;
        }
        let Ok(audio) = AudioDescription::of(&offer) else {
            self.command(
                id,
                Command::RefuseOffer {
                    status: StatusCode::NOT_ACCEPTABLE_HERE,
                },
                now,
            );
            return;
        };
        let changes = leg
            .remote()
            .is_none_or(|known| known.direction != audio.direction || known.capabilities != audio.capabilities);
        match self.other(id).filter(|other| changes && !self.is_lost(*other)) {
            Some(other) => self.relay_offer((id, other), Box::new(offer), by, now),
            None => self.answer_here(id, &offer, now),
        }
    }

    /// A phone is back after its connection was gone: it learns what the other one has said meanwhile.
    pub(super) fn came_back(&mut self, id: LegId, now: Now) {
        if let Some(other) = self.other(id) {
            self.tell_other(other, now);
        }
    }

    fn is_lost(&self, id: LegId) -> bool {
        self.legs.get(&id).is_some_and(|leg| leg.is_lost)
    }

    /// Carries a proposal to the other leg; while another one is under way it has to wait (RFC 3261 §14.2).
    fn relay_offer(&mut self, (from, to): (LegId, LegId), offer: Box<Description>, by: OfferBy, now: Now) {
        let Phase::Talking(Talking { exchange: None, .. }) = &self.phase else {
            self.command(
                from,
                Command::RefuseOffer {
                    status: StatusCode::REQUEST_PENDING,
                },
                now,
            );
            return;
        };
        let Some(ours) = self.legs.get_mut(&to).and_then(|leg| {
            let audio = AudioDescription::of(&offer).ok()?;
            let local = leg.local_offer(audio.direction)?;
            Some(leg::write(&leg.sdp.offer(&local, &audio.capabilities)))
        }) else {
            return;
        };
        self.set_exchange(Some(Exchange::Relayed { from, to, offer }));
        self.command(to, Command::Offer { sdp: Some(ours), by }, now);
    }

    /// Answers a proposal by what is known of the other side, without asking it.
    fn answer_here(&mut self, id: LegId, offer: &Description, now: Now) {
        let other = self.other(id).and_then(|other| self.legs.get(&other));
        let known = other.and_then(|leg| Some((leg.sdp.agreement()?.send.clone(), leg.remote()?.direction)));
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let (capabilities, direction) = known.unwrap_or_else(|| {
            let own = AudioDescription::of(offer)
                .map(|audio| audio.capabilities)
                .unwrap_or_default();
            (own, Direction::SendRecv)
        });
        let answer = leg
            .local_answer(direction)
            .and_then(|local| leg.sdp.answer(offer, &local, &capabilities).ok());
        let Some(answer) = answer else {
            self.command(
                id,
                Command::RefuseOffer {
                    status: StatusCode::NOT_ACCEPTABLE_HERE,
                },
                now,
            );
            return;
        };
        self.command(
            id,
            Command::AnswerOffer {
                sdp: leg::write(&answer),
            },
            now,
        );
        self.configure(id);
        self.tell_hold(id, now);
    }

    /// A proposal without offer asks for ours: all that the other side can take.
    fn offer_ours(&mut self, id: LegId, now: Now) {
        let other = self
            .other(id)
            .and_then(|other| self.legs.get(&other))
            .and_then(|leg| leg.sdp.agreement());
        let capabilities = other.map(|agreement| agreement.send.clone());
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let offer = match (capabilities, leg.local_offer(Direction::SendRecv)) {
            (Some(capabilities), Some(local)) => Some(leg.sdp.offer(&local, &capabilities)),
            (None, _) | (_, None) => leg.sdp.reoffer(Direction::SendRecv),
        };
        let command = match offer {
            Some(offer) => Command::AnswerOffer {
                sdp: leg::write(&offer),
            },
            None => Command::RefuseOffer {
                status: StatusCode::NOT_ACCEPTABLE_HERE,
            },
        };
        self.command(id, command, now);
    }

    /// A leg has answered a proposal.
    pub(super) fn offer_answered(&mut self, id: LegId, sdp: &Sdp, now: Now) {
        let exchange = self.take_exchange();
        let accepted = self.accept(id, sdp).is_some();
        if accepted {
            self.configure(id);
        } else {
            self.note(Note::BadDescription { leg: id });
        }
        match exchange {
            Some(Exchange::Relayed { from, to, offer }) if to == id => {
                if accepted {
                    self.answer_here(from, &offer, now);
                } else {
                    self.command(
                        from,
                        Command::RefuseOffer {
                            status: StatusCode::NOT_ACCEPTABLE_HERE,
                        },
                        now,
                    );
                }
            }
            Some(Exchange::Told { to }) if to == id => {}
            exchange @ (Some(Exchange::Relayed { .. } | Exchange::Told { .. }) | None) => {
                let free = exchange.is_none();
                self.set_exchange(exchange);
                if free && accepted {
                    self.tell_other(id, now);
                }
            }
        }
        self.tell_hold(id, now);
        self.match_next(now);
    }

    /// Another leg has come in the place of one: each of these learns how things stand on its other side.
    pub(super) fn match_up(&mut self, legs: Vec<LegId>, now: Now) {
        if let Phase::Talking(talking) = &mut self.phase {
            talking.to_match = legs;
            self.match_next(now);
        }
    }

    fn match_next(&mut self, now: Now) {
        loop {
            let Phase::Talking(talking @ Talking { exchange: None, .. }) = &mut self.phase else {
                return;
            };
            let Some(id) = talking.to_match.pop() else { return };
            if self.is_lost(id) {
                continue;
            }
            let side = self.other(id).and_then(|other| self.side_of(other));
            let (Some((capabilities, direction)), Some(leg)) = (side, self.legs.get_mut(&id)) else {
                continue;
            };
            let is_told = leg.sdp.agreement().is_none_or(|told| {
                told.direction == direction && told.receive.codecs.iter().all(|codec| takes(&capabilities, codec))
            });
            let Some(local) = leg.local_offer(direction).filter(|_| !is_told) else {
                continue;
            };
            let sdp = Some(leg::write(&leg.sdp.offer(&local, &capabilities)));
            let by = OfferBy::Invite;
            self.set_exchange(Some(Exchange::Told { to: id }));
            self.command(id, Command::Offer { sdp, by }, now);
        }
    }

    /// One of the two leaves: what it has proposed, or was to answer, is given up.
    pub(super) fn give_up_exchange(&mut self, stays: LegId, now: Now) {
        if let Some(Exchange::Relayed { from, .. }) = self.take_exchange()
            && from == stays
        {
            let status = StatusCode::REQUEST_PENDING;
            self.command(stays, Command::RefuseOffer { status }, now);
        }
    }

    /// The other leg learns what this one has said, if that concerns it: who sends now, or which codecs are left.
    pub(super) fn tell_other(&mut self, id: LegId, now: Now) {
        let Some(leg) = self.legs.get(&id) else { return };
        let (Some(agreement), Some(remote)) = (leg.sdp.agreement(), leg.remote()) else {
            return;
        };
        let (capabilities, direction) = (agreement.send.clone(), remote.direction);
        let Some(other) = self.other(id) else { return };
        let Some(leg) = self.legs.get_mut(&other) else { return };
        let is_told = leg.sdp.agreement().is_none_or(|told| {
            told.direction == direction && told.receive.codecs.iter().all(|codec| takes(&capabilities, codec))
        });
        let Some(local) = leg.local_offer(direction).filter(|_| !is_told) else {
            return;
        };
        let sdp = Some(leg::write(&leg.sdp.offer(&local, &capabilities)));
        let by = OfferBy::Invite;
        self.set_exchange(Some(Exchange::Told { to: other }));
        self.command(other, Command::Offer { sdp, by }, now);
    }

    fn offer_refused(&mut self, id: LegId, status: StatusCode, now: Now) {
        match self.take_exchange() {
            Some(Exchange::Relayed { from, to, .. }) if to == id => {
                self.note(Note::ProposalRefused {
                    leg: from,
                    status: status.as_u16(),
                });
                self.command(from, Command::RefuseOffer { status }, now);
            }
            Some(Exchange::Told { to }) if to == id => {}
            exchange @ (Some(Exchange::Relayed { .. } | Exchange::Told { .. }) | None) => self.set_exchange(exchange),
        }
        self.match_next(now);
    }

    /// Whoever proposed has taken it back; the other leg's answer then concerns nobody.
    fn offer_withdrawn(&mut self, id: LegId) {
        match self.take_exchange() {
            Some(Exchange::Relayed { from, to, .. }) if from == id => self.set_exchange(Some(Exchange::Told { to })),
            exchange @ (Some(Exchange::Relayed { .. } | Exchange::Told { .. }) | None) => self.set_exchange(exchange),
        }
    }

    fn accept(&mut self, id: LegId, sdp: &Sdp) -> Option<()> {
        let answer = leg::read(sdp)?;
        self.legs.get_mut(&id)?.sdp.accept_answer(&answer).ok()?;
        Some(())
    }

    /// Records that a leg holds, or takes back, the other side.
    fn tell_hold(&mut self, id: LegId, now: Now) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let holds = leg.remote().is_some_and(AudioDescription::holds) && !self.is_held_by_other(id);
        let Some(leg) = self.legs.get_mut(&id) else { return };
        if std::mem::replace(&mut leg.holds, holds) != holds {
            let event = if holds {
                CallEvent::LegHeld { leg: id }
            } else {
                CallEvent::LegResumed { leg: id }
            };
            self.journal(event, now);
        }
    }

    /// Whether what the leg says may be only the mirror of the other side's hold: where nothing is played, there is
    /// nothing to receive.
    fn is_held_by_other(&self, id: LegId) -> bool {
        let other = self.other(id).and_then(|other| self.legs.get(&other));
        other.is_some_and(|leg| leg.holds && leg.remote().is_none_or(|remote| !remote.direction.sends()))
    }

    fn pass_on(&mut self, id: LegId, content: wigwag_sip::session::Content, now: Now) {
        if let Some(other) = self.other(id) {
            let content = Some(content);
            self.command(
                other,
                Command::Send {
                    tag: 0,
                    method: Method::Info,
                    headers: Vec::new(),
                    content,
                },
                now,
            );
        }
    }

    pub(super) fn hung_up(&mut self, id: LegId, ended: &Ended, now: Now) {
        let cause = match ended.by {
            EndedBy::Remote | EndedBy::Local => HangupCause::NormalClearing,
            EndedBy::Failure(_) => HangupCause::MediaLost,
        };
        self.end_leg(id, cause, now);
        self.end(cause, now);
    }
}

/// Whether packets of this format can be sent on as they are.
fn takes(capabilities: &Capabilities, format: &Format) -> bool {
    capabilities.codecs.iter().any(|codec| codec.carries_the_same(format))
}
