//! How sockets are made: bound, non-blocking, with the DSCP of signalling.

use std::{
    io,
    net::{SocketAddr, TcpListener, UdpSocket},
    time::Duration,
};

use socket2::{Domain, Protocol, SockRef, Socket, TcpKeepalive, Type};

pub(crate) fn bind_udp(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = bind(address, Type::DGRAM, Protocol::UDP)?;
    // The system grants what it likes; a smaller buffer only loses earlier in a burst.
    let _ = socket.set_recv_buffer_size(UDP_BUFFER);
    let _ = socket.set_send_buffer_size(UDP_BUFFER);
    Ok(socket.into())
}

pub(crate) fn bind_tcp(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = bind(address, Type::STREAM, Protocol::TCP)?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Sets what every connection needs, whoever opened it: no delay, DSCP, and an end when the peer has vanished.
pub(crate) fn prepare_connection(socket: SockRef<'_>, remote: SocketAddr) -> io::Result<()> {
    socket.set_tcp_nodelay(true)?;
    socket.set_tcp_user_timeout(Some(VANISHED))?;
    socket.set_tcp_keepalive(
        &TcpKeepalive::new()
            .with_time(KEEPALIVE)
            .with_interval(KEEPALIVE / 4)
            .with_retries(4),
    )?;
    mark(&socket, remote)
}

fn bind(address: SocketAddr, kind: Type, protocol: Protocol) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), kind, Some(protocol))?;
    socket.set_nonblocking(true)?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    if kind == Type::STREAM {
        socket.set_reuse_address(true)?;
    }
    mark(&socket, address)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

fn mark(socket: &Socket, family: SocketAddr) -> io::Result<()> {
    match family {
        SocketAddr::V4(_) => socket.set_tos_v4(CS3),
        SocketAddr::V6(_) => socket.set_tclass_v6(CS3),
    }
}

/// DSCP class selector 3, signalling (RFC 4594 §4.2), in the upper six bits.
const CS3: u32 = 24 << 2;
const UDP_BUFFER: usize = 4 << 20;
const BACKLOG: i32 = 1_024;
const KEEPALIVE: Duration = Duration::from_secs(60);
const VANISHED: Duration = Duration::from_secs(30);
