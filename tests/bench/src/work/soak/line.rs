//! A phone's socket: datagrams, a connection or a WebSocket.

use std::{
    io::{Read, Write},
    net::{IpAddr, SocketAddr, TcpStream, UdpSocket},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use tokio_tungstenite::tungstenite::{
    Message as WebSocketMessage, WebSocket, client::IntoClientRequest, http::HeaderValue,
};
use wigwag_sip::wire::{Frame, Message, StreamDecoder};

/// How long one message is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// A phone's socket. When it is dropped, it is closed without a word.
pub(super) enum Line {
    Udp(UdpSocket),
    Tcp(TcpStream, StreamDecoder),
    WebSocket(Box<WebSocket<TcpStream>>),
}

impl Line {
    /// Datagrams from a new port.
    pub(super) fn udp(from: IpAddr, server: SocketAddr) -> Result<Line> {
        let socket = UdpSocket::bind((from, 0))?;
        socket.connect(server)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        Ok(Line::Udp(socket))
    }

    /// A new connection.
    pub(super) fn tcp(server: SocketAddr) -> Result<Line> {
        Ok(Line::Tcp(connect(server)?, StreamDecoder::new()))
    }

    /// A new WebSocket at `url`.
    pub(super) fn web_socket(url: &str) -> Result<Line> {
        let mut request = url.into_client_request()?;
        let sip = HeaderValue::from_static("sip");
        request.headers_mut().insert("Sec-WebSocket-Protocol", sip);
        let host = request.uri().authority().context("an address has a host")?.to_string();
        let stream = connect(host.parse()?)?;
        let (socket, _) = tokio_tungstenite::tungstenite::client(request, stream)
            .map_err(|_| anyhow::anyhow!("the server does not upgrade"))?;
        Ok(Line::WebSocket(Box::new(socket)))
    }

    /// The transport as Via names it.
    pub(super) fn transport(&self) -> &'static str {
        match self {
            Line::Udp(_) => "UDP",
            Line::Tcp(..) => "TCP",
            Line::WebSocket(_) => "WS",
        }
    }

    /// Our own address.
    pub(super) fn address(&self) -> Result<SocketAddr> {
        Ok(match self {
            Line::Udp(socket) => socket.local_addr()?,
            Line::Tcp(stream, _) => stream.local_addr()?,
            Line::WebSocket(socket) => socket.get_ref().local_addr()?,
        })
    }

    /// Sends one message.
    pub(super) fn send(&mut self, message: &[u8]) -> Result<()> {
        match self {
            Line::Udp(socket) => drop(socket.send(message)?),
            Line::Tcp(stream, _) => stream.write_all(message)?,
            Line::WebSocket(socket) => {
                let text = String::from_utf8_lossy(message).into_owned();
                socket.send(WebSocketMessage::text(text))?;
            }
        }
        Ok(())
    }

    /// The next message.
    pub(super) fn next(&mut self) -> Result<Message> {
        match self {
            Line::Udp(socket) => {
                let mut datagram = vec![0; 65_536];
                let length = socket.recv(&mut datagram).context("the server does not answer")?;
                datagram.truncate(length);
                Ok(Message::parse(Bytes::from(datagram))?)
            }
            Line::Tcp(stream, decoder) => loop {
                match decoder.next()? {
                    Some(Frame::Message(message)) => return Ok(message),
                    Some(Frame::Ping | Frame::Pong | Frame::Broken(_)) => {}
                    None => {
                        let mut octets = [0; 8192];
                        let length = stream.read(&mut octets).context("the server does not answer")?;
                        if length == 0 {
                            bail!("the server has closed the connection");
                        }
                        decoder.push(&octets[..length]);
                    }
                }
            },
            Line::WebSocket(socket) => loop {
                match socket.read().context("the server does not answer")? {
                    WebSocketMessage::Text(text) => return Ok(Message::parse(text.into())?),
                    WebSocketMessage::Ping(_) | WebSocketMessage::Pong(_) => {}
                    WebSocketMessage::Close(_) | WebSocketMessage::Binary(_) | WebSocketMessage::Frame(_) => {
                        bail!("the server has closed the WebSocket")
                    }
                }
            },
        }
    }
}

fn connect(server: SocketAddr) -> Result<TcpStream> {
    let stream = TcpStream::connect(server)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}
