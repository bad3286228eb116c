//! Requests within a dialog, remembered as long as they may have to be sent once more.

use serde::{Deserialize, Serialize};

use super::{
    Content, Extra, RequestToken, challenge,
    dialog::{AckOf, Dialog},
    shared::Shared,
};
use crate::wire::{Method, Response, header::Reason};

/// How many challenges to one request are answered (RFC 3261 §22.2: never one after the other without end).
pub(super) const MAX_CHALLENGES: u8 = 2;

/// What a request says, beside what its dialog adds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Draft {
    pub(super) method: Method,
    pub(super) headers: Vec<Extra>,
    pub(super) content: Option<Content>,
}

impl Draft {
    pub(super) fn bye(reasons: &[Reason]) -> Self {
        Draft {
            method: Method::Bye,
            headers: reasons.iter().map(Extra::reason).collect(),
            content: None,
        }
    }
}

/// A request that waits for its final answer.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct InFlight {
    token: RequestToken,
    cseq: u32,
    draft: Draft,
    auth: Option<Extra>,
    challenges: u8,
}

impl InFlight {
    pub(super) fn send(draft: Draft, dialog: &mut Dialog, shared: &mut Shared) -> Self {
        let (request, cseq) = dialog.request(&draft, None, shared);
        let token = shared.request(request, dialog.next_hop());
        InFlight {
            token,
            cseq,
            draft,
            auth: None,
            challenges: 0,
        }
    }

    pub(super) fn token(&self) -> RequestToken {
        self.token
    }

    pub(super) fn is(&self, token: RequestToken) -> bool {
        self.token == token
    }

    /// The ACK to its 2xx.
    pub(super) fn ack_of(&self) -> AckOf {
        AckOf::new(self.token, self.cseq, self.auth.clone())
    }

    /// Sends the request again with an answer to the challenge in `response`; false when there is none.
    pub(super) fn answer_challenge(&mut self, response: &Response, dialog: &mut Dialog, shared: &mut Shared) -> bool {
        if self.challenges == MAX_CHALLENGES {
            return false;
        }
        let Some(answer) = challenge::answer(response, &self.draft.method, &dialog.request_uri(), shared) else {
            return false;
        };
        let (request, cseq) = dialog.request(&self.draft, Some(&answer), shared);
        self.token = shared.request(request, dialog.next_hop());
        self.cseq = cseq;
        self.auth = Some(answer);
        self.challenges += 1;
        true
    }
}
