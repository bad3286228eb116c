//! Flows between phones and the exchange: datagrams through weather, connections that lose nothing.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use bytes::Bytes;
use wigwag_pbx::registrar::Reach;
use wigwag_sansio::{
    Pii, Tick,
    testing::{BadNetwork, Weather},
};
use wigwag_sip::{
    transaction::{FlowId, Hop, Link},
    wire::{Host, header::Transport},
};

/// Where the exchange is.
pub(crate) const EXCHANGE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 5060);

/// One phone's way to the exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wire {
    pub(crate) transport: Transport,
    /// The phone's end.
    pub(crate) phone: SocketAddr,
    /// The number of the connection, for those that are none by datagrams.
    connection: Option<u64>,
}

/// A message under way.
#[derive(Clone, Debug)]
pub(crate) struct Packet {
    pub(crate) to: Receiver,
    pub(crate) wire: Wire,
    pub(crate) bytes: Bytes,
}

/// Who a packet is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Receiver {
    Exchange,
    Phone(&'static str),
}

/// All that is under way.
#[derive(Debug)]
pub(crate) struct Network {
    datagrams: BadNetwork<Packet>,
    streams: BadNetwork<Packet>,
}

impl Wire {
    pub(crate) fn udp(phone: SocketAddr) -> Self {
        Wire {
            transport: Transport::Udp,
            phone,
            connection: None,
        }
    }

    pub(crate) fn tls(phone: SocketAddr, connection: u64) -> Self {
        Wire {
            transport: Transport::Tls,
            phone,
            connection: Some(connection),
        }
    }

    /// The way that the exchange knows a phone by.
    pub(crate) fn of(reach: &Reach) -> Self {
        Wire {
            transport: reach.transport.clone(),
            phone: *reach.remote.expose(),
            connection: match reach.flow.link {
                Link::Connection(number) => Some(number),
                Link::Datagram { .. } => None,
            },
        }
    }

    /// The flow as the exchange sees it.
    pub(crate) fn flow(&self) -> FlowId {
        self.flow_between(EXCHANGE.ip(), self.phone)
    }

    /// The number of the connection, if it is one.
    pub(crate) fn connection(&self) -> Option<u64> {
        self.connection
    }

    /// How the exchange reaches the phone.
    pub(crate) fn reach(&self) -> Reach {
        Reach {
            flow: self.flow(),
            transport: self.transport.clone(),
            local: EXCHANGE,
            remote: Pii::new(self.phone),
        }
    }

    /// How the exchange sends requests this way.
    pub(crate) fn to_phone(&self) -> Hop {
        self.hop(self.flow(), EXCHANGE)
    }

    /// How the phone sends requests this way.
    pub(crate) fn to_exchange(&self) -> Hop {
        self.hop(self.flow_between(self.phone.ip(), EXCHANGE), self.phone)
    }

    fn hop(&self, flow: FlowId, sender: SocketAddr) -> Hop {
        Hop {
            flow,
            transport: self.transport.clone(),
            host: host(sender.ip()),
            port: Some(sender.port()),
        }
    }

    fn flow_between(&self, local: IpAddr, remote: SocketAddr) -> FlowId {
        let link = match self.connection {
            Some(number) => Link::Connection(number),
            None => Link::Datagram {
                socket: 0,
                local,
                remote,
            },
        };
        FlowId { node: 0, link }
    }
}

impl Network {
    pub(crate) fn new(weather: Weather, seed: u64) -> Self {
        Network {
            datagrams: BadNetwork::new(weather, seed),
            streams: BadNetwork::new(Weather::FINE, seed),
        }
    }

    pub(crate) fn send(&mut self, packet: Packet, at: Tick) {
        match packet.wire.connection {
            Some(_) => self.streams.send(packet, at),
            None => self.datagrams.send(packet, at),
        }
    }

    pub(crate) fn next_arrival(&self) -> Option<Tick> {
        let arrivals = [self.datagrams.next_arrival(), self.streams.next_arrival()];
        arrivals.into_iter().flatten().min()
    }

    pub(crate) fn receive(&mut self, at: Tick) -> Option<Packet> {
        self.datagrams.receive(at).or_else(|| self.streams.receive(at))
    }
}

/// An address as SIP writes it.
pub(crate) fn host(ip: IpAddr) -> Host {
    match ip {
        IpAddr::V4(ip) => Host::V4(ip),
        IpAddr::V6(ip) => Host::V6(ip),
    }
}
