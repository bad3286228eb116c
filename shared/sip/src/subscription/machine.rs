//! The notifier's machine (RFC 6665 §4.2.1–§4.2.2, RFC 5057 §5.1).

use std::{collections::VecDeque, time::Duration};

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use wigwag_sansio::{Entropy, Machine, Now, Tick, Utc};

use super::{Asked, End, Input, NotifyToken, Output, Terms, asked};
use crate::{
    event_body::{Body, Package},
    session::dialog::{Dialog, Order},
    transaction::ServerKey,
    wire::{
        Method, Request, Response, ResponseBuilder, StatusCode,
        header::{Contact, Event, Expires, SubscriptionState},
    },
};

/// Symbols of a local tag: 60 bits, as for calls.
const TAG_SYMBOLS: usize = 12;
/// More than the NOTIFYs that can have been sent since a subscription was last kept.
const LEAP: u32 = 1 << 16;

/// One subscription of somebody to the state of something.
#[derive(Debug, Serialize, Deserialize)]
pub struct Subscription {
    dialog: Dialog,
    local_tag: SmolStr,
    contact: Contact,
    package: Package,
    event: Event,
    terms: Terms,
    body: Body,
    state: State,
    sending: Sending,
    outputs: VecDeque<Output>,
}

#[derive(Debug, Serialize, Deserialize)]
enum State {
    Active { expires: Tick, expires_at: Utc },
    Closing(End),
    Over,
}

/// Whether a NOTIFY is under way, or has to be.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum Sending {
    /// The subscriber knows everything.
    Idle { not_before: Tick },
    /// It has to be told something then.
    Due { at: Tick },
    /// It is being told; `news` when that is not the latest any more.
    Waiting {
        token: NotifyToken,
        not_before: Tick,
        news: bool,
    },
}

impl Subscription {
    /// Begins a subscription: answers the SUBSCRIBE, and tells that the resource is in the state `body`; the subscriber
    /// reaches us at `contact`.
    ///
    /// # Errors
    /// With the final response to send instead, when the SUBSCRIBE lacks what a dialog takes.
    pub fn begin(
        asked: Asked,
        body: Body,
        contact: Contact,
        entropy: &mut Entropy,
        now: Now,
    ) -> Result<Subscription, Response> {
        let Asked {
            package,
            key,
            subscribe,
            event,
            expires_secs,
            terms,
        } = asked;
        let local_tag = SmolStr::new(entropy.word(TAG_SYMBOLS));
        let dialog = Dialog::from_request(&subscribe, &local_tag).ok_or_else(|| asked::plain(&subscribe))?;
        let mut subscription = Subscription {
            dialog,
            local_tag,
            contact,
            package,
            event,
            terms,
            body,
            state: State::Over,
            sending: Sending::Idle { not_before: now.tick },
            outputs: VecDeque::new(),
        };
        subscription.grant(key, &subscribe, expires_secs, now);
        Ok(subscription)
    }

    /// The To tag of requests to this subscription.
    pub fn local_tag(&self) -> &SmolStr {
        &self.local_tag
    }

    /// What it is about.
    pub fn package(&self) -> Package {
        self.package
    }

    /// When it ends unless renewed; none when it is ending.
    pub fn expires_at(&self) -> Option<Utc> {
        match self.state {
            State::Active { expires_at, .. } => Some(expires_at),
            State::Closing(_) | State::Over => None,
        }
    }

    /// The same by the monotonic clock.
    pub fn expires(&self) -> Option<Tick> {
        match self.state {
            State::Active { expires, .. } => Some(expires),
            State::Closing(_) | State::Over => None,
        }
    }

    /// Goes on after a restart, which may have lost NOTIFYs and their answers: the subscriber is told everything again,
    /// `within` some time.
    pub fn resume(&mut self, within: Duration, now: Now) {
        let State::Active { expires, expires_at } = &mut self.state else {
            return self.end(End::Forgotten);
        };
        *expires = now.tick + expires_at.since(now.utc);
        self.dialog.skip(LEAP);
        self.sending = Sending::Due { at: now.tick + within };
    }

    /// Takes a SUBSCRIBE of the dialog.
    fn renew(&mut self, key: ServerKey, subscribe: &Request, now: Now) {
        if !matches!(self.state, State::Active { .. }) || !self.dialog.is_of(subscribe) {
            return self.refuse(key, subscribe, StatusCode::CALL_DOES_NOT_EXIST);
        }
        if self.dialog.order(subscribe) == Order::Late {
            return self.refuse(key, subscribe, StatusCode::SERVER_INTERNAL_ERROR);
        }
        let event: Option<Event> = subscribe.typed().ok().flatten();
        let is_ours = |event: Event| event.package() == self.event.package() && event.id() == self.event.id();
        if !event.is_some_and(is_ours) {
            let response = asked::bad_event(subscribe);
            return self.outputs.push_back(Output::Respond { key, response });
        }
        match asked::expires_secs(subscribe, &self.terms) {
            Ok(expires_secs) => {
                self.dialog.refresh_target(subscribe);
                self.grant(key, subscribe, expires_secs, now);
            }
            Err(response) => self.outputs.push_back(Output::Respond { key, response }),
        }
    }

    /// Answers 200 and tells the state of the resource, whether it is new to the subscriber or not.
    fn grant(&mut self, key: ServerKey, subscribe: &Request, expires_secs: u32, now: Now) {
        let response = self
            .reply(subscribe, StatusCode::OK)
            .record_route()
            .header(&self.contact)
            .header(&Expires::new(expires_secs))
            .build();
        self.outputs.push_back(Output::Respond { key, response });
        if expires_secs == 0 {
            return self.close(End::Timeout, now);
        }
        let lasts = Duration::from_secs(expires_secs.into());
        self.state = State::Active {
            expires: now.tick + lasts,
            expires_at: now.utc + lasts,
        };
        self.outputs.push_back(Output::Renewed);
        self.tell(now);
    }

    /// The subscriber has to be told something, as soon as it may be.
    fn tell(&mut self, now: Now) {
        match &mut self.sending {
            Sending::Idle { not_before } => {
                self.sending = Sending::Due { at: *not_before };
                self.send_what_is_due(now);
            }
            Sending::Due { .. } => {}
            Sending::Waiting { news, .. } => *news = true,
        }
    }

    /// The last NOTIFY goes out at once, unless another one is under way.
    fn close(&mut self, end: End, now: Now) {
        self.state = State::Closing(end);
        match self.sending {
            Sending::Idle { .. } | Sending::Due { .. } => self.notify(now),
            Sending::Waiting { .. } => self.tell(now),
        }
    }

    fn send_what_is_due(&mut self, now: Now) {
        if let Sending::Due { at } = self.sending
            && at <= now.tick
        {
            self.notify(now);
        }
    }

    fn notify(&mut self, now: Now) {
        let state = match &self.state {
            State::Active { expires, .. } => SubscriptionState::active(secs(expires.since(now.tick))),
            State::Closing(end) => SubscriptionState::terminated(end.reason()),
            State::Over => return,
        };
        // The number of the request is the number of the document, but for the first, which is 0 (RFC 4235 §4.1.1).
        let content = self.body.content(self.dialog.local_cseq());
        let request = self
            .dialog
            .next_request(&Method::Notify)
            .header(&self.contact)
            .header(&self.event)
            .header(&state)
            .body(&content.content_type, content.body)
            .build();
        let token = NotifyToken(self.dialog.local_cseq());
        self.sending = Sending::Waiting {
            token,
            not_before: now.tick + self.terms.min_gap,
            news: false,
        };
        self.outputs.push_back(Output::Notify {
            token,
            request,
            next_hop: self.dialog.next_hop(),
        });
    }

    /// The NOTIFY that is under way has been answered, or never will be.
    fn told(&mut self, token: NotifyToken, is_known: bool, now: Now) {
        let Sending::Waiting {
            token: awaited,
            not_before,
            news,
        } = self.sending
        else {
            return;
        };
        if awaited != token {
            return;
        }
        match &self.state {
            State::Active { .. } if !is_known => self.end(End::Forgotten),
            State::Active { .. } if news => {
                self.sending = Sending::Due { at: not_before };
                self.send_what_is_due(now);
            }
            State::Active { .. } => self.sending = Sending::Idle { not_before },
            State::Closing(_) if news && is_known => self.notify(now),
            State::Closing(end) => self.end(*end),
            State::Over => {}
        }
    }

    fn end(&mut self, end: End) {
        self.state = State::Over;
        self.outputs.push_back(Output::Ended(end));
    }

    fn refuse(&mut self, key: ServerKey, request: &Request, status: StatusCode) {
        let response = self.reply(request, status).build();
        self.outputs.push_back(Output::Respond { key, response });
    }

    fn reply(&self, request: &Request, status: StatusCode) -> ResponseBuilder {
        Response::reply_to(request, status).to_tag(&self.local_tag)
    }
}

/// Whether an answer to NOTIFY leaves the subscription alive (RFC 5057 §5.1).
fn leaves_alive(status: StatusCode) -> bool {
    !matches!(
        status.as_u16(),
        401 | 403..=405 | 407 | 408 | 410 | 416 | 480..=485 | 489 | 501 | 600..
    )
}

/// Seconds, the begun one included.
fn secs(left: Duration) -> u32 {
    let whole = left.as_secs() + u64::from(left.subsec_nanos() > 0);
    u32::try_from(whole).unwrap_or(u32::MAX)
}

impl Machine for Subscription {
    type Input = Input;
    type Output = Output;

    fn handle(&mut self, input: Input, now: Now) {
        match input {
            Input::Request { key, request } if *request.method() == Method::Subscribe => self.renew(key, &request, now),
            Input::Request { key, request } => self.refuse(key, &request, StatusCode::METHOD_NOT_ALLOWED),
            Input::Response { token, response } if response.status().is_final() => {
                self.told(token, leaves_alive(response.status()), now);
            }
            Input::Response { .. } => {}
            Input::Failed { token, failure: _ } => self.told(token, false, now),
            Input::News(body) if body.package() == self.package && body != self.body => {
                self.body = body;
                if let State::Active { .. } = self.state {
                    self.tell(now);
                }
            }
            Input::News(_) => {}
            Input::End(End::Forgotten) if !matches!(self.state, State::Over) => self.end(End::Forgotten),
            Input::End(end) if matches!(self.state, State::Active { .. }) => self.close(end, now),
            Input::End(_) => {}
        }
    }

    fn handle_timeout(&mut self, now: Now) {
        match self.state {
            State::Active { expires, .. } if expires <= now.tick => self.close(End::Timeout, now),
            State::Active { .. } => self.send_what_is_due(now),
            State::Closing(_) | State::Over => {}
        }
    }

    fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn deadline(&self) -> Option<Tick> {
        let expires = self.expires()?;
        match self.sending {
            Sending::Due { at } => Some(at.min(expires)),
            Sending::Idle { .. } | Sending::Waiting { .. } => Some(expires),
        }
    }
}
