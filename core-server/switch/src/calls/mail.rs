//! What is brought to a running call.

use tokio::sync::oneshot;
use wigwag_model::{CallId, ExtensionId, HangupCause, LegId, api::CallTrace};
use wigwag_pbx::{
    call::{NotChanged, Observed},
    registrar::{Binding, Reach},
};
use wigwag_sansio::Tick;
use wigwag_sip::{
    session::RequestToken,
    transaction::{Failure, FlowId, ServerKey},
    wire::{Request, Response, StatusCode},
};

use super::joining::{Content, Parcel};

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
    /// A leg of another call wants to join.
    Adopt(Parcel),
    /// Another call has taken a leg.
    HandedOver { leg: LegId, into: CallId },
    /// Another call has not taken a leg.
    GivenBack {
        leg: LegId,
        content: Box<Content>,
        refusal: StatusCode,
    },
    /// Somebody in charge ends it.
    HangUp(HangupCause),
    /// The alarm rings that was set for this time.
    Alarm(Tick),
    /// Somebody wants to know how it has gone so far.
    Explain(oneshot::Sender<CallTrace>),
}

impl Mail {
    /// The leg that it is about, where that may have gone to another call.
    pub(super) fn leg(&self) -> Option<LegId> {
        match self {
            Mail::Request { leg, .. }
            | Mail::Ack { leg, .. }
            | Mail::Cancel { leg, .. }
            | Mail::Response { leg, .. }
            | Mail::Failed { leg, .. }
            | Mail::Media { leg, .. } => Some(*leg),
            Mail::Joined(..)
            | Mail::Changed(_)
            | Mail::FlowClosed(_)
            | Mail::Adopt(_)
            | Mail::HandedOver { .. }
            | Mail::GivenBack { .. }
            | Mail::HangUp(_)
            | Mail::Alarm(_)
            | Mail::Explain(_) => None,
        }
    }

    /// The same about the leg `to`.
    pub(super) fn readdressed(mut self, to: LegId) -> Mail {
        match &mut self {
            Mail::Request { leg, .. }
            | Mail::Ack { leg, .. }
            | Mail::Cancel { leg, .. }
            | Mail::Response { leg, .. }
            | Mail::Failed { leg, .. }
            | Mail::Media { leg, .. } => *leg = to,
            Mail::Joined(..)
            | Mail::Changed(_)
            | Mail::FlowClosed(_)
            | Mail::Adopt(_)
            | Mail::HandedOver { .. }
            | Mail::GivenBack { .. }
            | Mail::HangUp(_)
            | Mail::Alarm(_)
            | Mail::Explain(_) => {}
        }
        self
    }
}
