//! One leg of a call: the INVITE usage of one dialog, both roles (RFC 3261 §12–§15).

use std::mem;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use wigwag_sansio::{Entropy, Machine, Now, Tick};

use super::{
    Input, Invitation, Outgoing, Output, Settings, calling::Calling, closing::Closing, established::Established,
    invited::Invited, shared::Shared,
};
use crate::{
    transaction::ServerKey,
    wire::{Request, Response, header::CallId},
};

/// One leg of a call.
///
/// The driver hands in everything whose Call-ID and local tag match [`Session::key`], and the answers to what the
/// session sent. After [`Event::Ended`](super::Event::Ended) the session may still have to say good-bye: keep driving
/// it until [`Session::is_over`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Session {
    key: SessionKey,
    shared: Shared,
    state: State,
}

/// What tells a session from all others, from its first message on: the To tag of requests to it, the From tag of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SessionKey {
    /// The Call-ID.
    pub call_id: CallId,
    /// Our tag.
    pub local_tag: SmolStr,
}

/// Where a session stands.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum State {
    /// We called and have no final answer.
    Calling(Box<Calling>),
    /// We are called and have not answered.
    Invited(Box<Invited>),
    /// The call is answered.
    Established(Box<Established>),
    /// The call has ended for its owner, the last messages are under way.
    Closing(Box<Closing>),
    /// Nothing will ever happen again.
    Over,
}

impl Session {
    /// Makes a call: the INVITE is the first output.
    pub fn outgoing(outgoing: Outgoing, settings: Settings, entropy: Entropy) -> Session {
        let mut shared = Shared::new(settings, entropy);
        Session {
            key: SessionKey {
                call_id: outgoing.call_id.clone(),
                local_tag: shared.local_tag.clone(),
            },
            state: State::Calling(Box::new(Calling::start(outgoing, &mut shared))),
            shared,
        }
    }

    /// Takes a call: `invite` was validated, has no To tag, and has the server transaction `key`.
    ///
    /// # Errors
    /// With the final response to send instead, when the INVITE asks for what no session can do.
    pub fn incoming(
        key: ServerKey,
        invite: Request,
        settings: Settings,
        entropy: Entropy,
    ) -> Result<(Session, Invitation), Response> {
        let mut shared = Shared::new(settings, entropy);
        let (invited, invitation) = Invited::take(key, invite, &mut shared)?;
        let session = Session {
            key: SessionKey {
                call_id: invited.call_id().clone(),
                local_tag: shared.local_tag.clone(),
            },
            state: State::Invited(Box::new(invited)),
            shared,
        };
        Ok((session, invitation))
    }

    /// What messages of this session have in common.
    pub fn key(&self) -> &SessionKey {
        &self.key
    }

    /// The other side's tag, of an incoming or an answered call: what a Replaces header (RFC 3891) calls its from-tag.
    pub fn remote_tag(&self) -> Option<&str> {
        let dialog = match &self.state {
            State::Invited(invited) => invited.dialog(),
            State::Established(established) => established.dialog(),
            State::Calling(_) | State::Closing(_) | State::Over => return None,
        };
        Some(dialog.remote_tag())
    }

    /// Whether an incoming call was described reliably before its answer (RFC 3262): this stands, and what
    /// [`Command::Accept`](super::Command::Accept) says is left out. What has to be different is proposed afterwards.
    pub fn has_described(&self) -> bool {
        match &self.state {
            State::Invited(invited) => invited.has_described(),
            State::Calling(_) | State::Established(_) | State::Closing(_) | State::Over => false,
        }
    }

    /// Whether the session can be dropped: nothing that comes in will make it do anything.
    pub fn is_over(&self) -> bool {
        matches!(self.state, State::Over)
    }
}

impl Machine for Session {
    type Input = Input;
    type Output = Output;

    fn handle(&mut self, input: Input, now: Now) {
        let shared = &mut self.shared;
        self.state = match mem::replace(&mut self.state, State::Over) {
            State::Calling(calling) => calling.handle(input, shared, now),
            State::Invited(invited) => invited.handle(input, shared, now),
            State::Established(established) => established.handle(input, shared, now),
            State::Closing(closing) => closing.handle(input, shared, now),
            State::Over => State::Over,
        };
    }

    fn handle_timeout(&mut self, now: Now) {
        if self.deadline().is_none_or(|deadline| now.tick < deadline) {
            return;
        }
        let shared = &mut self.shared;
        self.state = match mem::replace(&mut self.state, State::Over) {
            State::Invited(invited) => invited.handle_timeout(shared, now),
            State::Established(established) => established.handle_timeout(shared, now),
            State::Closing(closing) => closing.handle_timeout(shared, now),
            State::Calling(calling) => calling.handle_timeout(shared, now),
            State::Over => State::Over,
        };
    }

    fn poll(&mut self) -> Option<Output> {
        self.shared.poll()
    }

    fn deadline(&self) -> Option<Tick> {
        match &self.state {
            State::Over => None,
            State::Calling(calling) => calling.deadline(),
            State::Invited(invited) => invited.deadline(),
            State::Established(established) => established.deadline(),
            State::Closing(closing) => closing.deadline(),
        }
    }
}
