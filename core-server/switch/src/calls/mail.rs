//! What is brought to a running call.

use tokio::sync::oneshot;
use wigwag_model::{ExtensionId, HangupCause, LegId, api::CallTrace};
use wigwag_pbx::{
    call::{NotChanged, Observed},
    registrar::{Binding, Reach},
};
use wigwag_sansio::Tick;
use wigwag_sip::{
    session::RequestToken,
    transaction::{Failure, FlowId, ServerKey},
    wire::{Request, Response},
};

/// Something for one call.
#[derive(Debug)]
pub(crate) enum Mail {
    /// A request of one of its dialogs.
    Request {
        leg: LegId,
        key: ServerKey,
        request: Request,
        reach: Reach,
    },
    /// An ACK to one of its 2xx.
    Ack { leg: LegId, request: Request, reach: Reach },
    /// The INVITE with this transaction was cancelled.
    Cancel {
        leg: LegId,
        key: ServerKey,
        request: Request,
    },
    /// A response to one of its requests.
    Response {
        leg: LegId,
        token: RequestToken,
        response: Response,
    },
    /// One of its requests stays without response.
    Failed {
        leg: LegId,
        token: RequestToken,
        failure: Failure,
    },
    /// Something about a leg's sound.
    Media { leg: LegId, observed: Observed },
    /// A phone of one of its extensions has registered.
    Joined(ExtensionId, Box<Binding>),
    /// What came of something that it wanted changed.
    Changed(Result<(), NotChanged>),
    /// A connection is gone.
    FlowClosed(FlowId),
    /// Somebody in charge ends it.
    HangUp(HangupCause),
    /// The alarm rings that was set for this time.
    Alarm(Tick),
    /// Somebody wants to know how it has gone so far.
    Explain(oneshot::Sender<CallTrace>),
}
