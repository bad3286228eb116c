//! The floor: a bare relay without any call logic, one socket a leg, one `epoll`, read and send.

use std::{
    io::Write,
    net::{SocketAddr, UdpSocket},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};

use crate::clock;

/// A relay in a process of its own.
pub(crate) struct Relay {
    child: Child,
    /// Two for each call.
    pub(crate) ports: Vec<SocketAddr>,
}

impl Relay {
    /// Starts it for so many calls; it ends by itself after `limit`.
    pub(crate) fn start(calls: u32, limit: Duration) -> Result<Relay> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["relay", &calls.to_string(), &limit.as_secs().to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().expect("stdout is piped");
        let mut line = String::new();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line)?;
        let ports = serde_json::from_str(&line).context("the relay does not say its ports")?;
        Ok(Relay { child, ports })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Relays between the two legs of each call, each to where the other side's packets come from.
pub(crate) fn run(calls: u32, limit: Duration) -> Result<()> {
    let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
    let mut sockets = Vec::new();
    for leg in 0..u64::from(calls) * 2 {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.set_nonblocking(true)?;
        epoll.add(&socket, EpollEvent::new(EpollFlags::EPOLLIN, leg))?;
        sockets.push(socket);
    }
    let ports: Vec<SocketAddr> = sockets.iter().map(UdpSocket::local_addr).collect::<Result<_, _>>()?;
    writeln!(std::io::stdout(), "{}", serde_json::to_string(&ports)?)?;
    let mut phones: Vec<Option<SocketAddr>> = vec![None; sockets.len()];
    let mut events = vec![EpollEvent::empty(); 512];
    let mut packet = [0; 2048];
    let until = clock::now() + limit;
    while clock::now() < until {
        let ready = epoll.wait(&mut events, EpollTimeout::from(1_000_u16))?;
        for event in &events[..ready] {
            let leg = usize::try_from(event.data())?;
            let Ok((length, from)) = sockets[leg].recv_from(&mut packet) else {
                continue;
            };
            phones[leg] = Some(from);
            if let Some(to) = phones[leg ^ 1] {
                // A phone that has gone is no business of the relay.
                let _ = sockets[leg ^ 1].send_to(&packet[..length], to);
            }
        }
    }
    Ok(())
}
