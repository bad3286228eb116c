//! The handle that the rest of the server holds: opens ports, sends commands to the media threads.
//!
//! Nothing here is on the path of a packet. Each thread has a bounded queue; when it is full the caller waits for the
//! thread, which drains it at every wake-up and waits for nobody.

use std::{
    collections::HashMap,
    fmt, io,
    net::{SocketAddr, UdpSocket},
    num::TryFromIntError,
    sync::{
        Arc,
        mpsc::{Receiver, Sender, channel, sync_channel},
    },
    thread::JoinHandle,
};

use nix::errno::Errno;
use parking_lot::Mutex;
use socket2::{Domain, Protocol, Socket, Type};
use thiserror::Error;
use wigwag_sansio::{Entropy, Tick};
use wigwag_sip::sdp::Agreement;

use crate::{
    config::{IpFamily, MediaConfig, Ports},
    event::{DtmfDigit, MediaEvent},
    key::{LegKey, RoomKey},
    keys::Keys,
    metrics::MediaMetrics,
    part::Part,
    ports::{Claim, PortAllocator, PortPair},
    sound::Programme,
    statistics::LegStatistics,
    thread::{Anchor, Clock, Command, Events, MediaThread, PortLease, Sockets, ThreadHandle},
};

/// The media of all calls of this process. Clones are handles to the same plane.
#[derive(Clone)]
pub struct MediaPlane {
    shared: Arc<Shared>,
}

struct Shared {
    config: MediaConfig,
    clock: Clock,
    threads: Vec<ThreadHandle>,
    control: Mutex<Control>,
}

/// What open and close share; never touched by a media thread.
struct Control {
    ports: Option<PortAllocator>,
    /// Pairs whose sockets a media thread has closed: at most one message for each pair of the range.
    given_back: Receiver<PortPair>,
    give_back: Sender<PortPair>,
    ports_exhausted: u64,
    placement: HashMap<LegKey, usize>,
    rooms: HashMap<RoomKey, RoomPlacement>,
    in_room: HashMap<LegKey, RoomKey>,
    entropy: Entropy,
    joins: Vec<JoinHandle<()>>,
}

/// Where a room is, and how many legs were told to join it.
struct RoomPlacement {
    thread: usize,
    legs: usize,
}

/// The local addresses of an open leg. Their ports go into SDP, beside the address that the server advertises: the
/// bound one may be unspecified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalPorts {
    /// Where RTP arrives, and RTCP too once rtcp-mux is agreed.
    pub rtp: SocketAddr,
    /// Where RTCP arrives until rtcp-mux is agreed.
    pub rtcp: SocketAddr,
}

/// Why the media plane did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The configuration asks for no thread at all.
    #[error("the media plane needs at least one thread")]
    NoThreads,
    /// The configuration gives neither an IPv4 nor an IPv6 address.
    #[error("the media plane needs an IPv4 or IPv6 address to bind to")]
    NoAddress,
    /// The operating system refused a thread or its wake-up descriptor.
    #[error("a media thread could not be started")]
    Thread(#[source] io::Error),
}

/// Why a leg was not opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// All ports of the range are in use or resting.
    #[error("all media ports are in use")]
    PortsExhausted,
    /// No address of that family is configured for media.
    #[error("media has no address of the family {0:?}")]
    FamilyDisabled(IpFamily),
    /// A leg of that key is already open.
    #[error("the leg is already open")]
    AlreadyOpen,
    /// The operating system refused a socket, for example because of the limit of open files.
    #[error("no socket for media")]
    Socket(#[source] io::Error),
}

impl MediaPlane {
    /// Starts the media threads. `events` is called on them: it must neither block nor call the plane, only hand on.
    pub fn start(
        config: MediaConfig,
        mut entropy: Entropy,
        events: impl Fn(MediaEvent) + Send + Sync + 'static,
    ) -> Result<MediaPlane, StartError> {
        if config.threads == 0 {
            return Err(StartError::NoThreads);
        }
        if config.bind_v4.is_none() && config.bind_v6.is_none() {
            return Err(StartError::NoAddress);
        }
        let clock = Clock::start();
        let events: Events = Arc::new(events);
        let (give_back, given_back) = channel();
        let (mut threads, mut joins) = (Vec::new(), Vec::new());
        for number in 0..config.threads {
            let (handle, join) = MediaThread::spawn(number, clock, Arc::clone(&events)).map_err(StartError::Thread)?;
            threads.push(handle);
            joins.push(join);
        }
        let ports = match config.ports {
            Ports::Range(range) => Some(PortAllocator::new(range, config.quarantine, &mut entropy)),
            Ports::Any => None,
        };
        let control = Mutex::new(Control {
            ports,
            given_back,
            give_back,
            ports_exhausted: 0,
            placement: HashMap::new(),
            rooms: HashMap::new(),
            in_room: HashMap::new(),
            entropy,
            joins,
        });
        Ok(MediaPlane {
            shared: Arc::new(Shared {
                config,
                clock,
                threads,
                control,
            }),
        })
    }

    /// Opens the ports of a new leg. All legs opened for one `conversation` live on one media thread.
    pub fn open(&self, conversation: u64, leg: LegKey, family: IpFamily) -> Result<LocalPorts, OpenError> {
        self.open_as(Claim::Ordinary, conversation, leg, family)
    }

    /// The same for a leg of an emergency call, for which some ports are kept.
    pub fn open_for_help(&self, conversation: u64, leg: LegKey, family: IpFamily) -> Result<LocalPorts, OpenError> {
        self.open_as(Claim::Emergency, conversation, leg, family)
    }

    fn open_as(&self, claim: Claim, conversation: u64, leg: LegKey, family: IpFamily) -> Result<LocalPorts, OpenError> {
        let mut control = self.shared.control.lock();
        if control.placement.contains_key(&leg) {
            return Err(OpenError::AlreadyOpen);
        }
        let now = self.shared.clock.read();
        let (sockets, local) = control.open_sockets(claim, &self.shared.config, family, now.tick)?;
        let thread = place(conversation, self.shared.threads.len());
        let entropy = control.entropy.fork();
        let anchor = Anchor::new(leg, sockets, entropy, &self.shared.config, now);
        control.placement.insert(leg, thread);
        // Nothing is heard before there is an agreement, and that wakes the thread.
        self.shared.threads[thread].leave(Command::Adopt(Box::new(anchor)));
        Ok(local)
    }

    /// Applies what an offer/answer came to, and opens a new window in which the leg may latch.
    pub fn configure(&self, leg: LegKey, agreement: Agreement) {
        self.command(leg, Command::Configure(leg, Box::new(agreement)));
    }

    /// Lets two legs hear each other, in place of whatever each heard before: relayed as it is where they have a codec
    /// in common, otherwise transcoded.
    pub fn bridge(&self, a: LegKey, b: LegKey) {
        if let Some(thread) = self.gather(a, b) {
            self.shared.threads[thread].send(Command::Bridge(a, b));
        }
    }

    /// Ends what [`bridge`](Self::bridge) began; a leg that hears something else by now goes on hearing it.
    pub fn unbridge(&self, a: LegKey, b: LegKey) {
        self.command(a, Command::Unbridge(a, b));
    }

    /// Lets the leg hear a programme in place of whatever it hears, until it is over ([`Played`](MediaEvent::Played)),
    /// [stopped](Self::stop), replaced, or the leg is bridged ([`Stopped`](MediaEvent::Stopped)).
    pub fn play(&self, leg: LegKey, programme: impl Into<Programme>) {
        self.command(leg, Command::Play(leg, Box::new(programme.into())));
    }

    /// Ends what [`play`](Self::play) or [`press`](Self::press) began.
    pub fn stop(&self, leg: LegKey) {
        self.command(leg, Command::Stop(leg));
    }

    /// Lets the leg's peer hear a key for `ms` milliseconds, after those that it is being told already: as an event
    /// (RFC 4733) where it agreed to those, otherwise as tones. A programme that is played is not disturbed.
    pub fn press(&self, leg: LegKey, digit: DtmfDigit, ms: u32) {
        self.command(leg, Command::Press(leg, digit, ms));
    }

    /// Says how the keys are treated that the leg's peer presses.
    pub fn treat_keys(&self, leg: LegKey, keys: Keys) {
        self.command(leg, Command::Keys(leg, keys));
    }

    /// Lets the leg hear itself, in place of whatever it heard before.
    pub fn echo(&self, leg: LegKey) {
        self.shared.control.lock().move_out(leg);
        self.command(leg, Command::Echo(leg));
    }

    /// Lets the leg hear all others of a room, and they it, in place of whatever it heard before; the first leg makes
    /// the room, the last to leave ends it. Once more for the same room changes how the leg takes part.
    pub fn join(&self, leg: LegKey, room: RoomKey, part: Part) {
        if let Some(thread) = self.shared.control.lock().move_into(&self.shared, leg, room) {
            self.shared.threads[thread].send(Command::Join(leg, room, part));
        }
    }

    /// Ends what [`join`](Self::join) began; [`bridge`](Self::bridge), [`echo`](Self::echo) and
    /// [`close`](Self::close) do so, too.
    pub fn leave(&self, leg: LegKey) {
        self.shared.control.lock().move_out(leg);
        self.command(leg, Command::Leave(leg));
    }

    /// Lets all of a room hear a programme besides each other, in place of the one before. Its end is not reported.
    pub fn play_in(&self, room: RoomKey, programme: impl Into<Programme>) {
        self.room_command(room, Command::PlayIn(room, Some(Box::new(programme.into()))));
    }

    /// Ends what [`play_in`](Self::play_in) began.
    pub fn stop_in(&self, room: RoomKey) {
        self.room_command(room, Command::PlayIn(room, None));
    }

    /// Says goodbye by RTCP, closes the ports and reports [`MediaEvent::Closed`].
    pub fn close(&self, leg: LegKey) {
        let thread = {
            let mut control = self.shared.control.lock();
            control.move_out(leg);
            control.placement.remove(&leg)
        };
        if let Some(thread) = thread {
            self.shared.threads[thread].send(Command::Close(leg));
        }
    }

    /// Calls `reply` on the media thread with the leg's figures so far; drops it uncalled when there is no such leg.
    pub fn statistics(&self, leg: LegKey, reply: impl FnOnce(LegStatistics) + Send + 'static) {
        self.command(leg, Command::Statistics(leg, Box::new(reply)));
    }

    /// The counters at this moment.
    pub fn metrics(&self) -> MediaMetrics {
        let mut metrics = MediaMetrics::default();
        for thread in &self.shared.threads {
            thread.counters.add_to(&mut metrics);
        }
        let now = self.shared.clock.read().tick;
        let mut control = self.shared.control.lock();
        control.collect_ports(now);
        metrics.ports_exhausted = control.ports_exhausted;
        if let Some(ports) = &mut control.ports {
            metrics.ports_in_use = 2 * ports.in_use() as u64;
            metrics.ports_resting = 2 * ports.resting(now) as u64;
        }
        metrics
    }

    /// Closes every leg and waits for the media threads to end; later calls through other handles do nothing.
    pub fn shutdown(self) {
        self.shared.end();
        let joins = std::mem::take(&mut self.shared.control.lock().joins);
        for join in joins {
            if join.join().is_err() {
                tracing::error!("a media thread had panicked");
            }
        }
    }

    fn command(&self, leg: LegKey, command: Command) {
        let thread = self.shared.control.lock().placement.get(&leg).copied();
        if let Some(thread) = thread {
            self.shared.threads[thread].send(command);
        }
    }

    fn room_command(&self, room: RoomKey, command: Command) {
        let thread = self.shared.control.lock().rooms.get(&room).map(|room| room.thread);
        if let Some(thread) = thread {
            self.shared.threads[thread].send(command);
        }
    }

    /// Brings `b` to the thread of `a` when two conversations become one (transfer, pickup); answers that thread.
    fn gather(&self, a: LegKey, b: LegKey) -> Option<usize> {
        let mut control = self.shared.control.lock();
        let to = *control.placement.get(&a)?;
        control.placement.get(&b)?;
        control.move_out(a);
        control.move_out(b);
        control.bring(&self.shared, b, to)?;
        Some(to)
    }
}

impl Shared {
    /// Lets the threads close all legs and end; those that have ended do not hear it.
    fn end(&self) {
        for thread in &self.threads {
            thread.send(Command::Shutdown);
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.end();
    }
}

impl fmt::Debug for MediaPlane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MediaPlane")
            .field("config", &self.shared.config)
            .finish_non_exhaustive()
    }
}

impl Control {
    /// Brings a leg to a thread.
    fn bring(&mut self, shared: &Shared, leg: LegKey, to: usize) -> Option<()> {
        let from = *self.placement.get(&leg)?;
        if to != from {
            let (give, take) = sync_channel(1);
            shared.threads[from].send(Command::HandOver(leg, give));
            // One wake-up of a thread that waits for nobody. An error means that the thread has ended.
            let anchor = take.recv().ok()?;
            shared.threads[to].send(Command::Adopt(anchor));
            self.placement.insert(leg, to);
        }
        Some(())
    }

    /// Notes a leg as one of a room and brings it to the thread of the room; answers that thread.
    fn move_into(&mut self, shared: &Shared, leg: LegKey, key: RoomKey) -> Option<usize> {
        let thread = *self.placement.get(&leg)?;
        if self.in_room.get(&leg) != Some(&key) {
            self.move_out(leg);
            let room = self.rooms.entry(key).or_insert(RoomPlacement { thread, legs: 0 });
            room.legs += 1;
            self.in_room.insert(leg, key);
        }
        let to = self.rooms.get(&key)?.thread;
        self.bring(shared, leg, to)?;
        Some(to)
    }

    fn move_out(&mut self, leg: LegKey) {
        if let Some(key) = self.in_room.remove(&leg)
            && let Some(room) = self.rooms.get_mut(&key)
        {
            room.legs -= 1;
            if room.legs == 0 {
                self.rooms.remove(&key);
            }
        }
    }

    fn open_sockets(
        &mut self,
        claim: Claim,
        config: &MediaConfig,
        family: IpFamily,
        now: Tick,
    ) -> Result<(Sockets, LocalPorts), OpenError> {
        let address = config.bind_address(family).ok_or(OpenError::FamilyDisabled(family))?;
        let bound = |port| bind(SocketAddr::new(address, port), config.dscp);
        self.collect_ports(now);
        let Some(ports) = &mut self.ports else {
            let any = || bound(0).and_then(|socket| Ok((socket.local_addr()?, socket)));
            let (rtp, rtcp) = (any().map_err(OpenError::Socket)?, any().map_err(OpenError::Socket)?);
            let local = LocalPorts {
                rtp: rtp.0,
                rtcp: rtcp.0,
            };
            let sockets = Sockets {
                rtp: rtp.1,
                rtcp: rtcp.1,
                lease: None,
            };
            return Ok((sockets, local));
        };
        loop {
            let Some(pair) = ports.take(claim, now) else {
                self.ports_exhausted += 1;
                return Err(OpenError::PortsExhausted);
            };
            match bound(pair.rtp()).and_then(|rtp| Ok((rtp, bound(pair.rtcp())?))) {
                Ok((rtp, rtcp)) => {
                    let local = LocalPorts {
                        rtp: SocketAddr::new(address, pair.rtp()),
                        rtcp: SocketAddr::new(address, pair.rtcp()),
                    };
                    let lease = Some(PortLease::new(pair, self.give_back.clone()));
                    return Ok((Sockets { rtp, rtcp, lease }, local));
                }
                // Another process has it: it rests like a used one, so the loop ends when all were tried.
                Err(error) if error.raw_os_error() == Some(Errno::EADDRINUSE as i32) => ports.give_back(pair, now),
                Err(error) => {
                    ports.give_back(pair, now);
                    return Err(OpenError::Socket(error));
                }
            }
        }
    }

    fn collect_ports(&mut self, now: Tick) {
        if let Some(ports) = &mut self.ports {
            self.given_back.try_iter().for_each(|pair| ports.give_back(pair, now));
        }
    }
}

/// The thread of a conversation: its number mixed (SplitMix64), since numbers often share their low bits.
fn place(conversation: u64, threads: usize) -> usize {
    let mut mixed = conversation.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    let index: Result<usize, TryFromIntError> = (mixed % threads as u64).try_into();
    index.expect("less than the number of threads, which is a usize")
}

fn bind(address: SocketAddr, dscp: u8) -> io::Result<UdpSocket> {
    let kind = Type::DGRAM.nonblocking();
    let socket = Socket::new(Domain::for_address(address), kind, Some(Protocol::UDP))?;
    let traffic_class = u32::from(dscp) << 2;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
        socket.set_tclass_v6(traffic_class)?;
    } else {
        socket.set_tos_v4(traffic_class)?;
    }
    socket.bind(&address.into())?;
    Ok(socket.into())
}
