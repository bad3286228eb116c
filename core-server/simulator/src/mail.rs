//! What reaches the carrier's one task, in order.

use tokio::sync::oneshot;
use wigwag_media::{DtmfDigit, MediaEvent};
use wigwag_sip::{
    session::RequestToken,
    transaction::{Failure, ServerKey},
    wire::{Request, Response},
};
use wigwag_sip_io::Incoming;

use crate::{
    call_in::{CallError, CallIn},
    ear::Ear,
    handle::CallHandle,
};

/// How much may wait for the task. What SIP is lost when it is full is sent again, as on a bad network; what the
/// carrier's owner wants waits for room.
pub(crate) const MOST_MAIL: usize = 8192;

/// Whose request a response belongs to: the call with this number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Owner(pub(crate) u32, pub(crate) RequestToken);

/// Something for the carrier's task.
#[derive(Debug)]
pub(crate) enum Mail {
    Request(Box<Incoming>),
    Ack(Request),
    Cancelled(ServerKey, Request),
    Response(Owner, Response),
    Failed(Owner, Failure),
    Media(MediaEvent),
    /// A call shall be made.
    Call(Box<CallIn>, oneshot::Sender<Result<CallHandle, CallError>>),
    /// Something is wanted of the call with this number.
    Wish(u32, Wish),
}

/// What the carrier's owner wants of a call.
#[derive(Debug)]
pub(crate) enum Wish {
    Press(Vec<DtmfDigit>),
    Hold,
    TakeBack,
    HangUp,
    Listen(oneshot::Sender<Option<Ear>>),
}
