//! The session timer, both roles (RFC 4028).

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wigwag_sansio::{Now, Tick};

use super::{Extra, Refresher, TimerPolicy, read::Read, shared::Shared};
use crate::wire::{
    HeaderName, Request, Response, StatusCode,
    header::{Refresher as Role, SessionExpires},
};

/// The shortest interval that exists without Min-SE (RFC 4028 §5).
const USUAL_MIN_SE_SECS: u32 = 90;
/// Longer ones are cut, whatever the other side says: a day.
const LONGEST_SECS: u32 = 86_400;
/// How much before the end the side that does not refresh gives up, at most (RFC 4028 §10).
const GIVE_UP_BEFORE: Duration = Duration::from_secs(32);
/// Waited before a refresh that could not be sent is tried again.
const POSTPONEMENT: Duration = Duration::from_secs(10);

/// What has been agreed about the life of a session without refresh.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SessionTimer {
    policy: TimerPolicy,
    /// The least that the other side, or a proxy, agrees to.
    their_min_se_secs: u32,
    agreement: Agreement,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Agreement {
    /// Nothing has been agreed yet.
    Open,
    /// There is no timer.
    Off,
    /// We refresh.
    Ours {
        interval_secs: u32,
        refresh_at: Tick,
        ends_at: Tick,
    },
    /// The other side refreshes.
    Theirs { interval_secs: u32, ends_at: Tick },
}

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Nothing,
    Refresh,
    End,
}

/// An interval shorter than we agree to: answer 422 with this Min-SE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooSmall {
    pub(super) min_se_secs: u32,
}

impl SessionTimer {
    pub(super) fn new(policy: TimerPolicy) -> Self {
        SessionTimer {
            policy,
            their_min_se_secs: 0,
            agreement: Agreement::Open,
        }
    }

    /// What our INVITE or UPDATE says (RFC 4028 §7.1, §7.4).
    pub(super) fn request_headers(&self) -> Vec<Extra> {
        let (interval_secs, refresher) = match self.agreement {
            Agreement::Open => (self.policy.interval_secs, self.policy.refresher.as_sender()),
            Agreement::Off => return Vec::new(),
            Agreement::Ours { interval_secs, .. } => (interval_secs, Some(Role::Uac)),
            Agreement::Theirs { interval_secs, .. } => (interval_secs, Some(Role::Uas)),
        };
        let mut headers = vec![session_expires(interval_secs.max(self.their_min_se_secs), refresher)];
        let min_se_secs = self.policy.min_se_secs.max(self.their_min_se_secs);
        if min_se_secs > USUAL_MIN_SE_SECS {
            headers.push(Extra::new(HeaderName::MinSe, min_se_secs.to_string()));
        }
        headers
    }

    /// Takes a 422 to our request; false when trying again makes no sense (RFC 4028 §7.3).
    pub(super) fn raise(&mut self, response: &Response) -> bool {
        let Some(min_se_secs) = response.min_se_secs() else {
            return false;
        };
        if min_se_secs <= self.their_min_se_secs || min_se_secs > LONGEST_SECS {
            return false;
        }
        self.their_min_se_secs = min_se_secs;
        true
    }

    /// Takes the 2xx to our INVITE or UPDATE (RFC 4028 §7.2).
    pub(super) fn granted(&mut self, response: &Response, now: Now) {
        self.agreement = match response.session_expires() {
            None => Agreement::Off,
            Some(granted) => {
                let we_refresh = granted.refresher() != Some(Role::Uas);
                Agreement::new(granted.seconds().max(self.policy.min_se_secs), we_refresh, now)
            }
        };
    }

    /// Whether their INVITE or UPDATE asks for an interval that we agree to (RFC 4028 §9).
    pub(super) fn judge(&self, request: &Request) -> Result<(), TooSmall> {
        match request.session_expires() {
            Some(asked) if asked.seconds() < self.policy.min_se_secs && request.supports("timer") => Err(TooSmall {
                min_se_secs: self.policy.min_se_secs,
            }),
            Some(_) | None => Ok(()),
        }
    }

    /// What our 2xx to their INVITE or UPDATE says (RFC 4028 §9).
    pub(super) fn grant(&mut self, request: &Request, now: Now) -> Vec<Extra> {
        let asked = request.session_expires();
        let supported = request.supports("timer");
        if asked.is_none() && !supported {
            self.agreement = Agreement::Off;
            return Vec::new();
        }
        let least = request.min_se_secs().unwrap_or(0).max(self.policy.min_se_secs);
        let most = asked.as_ref().map_or(LONGEST_SECS, SessionExpires::seconds);
        let interval_secs = self.policy.interval_secs.min(most).max(least).min(LONGEST_SECS);
        let we_refresh = !supported || self.we_refresh(asked.and_then(|asked| asked.refresher()));
        self.agreement = Agreement::new(interval_secs, we_refresh, now);
        if we_refresh {
            return vec![session_expires(interval_secs, Some(Role::Uas))];
        }
        vec![
            session_expires(interval_secs, Some(Role::Uac)),
            Extra::new(HeaderName::Require, "timer"),
        ]
    }

    /// What has to be done at this moment.
    pub(super) fn due(&self, now: Now) -> Due {
        match self.agreement {
            Agreement::Ours { ends_at, .. } | Agreement::Theirs { ends_at, .. } if ends_at <= now.tick => Due::End,
            Agreement::Ours { refresh_at, .. } if refresh_at <= now.tick => Due::Refresh,
            Agreement::Open | Agreement::Off | Agreement::Ours { .. } | Agreement::Theirs { .. } => Due::Nothing,
        }
    }

    pub(super) fn deadline(&self) -> Option<Tick> {
        match self.agreement {
            Agreement::Open | Agreement::Off => None,
            Agreement::Ours {
                refresh_at, ends_at, ..
            } => Some(refresh_at.min(ends_at)),
            Agreement::Theirs { ends_at, .. } => Some(ends_at),
        }
    }

    /// The refresh is under way: nothing is due before it fails or succeeds.
    pub(super) fn refreshing(&mut self) {
        if let Agreement::Ours {
            refresh_at, ends_at, ..
        } = &mut self.agreement
        {
            *refresh_at = *ends_at;
        }
    }

    /// The refresh failed or could not be sent now: once more in a while, as long as the session lives.
    pub(super) fn postpone(&mut self, now: Now) {
        if let Agreement::Ours {
            refresh_at, ends_at, ..
        } = &mut self.agreement
        {
            *refresh_at = (now.tick + POSTPONEMENT).min(*ends_at);
        }
    }

    /// Who refreshes after a request that leaves the choice to us, or does not.
    fn we_refresh(&self, asked: Option<Role>) -> bool {
        match (asked, self.agreement, self.policy.refresher) {
            (Some(Role::Uas), _, _) => true,
            (Some(Role::Uac), _, _) => false,
            (None, Agreement::Ours { .. }, _) => true,
            (None, Agreement::Theirs { .. }, _) => false,
            (None, Agreement::Open | Agreement::Off, Refresher::Us) => true,
            (None, Agreement::Open | Agreement::Off, Refresher::Them | Refresher::Any) => false,
        }
    }
}

impl Agreement {
    fn new(interval_secs: u32, we_refresh: bool, now: Now) -> Self {
        let interval_secs = interval_secs.clamp(1, LONGEST_SECS);
        let interval = Duration::from_secs(u64::from(interval_secs));
        let ends_at = now.tick + (interval - GIVE_UP_BEFORE.min(interval / 3));
        if we_refresh {
            Agreement::Ours {
                interval_secs,
                refresh_at: now.tick + interval / 2,
                ends_at,
            }
        } else {
            Agreement::Theirs { interval_secs, ends_at }
        }
    }
}

impl TooSmall {
    pub(super) fn response(self, request: &Request, shared: &Shared) -> Response {
        let reply = shared.reply(request, StatusCode::SESSION_INTERVAL_TOO_SMALL);
        reply.raw(HeaderName::MinSe, self.min_se_secs.to_string()).build()
    }
}

impl Refresher {
    /// As the side that sends the request writes it.
    fn as_sender(self) -> Option<Role> {
        match self {
            Refresher::Us => Some(Role::Uac),
            Refresher::Them => Some(Role::Uas),
            Refresher::Any => None,
        }
    }
}

fn session_expires(interval_secs: u32, refresher: Option<Role>) -> Extra {
    let value = match refresher {
        None => interval_secs.to_string(),
        Some(Role::Uac) => format!("{interval_secs};refresher=uac"),
        Some(Role::Uas) => format!("{interval_secs};refresher=uas"),
    };
    Extra::new(HeaderName::SessionExpires, value)
}
