//! Flows of the endpoint and ways to phones, each in the other's terms.

use wigwag_pbx::registrar::Reach;
use wigwag_sansio::Pii;
use wigwag_sip::wire::header::Transport as ViaTransport;
use wigwag_sip_io::{Flow, Transport};

/// How the phone at the other end of `flow` is reached.
pub(crate) fn reach(flow: &Flow) -> Reach {
    let transport = match flow.transport {
        Transport::Udp => ViaTransport::Udp,
        Transport::Tcp => ViaTransport::Tcp,
        Transport::Tls => ViaTransport::Tls,
        Transport::Ws => ViaTransport::Ws,
        Transport::Wss => ViaTransport::Wss,
    };
    Reach {
        flow: flow.id,
        transport,
        local: flow.local,
        remote: Pii::new(flow.remote),
    }
}

/// The flow by which a phone is reached.
pub(crate) fn flow(reach: &Reach) -> Flow {
    Flow {
        id: reach.flow,
        transport: transport(reach),
        local: reach.local,
        remote: *reach.remote.expose(),
    }
}

/// The transport by which a phone is reached; one that we do not speak cannot have registered.
pub(crate) fn transport(reach: &Reach) -> Transport {
    match reach.transport {
        ViaTransport::Udp | ViaTransport::Other(_) => Transport::Udp,
        ViaTransport::Tcp => Transport::Tcp,
        ViaTransport::Tls => Transport::Tls,
        ViaTransport::Ws => Transport::Ws,
        ViaTransport::Wss => Transport::Wss,
    }
}
