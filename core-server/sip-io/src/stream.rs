//! TCP and TLS: accepting and opening connections, reading messages from them and writing messages to them.

use std::{
    convert::Infallible, future::poll_fn, io, mem::MaybeUninit, net::SocketAddr, pin::Pin, task::ready, time::Duration,
};

use rustls::pki_types::ServerName;
use socket2::SockRef;
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf},
    net::{TcpListener, TcpStream},
    time::{Instant, sleep_until, timeout_at},
};
use tokio_rustls::{TlsAcceptor, TlsConnector};
use tracing::{debug, warn};
use wigwag_sip::wire::{Frame, StreamDecoder};

use crate::{Endpoint, Transport, attached::Attached, socket};

/// Accepts connections as long as the listener lives.
pub(crate) async fn listen<O: Clone + Send + 'static>(
    endpoint: Endpoint<O>,
    transport: Transport,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
) {
    loop {
        match listener.accept().await {
            Ok((stream, remote)) => accept(&endpoint, transport, stream, remote, tls.clone()),
            Err(error) => {
                warn!(transport = transport.as_param(), %error, "A connection could not be accepted.");
                let now = endpoint.clock().now().tick;
                sleep_until(endpoint.clock().instant(now + ACCEPT_PAUSE)).await;
            }
        }
    }
}

fn accept<O: Clone + Send + 'static>(
    endpoint: &Endpoint<O>,
    transport: Transport,
    stream: TcpStream,
    remote: SocketAddr,
    tls: Option<TlsAcceptor>,
) {
    let prepared = socket::prepare_connection(SockRef::from(&stream), remote).and_then(|()| stream.local_addr());
    let Ok(local) = prepared else { return };
    let Ok(attached) = endpoint.attach(transport, local, remote) else {
        return;
    };
    endpoint.spawn_connection(async move {
        match tls {
            None => serve(attached, stream).await,
            Some(tls) => {
                let handshake = tls.accept(stream);
                tokio::select! {
                    accepted = handshake => match accepted {
                        Ok(stream) => serve(attached, stream).await,
                        Err(error) => debug!(%error, "A TLS handshake failed."),
                    },
                    // Nothing is written before a message was read, so that this ends with the patience.
                    None = attached.outgoing() => {}
                }
            }
        }
    });
}

/// Opens the connection that `attached` stands for, within the time allowed, and uses it.
pub(crate) async fn connect<O: Clone + Send + 'static>(
    endpoint: Endpoint<O>,
    attached: Attached<O>,
    tls: Option<TlsConnector>,
) {
    let remote = attached.flow().remote;
    let until = endpoint
        .clock()
        .instant(attached.now().tick + endpoint.limits().connect);
    let open = async {
        let stream = TcpStream::connect(remote).await?;
        socket::prepare_connection(SockRef::from(&stream), remote)?;
        Ok::<_, io::Error>(stream)
    };
    let Ok(Ok(stream)) = timeout_at(until, open).await else {
        return;
    };
    match tls {
        None => serve(attached, stream).await,
        Some(tls) => {
            let name = ServerName::from(remote.ip());
            match timeout_at(until, tls.connect(name, stream)).await {
                Ok(Ok(stream)) => serve(attached, stream).await,
                Ok(Err(error)) => debug!(%error, "A TLS handshake failed."),
                Err(_) => debug!("A TLS handshake took too long."),
            }
        }
    }
}

/// Reads and writes until either side ends.
async fn serve<O: Clone + Send + 'static>(attached: Attached<O>, stream: impl AsyncRead + AsyncWrite + Unpin) {
    let (reader, mut writer) = tokio::io::split(stream);
    let write = async {
        while let Some(packet) = attached.outgoing().await {
            writer.write_all(&packet).await?;
            writer.flush().await?;
        }
        writer.shutdown().await
    };
    tokio::select! {
        Err(end) = read(&attached, reader) => attached.ended(end),
        written = write => debug!(is_written = written.is_ok(), "A connection was closed."),
        () = attached.aborted() => {}
    }
}

/// Why nothing more is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The peer has closed or lost the connection.
    Peer,
    /// The peer has begun a message and not ended it in time.
    Slow,
    /// Where a message ends cannot be told.
    Framing,
}

/// Reads until the peer ends, sends what cannot be framed, or takes too long over one message.
async fn read<O: Clone + Send + 'static>(
    attached: &Attached<O>,
    mut reader: impl AsyncRead + Unpin,
) -> Result<Infallible, End> {
    let mut decoder = StreamDecoder::new();
    let mut until: Option<Instant> = None;
    loop {
        let octets = read_some(&mut reader, &mut decoder);
        let count = match until {
            None => octets.await,
            Some(until) => timeout_at(until, octets).await.map_err(|_| End::Slow)?,
        };
        if count.map_err(|_| End::Peer)? == 0 {
            return Err(End::Peer);
        }
        let mut is_whole = false;
        while let Some(frame) = decoder.next().map_err(|_| End::Framing)? {
            is_whole = true;
            match frame {
                Frame::Ping => attached.receive_ping(StreamDecoder::PONG),
                Frame::Pong => {}
                Frame::Message(message) => attached.receive_parsed(Ok(message)),
                Frame::Broken(error) => attached.receive_parsed(Err(error)),
            }
        }
        if decoder.is_empty() {
            until = None;
        } else if until.is_none() || is_whole {
            until = Some(attached.patience());
        }
    }
}

/// Reads what is there into the decoder. The buffer lives on the stack of the poll, so that a connection without
/// traffic needs none.
async fn read_some(reader: &mut (impl AsyncRead + Unpin), decoder: &mut StreamDecoder) -> io::Result<usize> {
    poll_fn(|context| {
        let mut octets = [MaybeUninit::uninit(); READ];
        let mut buffer = ReadBuf::uninit(&mut octets);
        ready!(Pin::new(&mut *reader).poll_read(context, &mut buffer))?;
        decoder.push(buffer.filled());
        Ok(buffer.filled().len()).into()
    })
    .await
}

const READ: usize = 8_192;
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
