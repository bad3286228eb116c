//! Free ports for programs that must be told theirs.
//!
//! A port is held until just before the program starts. Somebody else may still be quicker: whoever starts a program
//! tries again with other ports.

use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};

/// How many ports to try before giving up.
const ATTEMPTS: usize = 100;

/// A free TCP port, held until [`HeldPort::release`].
pub(crate) struct HeldPort {
    address: SocketAddr,
    _sockets: Vec<Held>,
}

enum Held {
    Udp { _socket: UdpSocket },
    Tcp { _listener: TcpListener },
}

impl HeldPort {
    /// A port for TCP.
    pub(crate) fn tcp(ip: IpAddr) -> HeldPort {
        let listener = TcpListener::bind((ip, 0)).expect("the kernel has a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        HeldPort {
            address,
            _sockets: vec![Held::Tcp { _listener: listener }],
        }
    }

    /// A port for SIP: free for UDP and TCP, and the next one for TLS.
    pub(crate) fn sip(ip: IpAddr) -> HeldPort {
        (0..ATTEMPTS)
            .find_map(|_| HeldPort::try_sip(ip))
            .expect("two neighbouring ports are free")
    }

    /// The address, free for whoever binds it now.
    pub(crate) fn release(self) -> SocketAddr {
        self.address
    }

    fn try_sip(ip: IpAddr) -> Option<HeldPort> {
        let udp = UdpSocket::bind((ip, 0)).ok()?;
        let address = udp.local_addr().ok()?;
        let next = address.port().checked_add(1)?;
        let tcp = TcpListener::bind(address).ok()?;
        let tls = TcpListener::bind((ip, next)).ok()?;
        let sockets = vec![
            Held::Udp { _socket: udp },
            Held::Tcp { _listener: tcp },
            Held::Tcp { _listener: tls },
        ];
        Some(HeldPort {
            address,
            _sockets: sockets,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn a_released_port_can_be_bound() {
        let address = HeldPort::sip(Ipv4Addr::LOCALHOST.into()).release();
        assert!(UdpSocket::bind(address).is_ok());
        assert!(TcpListener::bind(address).is_ok());
    }
}
