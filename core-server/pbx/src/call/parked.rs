//! One side waits at a parking place, hears music, and is fetched from anywhere; whoever parked it is rung after a while.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use wigwag_model::{HangupCause, LegId};
use wigwag_sansio::{Now, Tick};
use wigwag_sip::session::Event;

use super::{Call, MediaCommand, Note, Output, Phase, Prompt};

/// How long one waits there.
const PARKED: Duration = Duration::from_secs(120);

/// Somebody is parked.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Parked {
    pub(super) leg: LegId,
    /// Whoever parked it; itself, where it has called the place and nobody was sent there.
    pub(super) by: LegId,
    /// The place, once one is found.
    pub(super) place: Option<u8>,
    pub(super) until: Tick,
}

/// There is no place: the one that is wished for is taken, or all are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[error("no parking place is free")]
pub struct NoPlace;

impl Call {
    /// Parks a leg, once a place is found.
    pub(super) fn park(&mut self, leg: LegId, by: LegId, wish: Option<u8>, now: Now) {
        self.is_parked(leg, by, now);
        self.outputs.push_back(Output::Park { wish });
    }

    pub(super) fn is_parked(&mut self, leg: LegId, by: LegId, now: Now) {
        self.phase = Phase::Parked(Parked {
            leg,
            by,
            place: None,
            until: now.tick + PARKED,
        });
    }

    /// A place is found, or none.
    pub(super) fn place_found(&mut self, place: Result<u8, NoPlace>, now: Now) {
        if self.is_being_parked() {
            return self.sent_to_park(place, now);
        }
        let Phase::Parked(parked) = &mut self.phase else {
            if place.is_ok() {
                self.outputs.push_back(Output::Unpark);
            }
            return;
        };
        let (leg, by) = (parked.leg, parked.by);
        let Ok(place) = place else {
            return self.end(HangupCause::Busy, now);
        };
        parked.place = Some(place);
        self.note(Note::Parked { leg, place });
        let prompt = if by == leg {
            Prompt::ParkedAt(place)
        } else {
            Prompt::HoldMusic
        };
        self.media(MediaCommand::Play { leg, prompt });
    }

    pub(super) fn heard_while_parked(&mut self, id: LegId, event: Event, now: Now) {
        match event {
            Event::Ended(ended) => self.hung_up(id, &ended, now),
            Event::Confirmed { sdp: Some(sdp) } => self.confirmed(id, &sdp, now),
            event @ (Event::Offered { .. }
            | Event::OfferAnswered { .. }
            | Event::OfferRefused { .. }
            | Event::OfferWithdrawn
            | Event::Other { .. }
            | Event::Confirmed { sdp: None }
            | Event::Referred(_)
            | Event::Progress { .. }
            | Event::Answered { .. }
            | Event::Digit(_)
            | Event::Info(_)
            | Event::Replied { .. }) => self.heard_while_waiting(id, event, now),
        }
    }

    /// Nobody has fetched it in time: whoever parked it is rung.
    pub(super) fn parked_too_long(&mut self, now: Now) {
        let Phase::Parked(parked) = &mut self.phase else { return };
        let (leg, by) = (parked.leg, parked.by);
        // Asked once.
        parked.until = now.tick + PARKED;
        self.outputs.push_back(Output::Unpark);
        if by == leg {
            return self.end(HangupCause::NoAnswer, now);
        }
        self.rings_back((by, leg), now);
    }

    /// Whoever is parked is fetched.
    pub(super) fn leaves_its_place(&mut self, leg: LegId) {
        if let Phase::Parked(_) = self.phase {
            self.outputs.push_back(Output::Unpark);
            self.media(MediaCommand::Stop { leg });
        }
    }
}
