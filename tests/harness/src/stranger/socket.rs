//! Somebody at a socket.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use tokio::net::{TcpStream, UdpSocket};
use wigwag_sip::wire::{Message, Request, Response};

use super::letter::Letter;
use super::line::Line;
use crate::patience::{PATIENCE, within};
use crate::phone::SipAccount;

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

    /// Sends a request with this proof, and waits for the final answer.
    pub async fn ask_with(&mut self, letter: &mut Letter, proof: &str) -> Response {
        let request = letter.write(self.transport, self.local, Some(proof));
        self.line.send(request.bytes()).await;
        self.answer().await
    }

    /// Sends a request, and waits for the final answer.
    pub async fn ask(&mut self, letter: &mut Letter) -> Response {
        self.post(letter).await;
        self.answer().await
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
        loop {
            match within(PATIENCE, self.line.next()).await {
                Some(Some(Message::Response(response))) if response.status().is_final() => return response,
                Some(Some(_)) => {}
                Some(None) => panic!("the server has closed the connection"),
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
