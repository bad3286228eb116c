//! One leg: a phone, its SIP session, and what was agreed about its sound.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wigwag_model::PhoneNumber;
use wigwag_sansio::Tick;
use wigwag_sip::{
    sdp::{AudioDescription, Description, Direction, LocalAudio, Negotiation, Suite},
    session::{Sdp, Session},
    wire::Uri,
};

use super::{ArmId, Phone, Ports, Who};
use crate::{
    registrar::Reach,
    routing::{Caller, NoNumber, Outsider},
};

/// One leg of a call.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Leg {
    pub(super) session: Session,
    pub(super) reach: Reach,
    /// Whether its connection is gone, and its phone has not come another way since.
    pub(super) is_lost: bool,
    /// The arm for which it rings, if it was rung.
    pub(super) arm: Option<ArmId>,
    /// What it registered as, when it was rung.
    pub(super) contact: Option<Uri>,
    pub(super) who: Who,
    /// The public number that was called by it, if it is a carrier's.
    pub(super) called: Option<PhoneNumber>,
    /// Whether it has rung at the other end.
    pub(super) has_rung: bool,
    /// Another way is tried if nothing at all has come from it by then.
    pub(super) answers_by: Option<Tick>,
    pub(super) progress: Progress,
    pub(super) sdp: Negotiation,
    pub(super) encryption: Encryption,
    pub(super) sound: Sound,
    /// For how long its phone has been silent.
    pub(super) silent: Duration,
    /// Whether it does not want to hear the other side.
    pub(super) holds: bool,
}

/// How far a leg has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Progress {
    Started,
    Ringing,
    /// It has answered, and has to accept the call by a key until then.
    Screened {
        until: Tick,
    },
    Answered,
    /// Its phone has refused the call.
    Refused,
    /// It is over for the call; its session may still say good-bye.
    Ended,
}

/// Where a leg's sound stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Sound {
    /// It never had ports.
    None,
    /// It has these.
    Open(Ports),
    /// They are being given back, and the figures are still to come.
    Closing,
    /// All is told.
    Measured,
}

/// Whether a leg is offered encrypted sound (SDES): phones that connect by TLS are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Encryption {
    /// Not, but what it offers itself is accepted.
    Accepted,
    /// Yes; should it refuse, the phone is asked again without.
    Offered(Box<Phone>),
}

impl Leg {
    /// The leg of a phone that is to be rung by `session`, with which nothing has been agreed.
    pub(super) fn ringing(
        (arm, phone): (ArmId, &Phone),
        encryption: Encryption,
        ports: Ports,
        sdp: Negotiation,
        session: Session,
    ) -> Self {
        Leg {
            session,
            reach: phone.reach.clone(),
            is_lost: false,
            arm: Some(arm),
            contact: Some(phone.contact.clone()),
            who: phone.who,
            called: phone.letter.as_ref().and_then(|letter| letter.called.clone()),
            has_rung: false,
            answers_by: None,
            progress: Progress::Started,
            sdp,
            encryption,
            sound: Sound::Open(ports),
            silent: Duration::ZERO,
            holds: false,
        }
    }

    /// Whether it still takes part in the call.
    pub(super) fn is_live(&self) -> bool {
        match self.progress {
            Progress::Started | Progress::Ringing | Progress::Screened { .. } | Progress::Answered => true,
            Progress::Refused | Progress::Ended => false,
        }
    }

    /// Whether it is the leg of a phone that has registered just now: by its contact, or because it is the device's leg
    /// whose connection is gone.
    pub(super) fn is_of(&self, phone: &Phone) -> bool {
        self.who == phone.who && (self.is_lost || self.contact.as_ref() == Some(&phone.contact))
    }

    /// Who is at the other end, to whom calls the other side.
    pub(super) fn as_caller(&self) -> Caller {
        match self.who {
            Who::Device { extension_id, .. } => Caller::Extension(extension_id),
            Who::Gateway(_) => Caller::Outside(Outsider {
                number: self.called.clone().ok_or(NoNumber::Unavailable),
                name: None,
            }),
        }
    }

    /// Who may send, as far as it is about this leg: it may not want to hear the other side.
    pub(super) fn allowed_direction(&self) -> Direction {
        let held = self.remote().filter(|_| self.holds);
        held.map_or(Direction::SendRecv, |remote| remote.direction)
    }

    /// Whether nothing more will come of it.
    pub(super) fn is_settled(&self) -> bool {
        !self.is_live() && matches!(self.sound, Sound::None | Sound::Measured)
    }

    /// Our side of its sound for an answer, unless it has none.
    pub(super) fn local_answer(&self, direction: Direction) -> Option<LocalAudio> {
        match self.sound {
            Sound::Open(ports) => Some(ports.audio(Suite::ALL.to_vec(), direction)),
            Sound::None | Sound::Closing | Sound::Measured => None,
        }
    }

    /// Our side of its sound for an offer, unless it has none. What was agreed once stays as it is.
    pub(super) fn local_offer(&self, direction: Direction) -> Option<LocalAudio> {
        match self.sound {
            Sound::Open(ports) => Some(ports.audio(self.encryption.suites(), direction)),
            Sound::None | Sound::Closing | Sound::Measured => None,
        }
    }

    /// What its phone said last, if it was agreed on.
    pub(super) fn remote(&self) -> Option<&AudioDescription> {
        self.sdp.remote()
    }
}

impl Encryption {
    /// What a phone is offered.
    pub(super) fn suites(&self) -> Vec<Suite> {
        match self {
            Encryption::Accepted => Vec::new(),
            Encryption::Offered(_) => Suite::ALL.to_vec(),
        }
    }
}

impl Ports {
    /// These ports as our side of an audio stream.
    pub(super) fn audio(&self, suites: Vec<Suite>, direction: Direction) -> LocalAudio {
        LocalAudio {
            rtp: self.rtp,
            suites,
            direction,
        }
    }
}

/// Reads a description that a phone sent.
pub(super) fn read(sdp: &Sdp) -> Option<Description> {
    Description::parse(&sdp.0).ok()
}

/// Writes a description for a phone.
pub(super) fn write(description: &Description) -> Sdp {
    Sdp(description.to_bytes())
}
