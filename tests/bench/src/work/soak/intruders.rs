//! Those who mean no good: broken messages, and connections on which half a message comes, byte by byte.

use std::{
    fs,
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket},
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use wigwag_sansio::Entropy;

use super::tally::Tally;
use crate::{clock, server::Server};

/// The torture messages of RFC 4475.
const TORTURE: &str = "../conformance/rfc4475";
/// From one broken message to the next: slower than what a stranger is answered.
const MESSAGE_EVERY: Duration = Duration::from_millis(100);
/// Connections that are open at a time, half of them to where WebSockets are served.
const CONNECTIONS: usize = 10;
/// The server gives up earlier.
const LONGEST: Duration = Duration::from_secs(60);
const HALF_A_MESSAGE: &[u8] =
    b"INVITE sip:201@localhost SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bKhalf\r\nTo: <sip";
const HALF_AN_UPGRADE: &[u8] = b"GET /sip HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upg";

/// Sends broken datagrams until the load ends, from an address of its own, so that only it is told to go away.
pub(super) fn send_broken_messages(server: SocketAddr, mut entropy: Entropy, tally: &Tally) -> Result<()> {
    let messages = torture()?;
    while !tally.is_over() {
        let mut message = messages[entropy.below(messages.len().try_into()?) as usize].clone();
        for _ in 0..entropy.below(4) {
            let at = entropy.below(message.len().try_into()?) as usize;
            match entropy.below(3) {
                0 => message[at] = entropy.next_u32().to_le_bytes()[0],
                1 => message.truncate(at + 1),
                _ => message.insert(at, b':'),
            }
        }
        let socket = UdpSocket::bind((Ipv4Addr::new(127, 0, 0, 66), 0))?;
        tally.add(
            "broken messages",
            &socket.send_to(&message, server).map(drop).map_err(Into::into),
        );
        clock::pause(MESSAGE_EVERY);
    }
    Ok(())
}

/// Opens connections and sends half a message on each, a byte a second, until the server has enough of it.
pub(super) fn open_half_connections(server: &Server, tally: &Tally) -> Result<impl FnOnce() -> Result<()> + use<>> {
    let ways = [(server.tcp(), HALF_A_MESSAGE), (server.http()?, HALF_AN_UPGRADE)];
    let tally = tally.clone();
    Ok(move || {
        let mut connections: Vec<Half> = Vec::new();
        while !tally.is_over() {
            for number in connections.len()..CONNECTIONS {
                let (address, text) = ways[number % ways.len()];
                connections.push(Half::open(address, text)?);
            }
            connections.retain_mut(|half| half.goes_on(&tally));
            clock::pause(Duration::from_secs(1));
        }
        Ok(())
    })
}

struct Half {
    stream: TcpStream,
    left: &'static [u8],
    since: Instant,
}

impl Half {
    fn open(address: SocketAddr, text: &'static [u8]) -> Result<Half> {
        let stream = TcpStream::connect(address)?;
        stream.set_nonblocking(true)?;
        Ok(Half {
            stream,
            left: text,
            since: clock::now(),
        })
    }

    /// Sends one more byte; not any more when the server has closed, or we give up.
    fn goes_on(&mut self, tally: &Tally) -> bool {
        let is_closed = matches!(self.stream.read(&mut [0; 512]), Ok(0))
            || self
                .left
                .split_off_first()
                .is_some_and(|byte| self.stream.write(&[*byte]).is_err());
        let gives_up = self.since.elapsed() > LONGEST;
        if is_closed || gives_up {
            tally.add("half-open connections", &Ok(()));
        }
        !is_closed && !gives_up
    }
}

fn torture() -> Result<Vec<Vec<u8>>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(TORTURE);
    let mut messages = Vec::new();
    for file in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = file?.path();
        if path.extension().is_some_and(|extension| extension == "dat") {
            messages.push(fs::read(path)?);
        }
    }
    Ok(messages)
}
