//! What can happen to a call.

use std::{net::SocketAddr, time::Duration};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use wigwag_model::{CallId, HangupCause, LegId, MediaFigures};
use wigwag_sip::{
    session,
    transaction::FlowId,
    wire::{
        StatusCode, Uri,
        header::{Contact, Path},
    },
};

use super::{Answer, ArmId, NoPlace, NotChanged, PinVerdict, Who};
use crate::{gateways::Letter, registrar::Reach};

/// What can happen to a call.
#[derive(Clone, Debug)]
pub enum Input {
    /// Something came for a leg's SIP session.
    Sip {
        /// The leg.
        leg: LegId,
        /// What came.
        input: session::Input,
    },
    /// A leg's phone is reached another way from now on: its last message came over that.
    Moved {
        /// The leg.
        leg: LegId,
        /// The way.
        reach: Reach,
    },
    /// The reply to [`Output::Reach`](super::Output::Reach).
    Reached {
        /// From the output.
        arm: ArmId,
        /// The phones to ring, or why there is nothing to ring; to a number outside, ways that are tried in turn.
        phones: Result<Vec<Phone>, HangupCause>,
    },
    /// The reply to [`Output::Decide`](super::Output::Decide).
    Decided(Answer),
    /// The reply to [`Output::CheckPin`](super::Output::CheckPin).
    PinChecked(PinVerdict),
    /// The reply to [`Output::Change`](super::Output::Change).
    Changed(Result<(), NotChanged>),
    /// The reply to [`MediaCommand::Open`](super::MediaCommand::Open).
    Opened {
        /// From the command.
        leg: LegId,
        /// Where the leg's phone shall send its sound.
        ports: Result<Ports, NoPorts>,
    },
    /// A phone has registered whose extension this call rings.
    Joined(Box<Phone>),
    /// A connection is gone.
    FlowClosed(FlowId),
    /// Something was observed of a leg's sound.
    Media {
        /// The leg.
        leg: LegId,
        /// What.
        observed: Observed,
    },
    /// Another call has taken the leg that was wanted there: the reply to [`Output::HandOver`](super::Output::HandOver)
    /// after [`Call::release`](super::Call::release).
    HandedOver {
        /// The other call.
        into: CallId,
    },
    /// No call was found for the leg, which was not released.
    NotTaken {
        /// From the output.
        leg: LegId,
        /// Why not.
        status: StatusCode,
    },
    /// The reply to [`Output::Park`](super::Output::Park).
    Placed(Result<u8, NoPlace>),
    /// Somebody in charge ends the call: the server shuts down, an admin hangs up.
    HangUp(HangupCause),
}

/// A registered phone that is to ring, or a way to one outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phone {
    /// The device that registered, or the carrier.
    pub who: Who,
    /// Goes into the Request-URI.
    pub contact: Uri,
    /// How to reach it.
    pub reach: Reach,
    /// Proxies to pass (RFC 3327).
    pub path: Vec<Path>,
    /// Where it reaches us: goes into our Contact.
    pub our_contact: Contact,
    /// What a carrier is told besides.
    pub letter: Option<Box<Letter>>,
}

/// The local ends of a leg's sound, as its phone has to see them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ports {
    /// For sound.
    pub rtp: SocketAddr,
    /// For reports, unless they share the port of the sound.
    pub rtcp: SocketAddr,
}

/// The media plane has no port left for a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[error("no port is free for the sound of a leg")]
pub struct NoPorts;

/// What the media plane tells of a leg.
#[derive(Clone, Debug)]
pub enum Observed {
    /// Its phone has sent nothing for so long, though it may.
    Silent(Duration),
    /// Its phone is heard again.
    Heard,
    /// It has pressed a key: `0`–`9`, `*`, `#`, `A`–`D` (RFC 4733, or heard in its sound).
    Pressed(char),
    /// It has heard all that was to be played to it.
    Played,
    /// Its sound is over, and here are the figures.
    Measured(MediaFigures),
}
