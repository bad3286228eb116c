//! The thread of a UDP listener: takes datagrams and does all that follows from them, without handing anything over.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use tokio::runtime::Handle;
use tracing::{error, warn};
use wigwag_sansio::Now;

use crate::{
    Endpoint,
    udp::{Batch, Datagram, UdpPort},
};

/// Starts the thread, which ends when its port is closed. What it does may start tasks: it belongs to the runtime of
/// whoever calls this.
pub(crate) fn spawn<O: Clone + Send + 'static>(
    endpoint: Endpoint<O>,
    port: Arc<UdpPort>,
) -> io::Result<JoinHandle<()>> {
    let runtime = Handle::current();
    let name = format!("sip-udp-{}", port.number);
    thread::Builder::new().name(name).spawn(move || {
        let _entered = runtime.enter();
        serve(&endpoint, &port);
    })
}

fn serve<O: Clone + Send + 'static>(endpoint: &Endpoint<O>, port: &UdpPort) {
    let mut batch = Batch::new();
    loop {
        match port.wait().and_then(|is_open| {
            if is_open {
                port.receive(&mut batch).map(Some)
            } else {
                Ok(None)
            }
        }) {
            Ok(Some(datagrams)) => {
                let now = endpoint.clock().now();
                port.has_read(datagrams.len(), now);
                for datagram in datagrams {
                    receive(endpoint, port, datagram, now);
                }
            }
            Ok(None) => return,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => {
                warn!(%error, "A UDP socket could not be read.");
                pause();
            }
        }
    }
}

/// Lets a panic of ours end what one datagram has begun, and nothing else.
fn receive<O: Clone + Send + 'static>(endpoint: &Endpoint<O>, port: &UdpPort, datagram: Datagram, now: Now) {
    let flow = port.flow(endpoint.node(), datagram.local, datagram.remote);
    let received = catch_unwind(AssertUnwindSafe(|| {
        endpoint.receive_datagram(datagram.bytes, &flow, now)
    }));
    if received.is_err() {
        error!("A datagram was dropped by a panic.");
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a socket that fails at once must not keep a core busy"
)]
fn pause() {
    thread::sleep(READ_PAUSE);
}

const READ_PAUSE: Duration = Duration::from_millis(10);
