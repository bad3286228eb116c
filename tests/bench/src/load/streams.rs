//! Streams of RTP: every leg sends a packet each 20 ms and watches what arrives from the other leg of its call.

use std::{
    net::{SocketAddr, UdpSocket},
    os::fd::AsFd,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use nix::sys::{
    epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout},
    time::TimeSpec,
    timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags},
};

use crate::{clock, process};

/// G.711 in frames of 20 ms, the legs spread over the 20 ticks of a frame.
const TICK: Duration = Duration::from_millis(1);
const TICKS_PER_FRAME: usize = 20;
const FRAME: usize = 160;
const HEADER: usize = 12;
/// What marks our own packets, followed by when they were sent.
const MARK: &[u8; 8] = b"WIGBENCH";
/// Sound flows so long before anything is measured.
const SETTLING: Duration = Duration::from_secs(2);
/// A packet may be under way so long after the measured window.
const TRAVEL: Duration = Duration::from_millis(300);
/// The event of the timer; the others are numbers of legs.
const TIMER: u64 = u64::MAX;

/// One end of a call.
pub(crate) struct Leg {
    socket: UdpSocket,
    address: SocketAddr,
    to: Option<SocketAddr>,
    sequence: u16,
}

/// What was seen in the measured window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    pub(crate) sent: u64,
    pub(crate) received: u64,
    /// One-way delay in µs.
    pub(crate) p50: u32,
    pub(crate) p99: u32,
    /// Processor time of the relay.
    pub(crate) cpu: Duration,
    /// Memory of the relay at the end of the window.
    pub(crate) memory_kb: u64,
}

impl Leg {
    pub(crate) fn new() -> Result<Leg> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.set_nonblocking(true)?;
        let address = socket.local_addr()?;
        Ok(Leg {
            socket,
            address,
            to: None,
            sequence: 0,
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Packets go to `to` from now on.
    pub(crate) fn send_to(&mut self, to: SocketAddr) {
        self.to = Some(to);
    }
}

/// Lets sound flow for `window`, and charges what it costs to the process `pid`.
pub(crate) fn run(legs: &mut [Leg], window: Duration, pid: u32) -> Result<Measured> {
    let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
    for (leg, number) in legs.iter().zip(0..) {
        epoll.add(&leg.socket, EpollEvent::new(EpollFlags::EPOLLIN, number))?;
    }
    let timer = TimerFd::new(ClockId::CLOCK_MONOTONIC, TimerFlags::TFD_NONBLOCK)?;
    epoll.add(timer.as_fd(), EpollEvent::new(EpollFlags::EPOLLIN, TIMER))?;
    timer.set(
        Expiration::Interval(TimeSpec::from_duration(TICK)),
        TimerSetTimeFlags::empty(),
    )?;
    let begin = clock::now();
    let mut load = Streams {
        legs,
        begin,
        window: begin + SETTLING..begin + SETTLING + window,
        tick: 0,
        sent: 0,
        delays: Vec::new(),
    };
    let mut events = vec![EpollEvent::empty(); 512];
    let (mut before, mut after) = (None, None);
    loop {
        let ready = epoll.wait(&mut events, EpollTimeout::NONE)?;
        for event in &events[..ready] {
            match event.data() {
                TIMER => load.send(ticks(&timer)?, after.is_some()),
                leg => load.receive(usize::try_from(leg)?),
            }
        }
        let now = clock::now();
        if before.is_none() && now >= load.window.start {
            before = Some(process::cpu(pid)?);
        }
        if after.is_none() && now >= load.window.end {
            after = Some((process::cpu(pid)?, process::memory_kb(pid)?));
        }
        if now >= load.window.end + TRAVEL {
            break;
        }
    }
    let (cpu, memory_kb) = after.context("the window has ended")?;
    load.delays.sort_unstable();
    let delays = &load.delays;
    let percentile = |percent: usize| delays.get(delays.len().saturating_sub(1) * percent / 100).copied();
    Ok(Measured {
        sent: load.sent,
        received: delays.len() as u64,
        p50: percentile(50).context("no sound arrived")?,
        p99: percentile(99).context("no sound arrived")?,
        cpu: cpu - before.context("the window has begun")?,
        memory_kb,
    })
}

struct Streams<'a> {
    legs: &'a mut [Leg],
    begin: Instant,
    window: std::ops::Range<Instant>,
    tick: usize,
    sent: u64,
    delays: Vec<u32>,
}

impl Streams<'_> {
    /// Sends what is due after so many ticks more.
    fn send(&mut self, ticks: u64, is_over: bool) {
        for _ in 0..ticks {
            self.tick += 1;
            if is_over {
                continue;
            }
            for number in (self.tick % TICKS_PER_FRAME..self.legs.len()).step_by(TICKS_PER_FRAME) {
                self.send_packet(number);
            }
        }
    }

    fn send_packet(&mut self, number: usize) {
        let leg = &mut self.legs[number];
        let Some(to) = leg.to else { return };
        let mut packet = [0xff; HEADER + FRAME];
        packet[0] = 0x80;
        packet[1] = if leg.sequence == 0 { 0x80 } else { 0 };
        packet[2..4].copy_from_slice(&leg.sequence.to_be_bytes());
        packet[4..8].copy_from_slice(&(u32::from(leg.sequence) * 160).to_be_bytes());
        packet[8..12].copy_from_slice(&(number as u32).to_be_bytes());
        leg.sequence = leg.sequence.wrapping_add(1);
        let now = clock::now();
        let sent = (now - self.begin).as_nanos() as u64;
        packet[12..20].copy_from_slice(MARK);
        packet[20..28].copy_from_slice(&sent.to_be_bytes());
        // A relay that is gone is seen by the packets that do not arrive.
        let _ = leg.socket.send_to(&packet, to);
        self.sent += u64::from(self.window.contains(&now));
    }

    /// Reads all that has arrived at a leg.
    fn receive(&mut self, number: usize) {
        let mut packet = [0; 2048];
        while let Ok(length) = self.legs[number].socket.recv(&mut packet) {
            let now = clock::now();
            let stamp = packet[..length]
                .get(HEADER..HEADER + 16)
                .and_then(|stamp| stamp.strip_prefix(MARK));
            let Some(sent) = stamp.and_then(|stamp| stamp.try_into().ok()).map(u64::from_be_bytes) else {
                continue;
            };
            let sent = self.begin + Duration::from_nanos(sent);
            if self.window.contains(&sent) {
                self.delays
                    .push(u32::try_from((now - sent).as_micros()).unwrap_or(u32::MAX));
            }
        }
    }
}

fn ticks(timer: &TimerFd) -> Result<u64> {
    let mut expirations = [0; 8];
    nix::unistd::read(timer.as_fd(), &mut expirations)?;
    Ok(u64::from_ne_bytes(expirations))
}
