//! What arrives at a phone, put into the mailbox of its one task.

use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;
use wigwag_sip::session::RequestToken;
use wigwag_sip::transaction::{Failure, FlowId, ServerKey};
use wigwag_sip::wire::{Request, Response};
use wigwag_sip_io::{Flow, Incoming, Offered, Sink, Verdict};

use super::call::{Call, Wish};
use super::registration::Registered;

/// Whose request a response belongs to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Owner {
    /// The registration.
    Registration,
    /// The call with this number.
    Call(u32, RequestToken),
}

/// Something for a phone's task.
#[derive(Debug)]
pub(super) enum Mail {
    Request(Incoming),
    Ack(Request),
    Cancelled(ServerKey, Request),
    Response(Owner, Response),
    Failed(Owner, Failure),
    /// The person at the phone dials.
    Dial(String, oneshot::Sender<Call>),
    /// The person wants something of a call.
    Wish(u32, Wish),
    /// The phone is to register for so many seconds.
    Register(u32, oneshot::Sender<Registered>),
}

/// Puts everything into the mailbox.
pub(super) struct Letterbox(pub(super) UnboundedSender<Mail>);

impl Letterbox {
    fn put(&self, mail: Mail) {
        // A phone that was switched off reads no more.
        let _ = self.0.send(mail);
    }
}

impl Sink<Owner> for Letterbox {
    fn offered(&self, _: Offered<'_>) -> Verdict {
        Verdict::Accept
    }

    fn request(&self, incoming: Incoming) {
        self.put(Mail::Request(incoming));
    }

    fn ack(&self, request: Request, _: &Flow) {
        self.put(Mail::Ack(request));
    }

    fn cancelled(&self, invite: ServerKey, cancel: Request) {
        self.put(Mail::Cancelled(invite, cancel));
    }

    fn response(&self, owner: &Owner, response: Response, _: &Flow) {
        self.put(Mail::Response(*owner, response));
    }

    fn failed(&self, owner: &Owner, failure: Failure) {
        self.put(Mail::Failed(*owner, failure));
    }

    fn flow_closed(&self, _: FlowId) {}
}
