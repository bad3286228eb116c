//! What the caller said about sound in the INVITE.

use serde::{Deserialize, Serialize};
use wigwag_sip::{
    sdp::{AudioDescription, Capabilities, Codec, Description, Direction},
    session::Invitation,
};

use super::leg;

/// The caller's offer, or its absence.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum CallerOffer {
    /// An offer that can be answered.
    Made {
        /// The whole description, which the answer has to follow.
        description: Box<Description>,
        /// The audio stream that is taken from it.
        audio: Box<AudioDescription>,
    },
    /// None: we make the offer, and the ACK carries the answer.
    Asked,
    /// The call was answered before, and here is what the leg said last.
    Answered(Box<AudioDescription>),
}

impl CallerOffer {
    /// Reads the INVITE's body; nothing when there is one that cannot be used.
    pub(super) fn read(invitation: &Invitation) -> Option<Self> {
        let Some(sdp) = &invitation.sdp else {
            return Some(CallerOffer::Asked);
        };
        let description = leg::read(sdp)?;
        let audio = Box::new(AudioDescription::of(&description).ok()?);
        Some(CallerOffer::Made {
            description: Box::new(description),
            audio,
        })
    }

    /// A leg that has answered before.
    pub(super) fn of_answered(said: &AudioDescription) -> Self {
        CallerOffer::Answered(Box::new(said.clone()))
    }

    /// What the other side is to be offered.
    pub(super) fn capabilities(&self) -> Capabilities {
        match self {
            CallerOffer::Made { audio, .. } | CallerOffer::Answered(audio) => audio.capabilities.clone(),
            CallerOffer::Asked => Capabilities::of_codecs([Codec::OPUS, Codec::G722, Codec::PCMA, Codec::PCMU]),
        }
    }

    /// Who sends, as the caller sees it.
    pub(super) fn direction(&self) -> Direction {
        match self {
            CallerOffer::Made { audio, .. } => audio.direction,
            CallerOffer::Asked | CallerOffer::Answered(_) => Direction::SendRecv,
        }
    }
}
