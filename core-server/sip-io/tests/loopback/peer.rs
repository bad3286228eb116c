//! An endpoint with a user that writes down what it is told, and raw peers that do as they please.

use std::{fmt::Debug, net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, UdpSocket},
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::timeout,
};
use wigwag_sip::{
    transaction::{ClientKey, Failure, FlowId, ServerKey},
    wire::{
        Header, HeaderName, Message, Method, Request, RequestBuilder, Response, StatusCode,
        header::{CSeq, MaxForwards},
    },
};
use wigwag_sip_io::{Clock, Config, Destination, Endpoint, Flow, Incoming, Listen, Offered, Sink, Transport, Verdict};

/// What the user of an endpoint is told.
#[derive(Debug)]
pub(crate) enum Heard {
    Request(Incoming),
    Ack(Request),
    Cancelled(ServerKey, Request),
    Response(u32, Response),
    Failed(u32, Failure),
    Closed(FlowId),
}

/// An endpoint and what its user was told.
pub(crate) struct Peer {
    pub(crate) endpoint: Endpoint<u32>,
    heard: UnboundedReceiver<Heard>,
}

struct Ear {
    tell: UnboundedSender<Heard>,
    verdict: fn(&Request) -> Verdict,
}

impl Ear {
    fn hear(&self, heard: Heard) {
        // A test that has ended no longer listens.
        let _ = self.tell.send(heard);
    }
}

impl Sink<u32> for Ear {
    fn offered(&self, offer: Offered<'_>) -> Verdict {
        (self.verdict)(offer.request)
    }

    fn request(&self, incoming: Incoming) {
        self.hear(Heard::Request(incoming));
    }

    fn ack(&self, request: Request, _: &Flow) {
        self.hear(Heard::Ack(request));
    }

    fn cancelled(&self, invite: ServerKey, cancel: Request) {
        self.hear(Heard::Cancelled(invite, cancel));
    }

    fn response(&self, owner: &u32, response: Response, _: &Flow) {
        self.hear(Heard::Response(*owner, response));
    }

    fn failed(&self, owner: &u32, failure: Failure) {
        self.hear(Heard::Failed(*owner, failure));
    }

    fn flow_closed(&self, flow: FlowId) {
        self.hear(Heard::Closed(flow));
    }
}

impl Peer {
    pub(crate) fn start(config: Config) -> Self {
        Peer::start_with(config, |_| Verdict::Accept)
    }

    pub(crate) fn start_with(config: Config, verdict: fn(&Request) -> Verdict) -> Self {
        let endpoint = Endpoint::bind(config, Clock::start()).expect("free ports on loopback");
        let (tell, heard) = unbounded_channel();
        endpoint
            .serve(Arc::new(Ear { tell, verdict }))
            .expect("there are threads");
        Peer { endpoint, heard }
    }

    /// Where the first listener of this transport listens.
    pub(crate) fn address(&self, transport: Transport) -> SocketAddr {
        let listen = self
            .endpoint
            .listening()
            .iter()
            .find(|listen| listen.transport == transport);
        listen.expect("the test listens for it").address
    }

    pub(crate) fn destination(&self, transport: Transport) -> Destination {
        Destination::Address {
            transport,
            address: self.address(transport),
        }
    }

    /// The next thing told.
    pub(crate) async fn hears(&mut self) -> Heard {
        soon(self.heard.recv()).await.expect("the endpoint lives")
    }

    /// The next thing told, which has to be an accepted request.
    pub(crate) async fn hears_request(&mut self) -> Incoming {
        let heard = self.hears().await;
        let Heard::Request(incoming) = heard else {
            panic!("a request is heard, not {heard:?}");
        };
        incoming
    }

    /// The next thing told, which has to be a response to the request of `owner`.
    pub(crate) async fn hears_status(&mut self, owner: u32) -> u16 {
        let heard = self.hears().await;
        let Heard::Response(whose, response) = heard else {
            panic!("a response is heard, not {heard:?}");
        };
        assert_eq!(whose, owner);
        response.status().as_u16()
    }

    pub(crate) fn hears_nothing_yet(&mut self) -> bool {
        self.heard.is_empty()
    }

    pub(crate) fn request(&self, owner: u32, to: &Destination, request: &Request) -> ClientKey {
        self.endpoint.request(owner, to, request).expect("there is a way")
    }

    pub(crate) fn respond(&self, incoming: &Incoming, code: u16) {
        self.endpoint
            .respond(incoming.key, answer(&incoming.request, code))
            .expect("the transaction lives");
    }
}

/// Listens on a free port of loopback.
pub(crate) fn listen(transport: Transport) -> Listen {
    Listen {
        transport,
        address: SocketAddr::from(([127, 0, 0, 1], 0)),
    }
}

pub(crate) fn config(transports: &[Transport]) -> Config {
    Config {
        listen: transports.iter().copied().map(listen).collect(),
        ..Config::default()
    }
}

/// A request without Via in a call of its own.
pub(crate) fn request(method: Method, call_id: &str) -> RequestBuilder {
    Request::builder(method.clone(), "sip:bob@127.0.0.1")
        .header(&MaxForwards::new(70))
        .raw(HeaderName::From, "<sip:alice@127.0.0.1>;tag=a1")
        .raw(HeaderName::To, "<sip:bob@127.0.0.1>")
        .raw(HeaderName::CallId, call_id)
        .header(&CSeq::new(1, method))
}

pub(crate) fn answer(request: &Request, code: u16) -> Response {
    let status = StatusCode::new(code).expect("tests use status codes");
    Response::reply_to(request, status).to_tag("b1").build()
}

/// Something that has to happen, though not at a certain time.
pub(crate) async fn soon<F: Future>(future: F) -> F::Output {
    timeout(Duration::from_secs(20), future)
        .await
        .expect("it happens at all")
}

/// A request as bytes, sent by `via`.
pub(crate) fn raw(method: &str, via: &str, more: &str) -> String {
    format!(
        "{method} sip:bob@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/{via};branch=z9hG4bKraw{}\r\n\
         From: <sip:alice@127.0.0.1>;tag=a1\r\nTo: <sip:bob@127.0.0.1>\r\nCall-ID: raw\r\nCSeq: 1 {method}\r\n\
         Max-Forwards: 70\r\n{more}Content-Length: 0\r\n\r\n",
        method.len()
    )
}

/// A socket that sends what it likes.
pub(crate) struct RawUdp(pub(crate) UdpSocket);

impl RawUdp {
    pub(crate) async fn towards(peer: SocketAddr) -> Self {
        let any = if peer.is_ipv4() { "127.0.0.1:0" } else { "[::1]:0" };
        let socket = UdpSocket::bind(any).await.expect("a free port");
        socket.connect(peer).await.expect("loopback");
        RawUdp(socket)
    }

    pub(crate) async fn send(&self, datagram: impl AsRef<[u8]>) {
        self.0.send(datagram.as_ref()).await.expect("loopback");
    }

    pub(crate) async fn receive(&self) -> Vec<u8> {
        let mut datagram = vec![0; 65_536];
        let length = soon(self.0.recv(&mut datagram)).await.expect("loopback");
        datagram.truncate(length);
        datagram
    }

    pub(crate) async fn receive_response(&self) -> Response {
        response(self.receive().await)
    }

    /// The status of the answer to a datagram.
    pub(crate) async fn ask(&self, datagram: impl AsRef<[u8]>) -> u16 {
        self.send(datagram).await;
        self.receive_response().await.status().as_u16()
    }
}

pub(crate) fn response(bytes: Vec<u8>) -> Response {
    match Message::parse(bytes.into()) {
        Ok(Message::Response(response)) => response,
        other => panic!("a response, not {other:?}"),
    }
}

pub(crate) fn header<H: Header + Debug>(response: &Response) -> H {
    response.require().expect("the response has it")
}

/// A connection that sends what it likes.
pub(crate) struct RawTcp(pub(crate) TcpStream);

impl RawTcp {
    pub(crate) async fn towards(peer: SocketAddr) -> Self {
        RawTcp(soon(TcpStream::connect(peer)).await.expect("somebody listens"))
    }

    pub(crate) async fn send(&mut self, octets: impl AsRef<[u8]>) {
        self.0.write_all(octets.as_ref()).await.expect("the connection is open");
    }

    pub(crate) async fn receive(&mut self) -> Vec<u8> {
        let mut octets = vec![0; 65_536];
        let length = soon(self.0.read(&mut octets)).await.expect("the connection is open");
        octets.truncate(length);
        octets
    }

    pub(crate) async fn receive_status(&mut self) -> u16 {
        response(self.receive().await).status().as_u16()
    }

    /// Waits until the other side has ended the connection.
    pub(crate) async fn is_closed(&mut self) -> bool {
        let mut octet = [0];
        matches!(soon(self.0.read(&mut octet)).await, Ok(0) | Err(_))
    }
}
