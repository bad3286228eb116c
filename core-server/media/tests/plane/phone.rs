//! A phone that sends and receives RTP on loopback ports of its own.

use std::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    time::Duration,
};

use wigwag_media::IpFamily;

pub(crate) struct Phone {
    pub(crate) rtp: UdpSocket,
    pub(crate) rtcp: UdpSocket,
    pub(crate) ssrc: u32,
    pub(crate) sequence: u16,
    pub(crate) timestamp: u32,
}

/// An RTP packet as a phone sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Packet {
    pub payload_type: u8,
    pub(crate) marker: bool,
    pub(crate) sequence: u16,
    pub(crate) timestamp: u32,
    pub(crate) ssrc: u32,
    pub(crate) payload: Vec<u8>,
    pub(crate) source: SocketAddr,
}

/// A test that waits longer for a packet has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

impl Phone {
    pub(crate) fn new(ssrc: u32) -> Phone {
        Phone::of_family(IpFamily::V4, ssrc)
    }

    pub(crate) fn of_family(family: IpFamily, ssrc: u32) -> Phone {
        Phone {
            rtp: bind(family),
            rtcp: bind(family),
            ssrc,
            sequence: 100,
            timestamp: 5_000,
        }
    }

    pub(crate) fn rtp_address(&self) -> SocketAddr {
        self.rtp.local_addr().unwrap()
    }

    pub(crate) fn rtcp_address(&self) -> SocketAddr {
        self.rtcp.local_addr().unwrap()
    }

    /// The next packet of this phone's stream, 20 ms of an 8 kHz clock after the one before.
    pub(crate) fn packet(&mut self, payload_type: u8, payload: &[u8]) -> Vec<u8> {
        self.sequence = self.sequence.wrapping_add(1);
        self.timestamp = self.timestamp.wrapping_add(160);
        let mut packet = vec![0x80, payload_type];
        packet.extend(self.sequence.to_be_bytes());
        packet.extend(self.timestamp.to_be_bytes());
        packet.extend(self.ssrc.to_be_bytes());
        packet.extend(payload);
        packet
    }

    pub(crate) fn say(&mut self, to: SocketAddr, payload_type: u8, payload: &[u8]) {
        let packet = self.packet(payload_type, payload);
        self.rtp.send_to(&packet, to).unwrap();
    }

    pub(crate) fn hear(&self) -> Packet {
        let (bytes, source) = receive(&self.rtp);
        parse(&bytes, source)
    }
}

pub(crate) fn receive(socket: &UdpSocket) -> (Vec<u8>, SocketAddr) {
    let mut buffer = [0; 2048];
    let (len, source) = socket
        .recv_from(&mut buffer)
        .expect("a packet within the test's patience");
    (buffer[..len].to_vec(), source)
}

pub(crate) fn parse(bytes: &[u8], source: SocketAddr) -> Packet {
    assert_eq!(bytes[0], 0x80, "plain RTP without extras");
    Packet {
        payload_type: bytes[1] & 0x7f,
        marker: bytes[1] & 0x80 != 0,
        sequence: u16::from_be_bytes([bytes[2], bytes[3]]),
        timestamp: u32::from_be_bytes(bytes[4..8].try_into().unwrap()),
        ssrc: u32::from_be_bytes(bytes[8..12].try_into().unwrap()),
        payload: bytes[12..].to_vec(),
        source,
    }
}

fn bind(family: IpFamily) -> UdpSocket {
    let address: SocketAddr = match family {
        IpFamily::V4 => (Ipv4Addr::LOCALHOST, 0).into(),
        IpFamily::V6 => (Ipv6Addr::LOCALHOST, 0).into(),
    };
    let socket = UdpSocket::bind(address).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket
}
