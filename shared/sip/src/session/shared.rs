//! What every state of a session has beside its own data.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use wigwag_sansio::Entropy;

use super::{Ended, Event, Extra, Output, RequestToken, Settings};
use crate::{
    transaction::ServerKey,
    wire::{HeaderName, Request, Response, ResponseBuilder, StatusCode, Uri, header::Reason},
};

/// Symbols of a local tag: 60 bits, well over the 32 that RFC 3261 §19.3 asks for.
const TAG_SYMBOLS: usize = 12;

/// Settings, randomness and the outputs that have not been polled yet.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Shared {
    pub(super) settings: Settings,
    pub(super) entropy: Entropy,
    pub(super) local_tag: SmolStr,
    last_token: u32,
    outputs: VecDeque<Output>,
}

impl Shared {
    pub(super) fn new(mut settings: Settings, mut entropy: Entropy) -> Self {
        settings.headers.retain(Extra::is_free);
        Shared {
            settings,
            local_tag: entropy.word(TAG_SYMBOLS).into(),
            entropy,
            last_token: 0,
            outputs: VecDeque::new(),
        }
    }

    pub(super) fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    pub(super) fn request(&mut self, request: Request, next_hop: Uri) -> RequestToken {
        self.last_token += 1;
        let token = RequestToken(self.last_token);
        self.outputs.push_back(Output::Request {
            token,
            request,
            next_hop,
        });
        token
    }

    pub(super) fn cancel(&mut self, token: RequestToken, reasons: Vec<Reason>) {
        self.outputs.push_back(Output::Cancel { token, reasons });
    }

    pub(super) fn ack(&mut self, request: Request, next_hop: Uri) {
        self.outputs.push_back(Output::Ack { request, next_hop });
    }

    pub(super) fn respond(&mut self, key: ServerKey, response: Response) {
        self.outputs.push_back(Output::Respond { key, response });
    }

    pub(super) fn event(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }

    pub(super) fn ended(&mut self, ended: Ended) {
        self.event(Event::Ended(ended));
    }

    /// The beginning of every answer of ours.
    pub(super) fn reply(&self, request: &Request, status: StatusCode) -> ResponseBuilder {
        let reply = Response::reply_to(request, status).to_tag(&self.local_tag);
        if status.is_provisional() {
            return reply;
        }
        self.settings
            .headers
            .iter()
            .fold(reply, |reply, extra| reply.raw(extra.name.clone(), &extra.value))
    }

    /// Answers with nothing but a status.
    pub(super) fn answer(&mut self, key: ServerKey, request: &Request, status: StatusCode) {
        let response = self.reply(request, status).build();
        self.respond(key, response);
    }

    /// Answers 500 and asks to come again within ten seconds (RFC 3261 §14.2).
    pub(super) fn answer_later(&mut self, key: ServerKey, request: &Request) {
        let seconds = self.entropy.below(11).to_string();
        let reply = self.reply(request, StatusCode::SERVER_INTERNAL_ERROR);
        let response = reply.raw(HeaderName::RetryAfter, seconds).build();
        self.respond(key, response);
    }
}
