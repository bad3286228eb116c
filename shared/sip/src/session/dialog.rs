//! Dialogs: their ids, sequence numbers, routes and remote target, and the requests within (RFC 3261 §12).

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{Content, Extra, Outgoing, RequestToken, Sdp, capability, draft::Draft, read::Read, shared::Shared};
use crate::wire::{
    HeaderName, Method, Request, RequestBuilder, Response, Uri,
    header::{CSeq, CallId, From, MaxForwards, NameAddr, RecordRoute, Route, To},
};

const MAX_FORWARDS: u8 = 70;

/// One dialog, from our side.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Dialog {
    origin: Origin,
    call_id: CallId,
    local: NameAddr,
    remote: NameAddr,
    /// Empty for peers that know no tags (RFC 2543).
    remote_tag: SmolStr,
    local_cseq: u32,
    remote_cseq: Option<u32>,
    target: Uri,
    routes: Vec<Route>,
}

/// Whose Call-ID it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Origin {
    Ours,
    Theirs,
}

/// How a request stands to the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Next,
    Late,
}

impl Dialog {
    /// The dialog that our answer to `request` makes (RFC 3261 §12.1.1); none when the request lacks what it takes.
    pub(crate) fn from_request(request: &Request, local_tag: &str) -> Option<Dialog> {
        let From(remote) = request.one()?;
        let To(local) = request.one()?;
        let routes: Vec<RecordRoute> = request.all().ok()?;
        Some(Dialog {
            origin: Origin::Theirs,
            call_id: request.one()?,
            local: local.with_tag(local_tag),
            remote_tag: SmolStr::new(remote.tag().unwrap_or_default()),
            remote,
            local_cseq: 0,
            remote_cseq: Some(request.cseq_number()?),
            target: request.target()?,
            routes: routes.into_iter().map(|RecordRoute(hop)| Route(hop)).collect(),
        })
    }

    /// The dialog that `response` makes with our INVITE for `request_uri` (RFC 3261 §12.1.2).
    pub(super) fn from_response(response: &Response, request_uri: &Uri) -> Option<Dialog> {
        let From(local) = response.one()?;
        let To(remote) = response.one()?;
        let routes: Vec<RecordRoute> = response.all().ok()?;
        Some(Dialog {
            origin: Origin::Ours,
            call_id: response.one()?,
            local,
            remote_tag: SmolStr::new(remote.tag().unwrap_or_default()),
            remote,
            local_cseq: response.cseq_number()?,
            remote_cseq: None,
            target: response.target().unwrap_or_else(|| request_uri.clone()),
            routes: routes.into_iter().rev().map(|RecordRoute(hop)| Route(hop)).collect(),
        })
    }

    /// This dialog, confirmed, with the sequence numbers of its early days.
    #[must_use]
    pub(super) fn continuing(mut self, early: Dialog) -> Dialog {
        self.local_cseq = self.local_cseq.max(early.local_cseq);
        self.remote_cseq = early.remote_cseq;
        self
    }

    pub(super) fn origin(&self) -> Origin {
        self.origin
    }

    pub(super) fn call_id(&self) -> &CallId {
        &self.call_id
    }

    pub(super) fn remote_tag(&self) -> &SmolStr {
        &self.remote_tag
    }

    /// Whether the other side of this dialog sent `request`.
    pub(crate) fn is_of(&self, request: &Request) -> bool {
        request.sender_tag().is_some_and(|tag| tag == self.remote_tag)
    }

    /// Takes the sequence number of a request (RFC 3261 §12.2.2).
    pub(crate) fn order(&mut self, request: &Request) -> Order {
        let number = request.cseq_number();
        if number.is_none() || number <= self.remote_cseq {
            return Order::Late;
        }
        self.remote_cseq = number;
        Order::Next
    }

    /// The number of our last request, in the beginning that of the INVITE.
    pub(crate) fn local_cseq(&self) -> u32 {
        self.local_cseq
    }

    /// The number of the other side's last request.
    pub(super) fn remote_cseq(&self) -> u32 {
        self.remote_cseq.unwrap_or_default()
    }

    /// Takes the remote target from a message that may change it.
    pub(crate) fn refresh_target(&mut self, message: &impl Read) {
        if let Some(target) = message.target() {
            self.target = target;
        }
    }

    /// Where requests go first.
    pub(crate) fn next_hop(&self) -> Uri {
        Aim::new(&self.target, &self.routes).next_hop
    }

    /// What requests are addressed to.
    pub(super) fn request_uri(&self) -> Uri {
        Aim::new(&self.target, &self.routes).request_uri
    }

    /// The next request of this dialog, to which its sender adds what it says.
    pub(crate) fn next_request(&mut self, method: &Method) -> RequestBuilder {
        self.local_cseq = self.local_cseq.saturating_add(1);
        self.start(method, self.local_cseq)
    }

    /// Leaves out sequence numbers that may have been used without our knowing.
    pub(crate) fn skip(&mut self, numbers: u32) {
        self.local_cseq = self.local_cseq.saturating_add(numbers);
    }

    /// The next request of this dialog, and its sequence number.
    pub(super) fn request(&mut self, draft: &Draft, auth: Option<&Extra>, shared: &Shared) -> (Request, u32) {
        self.local_cseq += 1;
        let request = self.start(&draft.method, self.local_cseq);
        let request = with_self(request, &draft.method, shared);
        let request = with_extras(request, auth.into_iter().chain(&draft.headers));
        (with_content(request, draft.content.as_ref()), self.local_cseq)
    }

    fn start(&self, method: &Method, cseq: u32) -> RequestBuilder {
        let aim = Aim::new(&self.target, &self.routes);
        let ids = (
            &From(self.local.clone()),
            &To(self.remote.clone()),
            &self.call_id,
            &CSeq::new(cseq, method.clone()),
        );
        start(aim, MAX_FORWARDS, ids)
    }
}

/// The INVITE that begins a call.
pub(super) fn invite<'a>(
    outgoing: &'a Outgoing,
    cseq: u32,
    extras: impl IntoIterator<Item = &'a Extra>,
    shared: &Shared,
) -> Request {
    let aim = outgoing.aim();
    let from = From(outgoing.from.0.clone().with_tag(&shared.local_tag));
    let cseq = CSeq::new(cseq, Method::Invite);
    let ids = (&from, &outgoing.to, &outgoing.call_id, &cseq);
    let request = start(aim, outgoing.max_forwards, ids);
    let request = with_self(request, &Method::Invite, shared);
    let request = with_extras(request, extras.into_iter().chain(&outgoing.headers));
    with_content(request, outgoing.sdp.clone().map(Content::from).as_ref())
}

impl Outgoing {
    pub(super) fn aim(&self) -> Aim {
        Aim::new(&self.request_uri, &self.routes)
    }
}

/// An ACK that may have to be sent again.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Acked {
    of: AckOf,
    remote_tag: SmolStr,
    request: Request,
    next_hop: Uri,
}

/// Which 2xx to INVITE has to be acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AckOf {
    token: RequestToken,
    cseq: u32,
    /// The INVITE's answer to a challenge, which its ACK repeats (RFC 3261 §22.1).
    auth: Option<Extra>,
}

impl AckOf {
    pub(super) fn new(token: RequestToken, cseq: u32, auth: Option<Extra>) -> Self {
        AckOf { token, cseq, auth }
    }

    /// Sends the ACK for the first time (RFC 3261 §13.2.2.4).
    pub(super) fn send(self, dialog: &Dialog, answer: Option<Sdp>, shared: &mut Shared) -> Acked {
        let request = dialog.start(&Method::Ack, self.cseq);
        let request = with_extras(request, &self.auth);
        let acked = Acked {
            of: self,
            remote_tag: dialog.remote_tag.clone(),
            request: with_content(request, answer.map(Content::from).as_ref()),
            next_hop: dialog.next_hop(),
        };
        acked.send_again(shared);
        acked
    }
}

impl Acked {
    /// Whether `response` is the 2xx that was acknowledged, once more.
    pub(super) fn acknowledges(&self, token: RequestToken, response: &Response) -> bool {
        self.of.token == token
            && response.status().is_success()
            && response.cseq_number() == Some(self.of.cseq)
            && response.recipient_tag().unwrap_or_default() == self.remote_tag
    }

    pub(super) fn send_again(&self, shared: &mut Shared) {
        shared.ack(self.request.clone(), self.next_hop.clone());
    }
}

/// Where a request goes (RFC 3261 §12.2.1.1).
pub(super) struct Aim {
    pub(super) request_uri: Uri,
    routes: Vec<Route>,
    pub(super) next_hop: Uri,
}

impl Aim {
    fn new(target: &Uri, routes: &[Route]) -> Aim {
        let Some((first, rest)) = routes.split_first() else {
            return Aim {
                request_uri: target.clone(),
                routes: Vec::new(),
                next_hop: target.clone(),
            };
        };
        let next_hop = first.uri().clone();
        if first.is_loose() {
            return Aim {
                request_uri: target.clone(),
                routes: routes.to_vec(),
                next_hop,
            };
        }
        let mut routes = rest.to_vec();
        routes.push(Route::new(target.clone()));
        Aim {
            request_uri: next_hop.clone(),
            routes,
            next_hop,
        }
    }
}

fn start(aim: Aim, max_forwards: u8, (from, to, call_id, cseq): (&From, &To, &CallId, &CSeq)) -> RequestBuilder {
    let request = Request::builder(cseq.method().clone(), &aim.request_uri);
    let request = aim.routes.iter().fold(request, RequestBuilder::header);
    request
        .header(&MaxForwards::new(max_forwards))
        .header(from)
        .header(to)
        .header(call_id)
        .header(cseq)
}

/// Who we are and what we can do, where the method has room for it.
fn with_self(request: RequestBuilder, method: &Method, shared: &Shared) -> RequestBuilder {
    let settings = &shared.settings;
    let request = match method {
        Method::Invite | Method::Update => request
            .header(&settings.contact)
            .raw(HeaderName::Allow, capability::ALLOW)
            .raw(HeaderName::Supported, capability::SUPPORTED),
        Method::Refer | Method::Subscribe | Method::Notify => request.header(&settings.contact),
        Method::Ack
        | Method::Bye
        | Method::Cancel
        | Method::Register
        | Method::Options
        | Method::Info
        | Method::Prack
        | Method::Message
        | Method::Publish
        | Method::Other(_) => request,
    };
    with_extras(request, &settings.headers)
}

fn with_extras<'a>(request: RequestBuilder, extras: impl IntoIterator<Item = &'a Extra>) -> RequestBuilder {
    extras
        .into_iter()
        .fold(request, |request, extra| request.raw(extra.name.clone(), &extra.value))
}

fn with_content(request: RequestBuilder, content: Option<&Content>) -> Request {
    match content {
        Some(content) => request.body(&content.content_type, content.body.clone()).build(),
        None => request.build(),
    }
}
