//! What a session is born with.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{Extra, Sdp};
use crate::{
    digest::Login,
    wire::{
        Uri,
        header::{CallId, Contact, From, Route, To},
    },
};

/// What a session does the same way in every message.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Settings {
    /// Where the other side reaches us.
    pub contact: Contact,
    /// Added to every request and every final response, such as User-Agent or Server.
    pub headers: Vec<Extra>,
    /// How the session timer is negotiated.
    pub timer: TimerPolicy,
    /// What challenges to our requests are answered with; without it they are never answered, so that nobody whom we
    /// call can collect digests.
    pub credentials: Option<Credentials>,
}

/// How the session timer (RFC 4028) is negotiated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimerPolicy {
    /// The interval that we ask for, in seconds.
    pub interval_secs: u32,
    /// The shortest interval that we agree to, in seconds.
    pub min_se_secs: u32,
    /// Who shall refresh.
    pub refresher: Refresher,
}

impl Default for TimerPolicy {
    fn default() -> Self {
        TimerPolicy {
            interval_secs: 1800,
            min_se_secs: 90,
            refresher: Refresher::Any,
        }
    }
}

/// Whom we want to refresh the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refresher {
    /// This session.
    Us,
    /// The other side.
    Them,
    /// Whoever likes.
    Any,
}

/// A name and password for challenges from one realm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// The only realm that gets an answer; none means whichever realm the other side names, for gateways that are
    /// configured without.
    pub realm: Option<SmolStr>,
    /// Name and password.
    pub login: Login,
}

/// A call to make.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Outgoing {
    /// Whom to reach.
    pub request_uri: Uri,
    /// Who calls; the session adds the tag.
    pub from: From,
    /// Who is called, as shown to them.
    pub to: To,
    /// The Call-ID, unique in the world.
    pub call_id: CallId,
    /// The way to go first: an outbound proxy, a registration's Path.
    pub routes: Vec<Route>,
    /// How many hops are left; 70, or one less than the incoming call had.
    pub max_forwards: u8,
    /// Further headers of the INVITE.
    pub headers: Vec<Extra>,
    /// Our offer, or none to let the other side make it.
    pub sdp: Option<Sdp>,
}
