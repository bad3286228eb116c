//! UDP sockets: batches in with their destination addresses, single datagrams out from the address they answer for.
//!
//! recvmmsg and sendmsg rather than a QUIC socket layer: that forbids fragmentation, which SIP over UDP needs, and
//! overwrites the DSCP of the socket. Plain poll rather than the runtime's: with edge-triggered events each datagram
//! that leaves wakes a worker, to be told that the socket can still be written.

use std::{
    collections::VecDeque,
    io::{self, IoSlice, IoSliceMut},
    net::{IpAddr, SocketAddr, UdpSocket},
    os::fd::{AsFd, AsRawFd},
    sync::atomic::{AtomicBool, Ordering::SeqCst},
    time::Duration,
};

use bytes::Bytes;
use nix::{
    errno::Errno,
    libc,
    poll::{PollFd, PollFlags, PollTimeout, poll},
    sys::{
        eventfd::{EfdFlags, EventFd},
        socket::{
            ControlMessage, ControlMessageOwned, MsgFlags, MultiHeaders, SockaddrStorage, recvmmsg, sendmsg,
            setsockopt, sockopt,
        },
    },
};
use parking_lot::Mutex;
use wigwag_sansio::{Now, Tick};
use wigwag_sip::transaction::{FlowId, Link};

use crate::{Flow, Transport, socket};

/// One UDP listener.
#[derive(Debug)]
pub(crate) struct UdpPort {
    pub(crate) number: u16,
    pub(crate) address: SocketAddr,
    socket: UdpSocket,
    /// What the socket did not take at once, in order; what does not fit is lost as on any network.
    unsent: Mutex<VecDeque<Unsent>>,
    /// Wakes whoever waits in [`UdpPort::wait`]: there is something unsent, or the port is closed.
    bell: EventFd,
    is_closed: AtomicBool,
    /// Since when each batch was full.
    full_since: Mutex<Option<Tick>>,
}

#[derive(Debug)]
struct Unsent {
    from: IpAddr,
    to: SocketAddr,
    bytes: Bytes,
}

/// A datagram and the two addresses on it.
#[derive(Debug)]
pub(crate) struct Datagram {
    pub(crate) bytes: Bytes,
    pub(crate) local: IpAddr,
    pub(crate) remote: SocketAddr,
}

impl UdpPort {
    pub(crate) fn bind(number: u16, address: SocketAddr) -> io::Result<Self> {
        let socket = socket::bind_udp(address)?;
        match address {
            SocketAddr::V4(_) => setsockopt(&socket, sockopt::Ipv4PacketInfo, &true)?,
            SocketAddr::V6(_) => setsockopt(&socket, sockopt::Ipv6RecvPacketInfo, &true)?,
        }
        Ok(UdpPort {
            number,
            address: socket.local_addr()?,
            socket,
            unsent: Mutex::default(),
            bell: EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)?,
            is_closed: AtomicBool::new(false),
            full_since: Mutex::default(),
        })
    }

    /// The flow between an address of ours and a peer's.
    pub(crate) fn flow(&self, node: u16, local: IpAddr, remote: SocketAddr) -> Flow {
        let link = Link::Datagram {
            socket: self.number,
            local,
            remote,
        };
        let local = SocketAddr::new(local, self.address.port());
        Flow {
            id: FlowId { node, link },
            transport: Transport::Udp,
            local,
            remote,
        }
    }

    /// Whether datagrams can leave from `local` through this socket.
    pub(crate) fn serves(&self, local: IpAddr) -> bool {
        self.address.is_ipv4() == local.is_ipv4() && (self.is_wildcard() || self.address.ip() == local)
    }

    pub(crate) fn is_wildcard(&self) -> bool {
        self.address.ip().is_unspecified()
    }

    /// Waits until datagrams have come, and meanwhile sends what the socket did not take at once. False once the port
    /// is closed. For one thread.
    pub(crate) fn wait(&self) -> io::Result<bool> {
        while !self.is_closed.load(SeqCst) {
            let has_unsent = !self.unsent.lock().is_empty();
            let wanted = if has_unsent {
                PollFlags::POLLIN | PollFlags::POLLOUT
            } else {
                PollFlags::POLLIN
            };
            let mut ready = [
                PollFd::new(self.socket.as_fd(), wanted),
                PollFd::new(self.bell.as_fd(), PollFlags::POLLIN),
            ];
            match poll(&mut ready, PollTimeout::NONE) {
                Ok(_) | Err(Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
            }
            let [socket, bell] = ready.map(|ready| ready.revents().unwrap_or(PollFlags::empty()));
            if !bell.is_empty() {
                // What was to be told is looked at in the next round.
                let _ = self.bell.read();
            }
            if socket.contains(PollFlags::POLLOUT) {
                self.send_unsent();
            }
            // An error of the socket is told by reading it.
            if socket.intersects(PollFlags::POLLIN | PollFlags::POLLERR) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Takes as many datagrams as are there, up to the size of the batch.
    pub(crate) fn receive(&self, batch: &mut Batch) -> io::Result<Vec<Datagram>> {
        batch.read(self.socket.as_raw_fd(), self.address.ip())
    }

    /// A batch of so many was read.
    pub(crate) fn has_read(&self, datagrams: usize, now: Now) {
        let mut full_since = self.full_since.lock();
        *full_since = (datagrams == Batch::SIZE).then(|| full_since.unwrap_or(now.tick));
    }

    /// For how long more datagrams have come than were dealt with.
    pub(crate) fn behind(&self, now: Now) -> Duration {
        self.full_since
            .lock()
            .map_or(Duration::ZERO, |since| now.tick.since(since))
    }

    /// Ends [`UdpPort::wait`] now and for ever.
    pub(crate) fn close(&self) {
        self.is_closed.store(true, SeqCst);
        self.ring();
    }

    /// Sends now, or as soon as the socket can.
    pub(crate) fn send(&self, from: IpAddr, to: SocketAddr, bytes: &Bytes) -> io::Result<()> {
        let mut unsent = self.unsent.lock();
        if unsent.is_empty() {
            match self.try_send(from, to, bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                done => return done,
            }
        }
        if unsent.len() >= MAX_UNSENT {
            return Err(io::ErrorKind::QuotaExceeded.into());
        }
        unsent.push_back(Unsent {
            from,
            to,
            bytes: bytes.clone(),
        });
        self.ring();
        Ok(())
    }

    fn send_unsent(&self) {
        let mut unsent = self.unsent.lock();
        while let Some(next) = unsent.front() {
            match self.try_send(next.from, next.to, &next.bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                // The transaction's timers deal with a datagram that was lost here as with any other.
                Ok(()) | Err(_) => drop(unsent.pop_front()),
            }
        }
    }

    fn try_send(&self, from: IpAddr, to: SocketAddr, bytes: &[u8]) -> io::Result<()> {
        if self.is_wildcard() {
            send_from(self.socket.as_raw_fd(), from, to, bytes)
        } else {
            self.socket.send_to(bytes, to).map(drop)
        }
    }

    fn ring(&self) {
        // Fails only when it rang 2⁶⁴ times unheard, and then it rings anyway.
        let _ = self.bell.write(1);
    }
}

/// Room for the datagrams of one wake-up.
#[derive(Debug)]
pub(crate) struct Batch {
    octets: Vec<u8>,
}

impl Batch {
    /// So many datagrams fill a batch, and there may be more.
    pub(crate) const SIZE: usize = 8;

    pub(crate) fn new() -> Self {
        Batch {
            octets: vec![0; Self::SIZE * MAX_DATAGRAM],
        }
    }

    /// Each datagram becomes a buffer of its own, so that keeping one message keeps nothing else.
    fn read(&mut self, socket: i32, bound: IpAddr) -> io::Result<Vec<Datagram>> {
        let control = nix::cmsg_space!(libc::in6_pktinfo);
        let mut headers = MultiHeaders::<SockaddrStorage>::preallocate(Self::SIZE, Some(control));
        let mut slices: Vec<[IoSliceMut<'_>; 1]> = self
            .octets
            .chunks_mut(MAX_DATAGRAM)
            .map(|chunk| [IoSliceMut::new(chunk)])
            .collect();
        let received: Vec<(usize, Option<SocketAddr>, IpAddr)> =
            recvmmsg(socket, &mut headers, slices.iter_mut(), MsgFlags::MSG_DONTWAIT, None)?
                .map(|message| {
                    let local = message.cmsgs().ok().and_then(|mut cmsgs| cmsgs.find_map(destination));
                    (
                        message.bytes,
                        message.address.and_then(socket_address),
                        local.unwrap_or(bound),
                    )
                })
                .collect();
        let datagrams = received.into_iter().zip(self.octets.chunks(MAX_DATAGRAM));
        Ok(datagrams
            .filter_map(|((length, remote, local), chunk)| {
                Some(Datagram {
                    bytes: Bytes::copy_from_slice(&chunk[..length]),
                    local,
                    remote: remote?,
                })
            })
            .collect())
    }
}

fn destination(control: ControlMessageOwned) -> Option<IpAddr> {
    if let ControlMessageOwned::Ipv4PacketInfo(info) = control {
        Some(IpAddr::V4(u32::from_be(info.ipi_addr.s_addr).into()))
    } else if let ControlMessageOwned::Ipv6PacketInfo(info) = control {
        Some(IpAddr::V6(info.ipi6_addr.s6_addr.into()))
    } else {
        None
    }
}

fn socket_address(address: SockaddrStorage) -> Option<SocketAddr> {
    let v4 = address.as_sockaddr_in().map(|&address| SocketAddr::V4(address.into()));
    v4.or_else(|| address.as_sockaddr_in6().map(|&address| SocketAddr::V6(address.into())))
}

/// A wildcard socket answers from the address that was asked, or many a NAT and phone would not know the answer.
fn send_from(socket: i32, from: IpAddr, to: SocketAddr, bytes: &[u8]) -> io::Result<()> {
    let (slices, to) = ([IoSlice::new(bytes)], SockaddrStorage::from(to));
    let send = |control: ControlMessage<'_>| sendmsg(socket, &slices, &[control], MsgFlags::MSG_DONTWAIT, Some(&to));
    match from {
        IpAddr::V4(address) => send(ControlMessage::Ipv4PacketInfo(&libc::in_pktinfo {
            ipi_ifindex: 0,
            ipi_spec_dst: libc::in_addr {
                s_addr: u32::from(address).to_be(),
            },
            ipi_addr: libc::in_addr { s_addr: 0 },
        })),
        IpAddr::V6(address) => send(ControlMessage::Ipv6PacketInfo(&libc::in6_pktinfo {
            ipi6_addr: libc::in6_addr {
                s6_addr: address.octets(),
            },
            ipi6_ifindex: 0,
        })),
    }?;
    Ok(())
}

const MAX_DATAGRAM: usize = 65_536;
const MAX_UNSENT: usize = 512;
