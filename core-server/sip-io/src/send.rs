//! What the user sends, and how everything that leaves finds its way (RFC 3261 §18.1.1, §18.2.2).

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use bytes::Bytes;
use thiserror::Error;
use tokio_rustls::TlsConnector;
use wigwag_sansio::Now;
use wigwag_sip::{
    transaction::{ClientKey, Event, FlowId, Gone, Hop, Link, Output, Packet, Refusal, ServerKey},
    wire::{
        HeaderName, Host, Message, Request, Response,
        header::{self, Reason, Via},
    },
};

use crate::{
    Destination, Endpoint, Flow, Listen, TooMany, Transport,
    attached::Attached,
    connections::{Connection, Opened},
    shard::Outputs,
    stream,
    udp::UdpPort,
};

/// Why a request did not leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SendError {
    /// The flow's connection has ended, or the flow belongs to another node or to a socket that is no more.
    #[error("the flow has ended")]
    FlowEnded,
    /// There is no socket or route for this transport and address.
    #[error("no way to this address")]
    NoRoute,
    /// Too many transactions.
    #[error("too many transactions")]
    Overloaded,
    /// A connection would have to be opened, and there are too many.
    #[error(transparent)]
    Connections(#[from] TooMany),
}

impl<O: Clone + Send + 'static> Endpoint<O> {
    /// The flow by which `to` is reached now. For a TCP or TLS address without a connection this begins to open one.
    ///
    /// # Errors
    /// When there is no way there.
    pub fn flow(&self, to: &Destination) -> Result<Flow, SendError> {
        self.find_flow(to, self.clock().now())
    }

    /// Sends a request other than ACK and CANCEL; its responses, or its failure, come with `owner` to the sink. The
    /// request has no Via yet.
    ///
    /// # Errors
    /// When it did not leave; nothing more is told then.
    pub fn request(&self, owner: O, to: &Destination, request: &Request) -> Result<ClientKey, SendError> {
        let now = self.clock().now();
        let hop = self.hop(&self.find_flow(to, now)?);
        let shard = self.shard_of(request.header(HeaderName::CallId).unwrap_or_default());
        let (sent, outputs) = shard.step(|layer| layer.request(owner, request, hop, now));
        self.carry_out(outputs, None, now);
        sent.map_err(|refusal| match refusal {
            Refusal::Full | Refusal::Duplicate | Refusal::Unidentified => SendError::Overloaded,
        })
    }

    /// Gives up an INVITE of ours, now or as soon as RFC 3261 §9.1 allows it; for nothing when it was answered. Tells
    /// the CANCEL, if it leaves now.
    pub fn cancel(&self, key: ClientKey, reason: Option<Reason>) -> Option<Bytes> {
        let now = self.clock().now();
        let shard = self.shards().get(usize::from(key.shard()))?;
        let ((), outputs) = shard.step(|layer| layer.cancel(key, reason, now));
        let cancel = outputs.iter().find_map(|output| match output {
            Output::Send { packet, .. } => Some(packet.bytes().clone()),
            Output::Event(_) => None,
        });
        self.carry_out(outputs, None, now);
        cancel
    }

    /// Answers an accepted request.
    ///
    /// # Errors
    /// When its transaction has ended.
    pub fn respond(&self, key: ServerKey, response: Response) -> Result<(), Gone> {
        let now = self.clock().now();
        let shard = self.shards().get(usize::from(key.shard())).ok_or(Gone)?;
        let (responded, outputs) = shard.step(|layer| layer.respond(key, response, now));
        self.carry_out(outputs, None, now);
        responded
    }

    /// Sends a request without a transaction: the ACK of a 2xx.
    ///
    /// # Errors
    /// When it did not leave.
    pub fn send(&self, to: &Destination, request: &Request) -> Result<(), SendError> {
        let now = self.clock().now();
        let flow = self.find_flow(to, now)?;
        let shard = self.shard_of(request.header(HeaderName::CallId).unwrap_or_default());
        let (branch, _) = shard.step(|layer| layer.stateless_branch());
        let packet = Packet::from(&request.with_via(&self.hop(&flow).via(&branch)));
        self.transmit(flow.id, &packet, None, now);
        Ok(())
    }

    /// Carries out what a step of a shard wants done; `flow` is how the message came that caused it, if one did.
    pub(crate) fn carry_out(&self, outputs: Outputs<O>, flow: Option<&Flow>, now: Now) {
        for output in outputs {
            match output {
                Output::Send {
                    flow,
                    packet,
                    request_of,
                } => self.transmit(flow, &packet, request_of, now),
                Output::Event(event) => self.tell(event, flow, now),
            }
        }
    }

    /// Sends along a flow; a request that cannot be sent fails, a response looks for another way.
    pub(crate) fn transmit(&self, flow: FlowId, packet: &Packet, request_of: Option<ClientKey>, now: Now) {
        let is_sent = match flow.link {
            Link::Datagram { socket, local, remote } => self.send_from(socket, local, remote, packet.bytes()),
            Link::Connection(number) => {
                let connection = self.connections().find(number);
                connection.is_some_and(|connection| connection.outgoing.push(packet.bytes().clone()).is_ok())
            }
        };
        if is_sent {
            self.metrics().sent.count(packet.bytes());
        }
        match (is_sent, request_of) {
            (true, _) => {}
            (false, Some(key)) => {
                let shard = &self.shards()[usize::from(key.shard())];
                let ((), outputs) = shard.step(|layer| layer.transport_failed(key, now));
                self.carry_out(outputs, None, now);
            }
            (false, None) => self.respond_elsewhere(packet, now),
        }
    }

    pub(crate) fn send_from(&self, socket: u16, local: IpAddr, remote: SocketAddr, bytes: &Bytes) -> bool {
        let port = self.udp().get(usize::from(socket));
        let is_sent = port.is_some_and(|port| port.send(local, remote, bytes).is_ok());
        if !is_sent {
            self.metrics().unsent.increment();
        }
        is_sent
    }

    /// A connection has ended: what waits for it fails, and the user is told.
    pub(crate) fn connection_closed(&self, connection: &Connection) {
        let now = self.clock().now();
        self.connections().close(connection);
        for shard in self.shards() {
            let ((), outputs) = shard.step(|layer| layer.connection_failed(connection.number, now));
            self.carry_out(outputs, None, now);
        }
        if let Some(sink) = self.sink() {
            sink.flow_closed(connection.flow.id);
        }
    }

    fn tell(&self, event: Event<O>, flow: Option<&Flow>, now: Now) {
        match (event, flow, self.sink()) {
            (Event::New(request), Some(flow), Some(_)) => self.offer(request, flow, now),
            (Event::Ack(request), Some(flow), Some(sink)) => sink.ack(request, flow),
            (Event::Cancelled { invite, cancel }, _, Some(sink)) => sink.cancelled(invite, cancel),
            (Event::Response { owner, response, .. }, Some(flow), Some(sink)) => sink.response(&owner, response, flow),
            (Event::Failed { owner, failure, .. }, _, Some(sink)) => sink.failed(&owner, failure),
            (Event::New(_) | Event::Ack(_) | Event::Response { .. }, None, _) => {
                unreachable!("these events come from messages, which come by flows")
            }
            (_, _, None) => {}
        }
    }

    /// A final response whose connection has ended goes over a new one to where the request came from (§18.2.2).
    fn respond_elsewhere(&self, packet: &Packet, now: Now) {
        let Ok(Message::Response(response)) = Message::parse(packet.bytes().clone()) else {
            return;
        };
        if !response.status().is_final() {
            return;
        }
        let to = response.require::<Via>().ok().and_then(|via| way_back(&via));
        let Some(Ok(flow)) = to.map(|to| self.find_flow(&to, now)) else {
            return;
        };
        if let Link::Connection(number) = flow.id.link
            && let Some(connection) = self.connections().find(number)
            && connection.outgoing.push(packet.bytes().clone()).is_ok()
        {
            self.metrics().sent.count(packet.bytes());
        }
    }

    fn find_flow(&self, to: &Destination, now: Now) -> Result<Flow, SendError> {
        match *to {
            Destination::Flow(id) if id.node != self.node() => Err(SendError::FlowEnded),
            Destination::Flow(FlowId {
                link: Link::Connection(number),
                ..
            }) => {
                let connection = self.connections().find(number).ok_or(SendError::FlowEnded)?;
                Ok(connection.flow)
            }
            Destination::Flow(FlowId {
                link: Link::Datagram { socket, local, remote },
                ..
            }) => {
                let port = self.udp().get(usize::from(socket)).filter(|port| port.serves(local));
                Ok(port.ok_or(SendError::FlowEnded)?.flow(self.node(), local, remote))
            }
            Destination::Address {
                transport: Transport::Udp,
                address,
            } => self.datagram_flow(address, now),
            Destination::Address { transport, address } => match self.connections().find_peer(transport, address) {
                Some(connection) => Ok(connection.flow),
                None => self.open(transport, address, now),
            },
        }
    }

    /// By the socket that has the address which the route prescribes, or else by any of the family.
    fn datagram_flow(&self, remote: SocketAddr, now: Now) -> Result<Flow, SendError> {
        let source = self
            .routes()
            .source_for(remote.ip(), now)
            .map_err(|_| SendError::NoRoute)?;
        let of_family = |port: &&Arc<UdpPort>| port.address.is_ipv4() == remote.is_ipv4();
        let port = self.udp().iter().find(|port| port.serves(source));
        let port = port
            .or_else(|| self.udp().iter().find(of_family))
            .ok_or(SendError::NoRoute)?;
        let local = if port.is_wildcard() { source } else { port.address.ip() };
        Ok(port.flow(self.node(), local, remote))
    }

    fn open(&self, transport: Transport, remote: SocketAddr, now: Now) -> Result<Flow, SendError> {
        let tls = match transport {
            Transport::Tcp => None,
            Transport::Tls => {
                let tls = self.tls().ok_or(SendError::NoRoute)?;
                Some(TlsConnector::from(Arc::clone(&tls.client)))
            }
            Transport::Udp | Transport::Ws | Transport::Wss => return Err(SendError::NoRoute),
        };
        let source = self
            .routes()
            .source_for(remote.ip(), now)
            .map_err(|_| SendError::NoRoute)?;
        let listens = |listen: &&Listen| listen.transport == transport && listen.address.is_ipv4() == remote.is_ipv4();
        let listen = self.listening().iter().find(listens);
        let port = listen.map_or(transport.default_port(), |listen| listen.address.port());
        let local = SocketAddr::new(source, port);
        let connection = self.connections().open(transport, local, remote, Opened::ByUs, now)?;
        let flow = connection.flow;
        let attached = Attached::new(self.clone(), connection);
        self.spawn_connection(stream::connect(self.clone(), attached, tls));
        Ok(flow)
    }

    fn hop(&self, flow: &Flow) -> Hop {
        let address = self.advertised(flow);
        Hop {
            flow: flow.id,
            transport: flow.transport.into(),
            host: Host::from(address.ip()),
            port: Some(address.port()),
        }
    }
}

/// Where a server finds the client again whose connection has ended: the port is the listening one, not `rport`.
fn way_back(via: &Via) -> Option<Destination> {
    let transport = match via.transport() {
        header::Transport::Tcp => Transport::Tcp,
        header::Transport::Tls => Transport::Tls,
        header::Transport::Udp | header::Transport::Ws | header::Transport::Wss | header::Transport::Other(_) => {
            return None;
        }
    };
    let host = via.received().unwrap_or_else(|| via.host().clone());
    let port = via.port().unwrap_or(transport.default_port());
    Some(Destination::Address {
        transport,
        address: SocketAddr::new(host.ip()?, port),
    })
}
