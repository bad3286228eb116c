//! Requests of the owner that change nothing in the dialog, such as INFO.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::usage::Step;
use crate::{
    session::{
        Content, Event, Extra, Reply, RequestToken,
        dialog::Dialog,
        draft::{Draft, InFlight},
        shared::Shared,
    },
    transaction::Failure,
    wire::{Method, Response},
};

/// How many may wait for their answers.
const MAX_WAITING: usize = 8;

/// The owner's requests that wait for their answers.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Sends(BTreeMap<RequestToken, Waiting>);

#[derive(Debug, Serialize, Deserialize)]
struct Waiting {
    tag: u32,
    request: InFlight,
}

impl Sends {
    pub(super) fn send(
        &mut self,
        tag: u32,
        (method, mut headers, content): (Method, Vec<Extra>, Option<Content>),
        dialog: &mut Dialog,
        shared: &mut Shared,
    ) {
        if self.0.len() == MAX_WAITING || is_owned(&method) {
            let reply = Reply::Unsent;
            return shared.event(Event::Replied { tag, reply });
        }
        headers.retain(Extra::is_free);
        let draft = Draft {
            method,
            headers,
            content,
        };
        let request = InFlight::send(draft, dialog, shared);
        self.0.insert(request.token(), Waiting { tag, request });
    }

    pub(super) fn receive(
        &mut self,
        token: RequestToken,
        response: Response,
        dialog: &mut Dialog,
        shared: &mut Shared,
    ) -> Step {
        if response.status().is_provisional() {
            return Step::Stay;
        }
        let Some(mut waiting) = self.0.remove(&token) else {
            return Step::Stay;
        };
        if waiting.request.answer_challenge(&response, dialog, shared) {
            self.0.insert(waiting.request.token(), waiting);
            return Step::Stay;
        }
        let step = Step::after(response.status());
        let (tag, reply) = (waiting.tag, Reply::Response(response));
        shared.event(Event::Replied { tag, reply });
        step
    }

    pub(super) fn fail(&mut self, token: RequestToken, failure: Failure, shared: &mut Shared) -> Step {
        let Some(waiting) = self.0.remove(&token) else {
            return Step::Stay;
        };
        let (tag, reply) = (waiting.tag, Reply::Failed(failure));
        shared.event(Event::Replied { tag, reply });
        Step::after_failure(failure)
    }
}

/// Whether only the session itself may send this.
fn is_owned(method: &Method) -> bool {
    match method {
        Method::Invite | Method::Ack | Method::Bye | Method::Cancel | Method::Update | Method::Prack => true,
        Method::Register
        | Method::Options
        | Method::Info
        | Method::Refer
        | Method::Subscribe
        | Method::Notify
        | Method::Message
        | Method::Publish
        | Method::Other(_) => false,
    }
}
