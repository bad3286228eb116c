//! Somebody at a socket.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::net::{TcpStream, UdpSocket};
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use wigwag_sip::wire::{HeaderName, Message, Request, Response};

use super::letter::Letter;
use super::line::Line;
use crate::patience::{PATIENCE, within};
use crate::phone::SipAccount;

/// How long a request waits for its answer before it is sent again: T1 (RFC 3261 §17.1.2.2).
const REPEAT_AFTER: Duration = Duration::from_millis(500);

/// Somebody at a socket, who sends what they like.
#[derive(Debug)]
pub struct Stranger {
    line: Line,
    transport: &'static str,
    local: SocketAddr,
}

impl Stranger {
    /// Sends datagrams to `server` from 127.0.0.1.
    pub async fn over_udp(server: SocketAddr) -> Stranger {
        Stranger::from(Ipv4Addr::LOCALHOST.into(), server).await
    }

    /// Sends datagrams to `server` from another address of this machine.
    pub async fn from(ip: IpAddr, server: SocketAddr) -> Stranger {
        let socket = UdpSocket::bind((ip, 0)).await.expect("the kernel has a free port");
        socket
            .connect(server)
            .await
            .expect("a datagram socket connects to anything");
        let local = socket.local_addr().expect("a bound socket has an address");
        Stranger {
            line: Line::Udp(socket),
            transport: "UDP",
            local,
        }
    }

    /// Opens a connection to `server`.
    pub async fn over_tcp(server: SocketAddr) -> Stranger {
        let stream = TcpStream::connect(server).await.expect("the server listens");
        let local = stream.local_addr().expect("a connection has an address");
        Stranger {
            line: Line::Tcp(stream, Default::default()),
            transport: "TCP",
            local,
        }
    }

    /// Opens a WebSocket at `url`, as `ws://127.0.0.1:8080/sip`.
    pub async fn over_web_socket(url: &str) -> Stranger {
        let mut request = url.into_client_request().expect("the server names its address");
        let sip = HeaderValue::from_static("sip");
        request.headers_mut().insert("Sec-WebSocket-Protocol", sip);
        let host = request.uri().authority().expect("an address has a host").to_string();
        let stream = TcpStream::connect(host).await.expect("the server listens");
        let local = stream.local_addr().expect("a connection has an address");
        let (socket, _) = client_async(request, stream).await.expect("the server upgrades");
        Stranger {
            line: Line::WebSocket(Box::new(socket)),
            transport: "WS",
            local,
        }
    }

    /// Where it sits.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.local
    }

    /// Sends anything.
    pub async fn send(&mut self, octets: impl AsRef<[u8]>) {
        self.line.send(octets.as_ref()).await;
    }

    /// Sends a request, and does not wait.
    pub async fn post(&mut self, letter: &mut Letter) -> Request {
        let request = letter.write(self.transport, self.local, None);
        self.line.send(request.bytes()).await;
        request
    }

    /// Sends a request with this proof, and does not wait.
    pub async fn post_with(&mut self, letter: &mut Letter, proof: &str) -> Request {
        let request = letter.write(self.transport, self.local, Some(proof));
        self.line.send(request.bytes()).await;
        request
    }

    /// Sends a request with this proof, and waits for the final answer.
    pub async fn ask_with(&mut self, letter: &mut Letter, proof: &str) -> Response {
        self.post_with(letter, proof).await;
        self.answer().await
    }

    /// Sends a request, and waits for the final answer.
    pub async fn ask(&mut self, letter: &mut Letter) -> Response {
        self.post(letter).await;
        self.answer().await
    }

    /// Sends a request again and again, as phones do, until its final answer comes.
    ///
    /// # Panics
    ///
    /// When none comes in time, or the connection is closed.
    pub async fn insist(&mut self, request: &Request) -> Response {
        let is_answer = |response: &Response| {
            [HeaderName::CallId, HeaderName::CSeq]
                .into_iter()
                .all(|name| response.header(name.clone()) == request.header(name))
        };
        let insisting = async {
            loop {
                self.line.send(request.bytes()).await;
                let listening = async {
                    loop {
                        let response = self.answer().await;
                        if is_answer(&response) {
                            return response;
                        }
                    }
                };
                if let Some(response) = within(REPEAT_AFTER, listening).await {
                    return response;
                }
            }
        };
        within(PATIENCE, insisting)
            .await
            .expect("the server answers in the end")
    }

    /// Sends a request, signs it when it is challenged, and waits for the final answer.
    pub async fn ask_as(&mut self, letter: &mut Letter, account: &SipAccount) -> Response {
        let challenge = self.ask(letter).await;
        let cnonce = letter.word();
        match account.proof(&challenge, &letter.method, &letter.uri, &cnonce) {
            Some(proof) => self.ask_with(letter, &proof).await,
            None => challenge,
        }
    }

    /// Acknowledges the last INVITE of the letter's dialog.
    pub async fn acknowledge(&mut self, letter: &mut Letter) {
        let ack = letter.acknowledge(self.transport, self.local);
        self.line.send(ack.bytes()).await;
    }

    /// Waits for the next request, as somebody who has registered does.
    ///
    /// # Panics
    ///
    /// When none comes in time, or the connection is closed.
    pub async fn request(&mut self) -> Request {
        loop {
            match within(PATIENCE, self.line.next()).await {
                Some(Some(Message::Request(request))) => return request,
                Some(Some(Message::Response(_))) => {}
                Some(None) => panic!("the server has closed the connection"),
                None => panic!("the server asks nothing"),
            }
        }
    }

    /// Waits for the next final answer.
    ///
    /// # Panics
    ///
    /// When none comes in time, or the connection is closed.
    pub async fn answer(&mut self) -> Response {
        let answer = self.answer_or_end().await;
        answer.expect("the server has closed the connection")
    }

    /// Waits for the next final answer, or nothing when the connection is closed.
    ///
    /// # Panics
    ///
    /// When neither comes in time.
    pub async fn answer_or_end(&mut self) -> Option<Response> {
        loop {
            match within(PATIENCE, self.line.next()).await {
                Some(Some(Message::Response(response))) if response.status().is_final() => return Some(response),
                Some(Some(_)) => {}
                Some(None) => return None,
                None => panic!("the server does not answer"),
            }
        }
    }

    /// Waits until the server closes the connection.
    ///
    /// # Panics
    ///
    /// When it does not.
    pub async fn is_sent_away(&mut self) {
        let closing = async { while self.line.next().await.is_some() {} };
        assert!(within(PATIENCE, closing).await.is_some(), "the connection stays open");
    }
}
