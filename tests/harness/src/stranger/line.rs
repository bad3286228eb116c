//! The socket of a stranger: datagrams, a connection or a WebSocket.

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio_tungstenite::{WebSocketStream, tungstenite::Message as WebSocketMessage};
use wigwag_sip::wire::{Frame, Message, StreamDecoder};

/// The socket of a stranger.
#[derive(Debug)]
pub(super) enum Line {
    Udp(UdpSocket),
    Tcp(TcpStream, StreamDecoder),
    WebSocket(Box<WebSocketStream<TcpStream>>),
}

impl Line {
    pub(super) async fn send(&mut self, octets: &[u8]) {
        match self {
            Line::Udp(socket) => {
                socket.send(octets).await.expect("loopback carries it");
            }
            // The server may have closed the connection, which is told by `next`.
            Line::Tcp(stream, _) => drop(stream.write_all(octets).await),
            Line::WebSocket(socket) => drop(socket.send(WebSocketMessage::binary(octets.to_vec())).await),
        }
    }

    /// The next message; nothing once the server has closed the connection.
    pub(super) async fn next(&mut self) -> Option<Message> {
        match self {
            Line::Udp(socket) => {
                let mut datagram = vec![0; 65_536];
                let length = socket.recv(&mut datagram).await.expect("the server listens");
                datagram.truncate(length);
                Some(Message::parse(datagram.into()).expect("the server writes well-formed messages"))
            }
            Line::Tcp(stream, decoder) => loop {
                match decoder.next().expect("the server frames its messages") {
                    Some(Frame::Message(message)) => return Some(message),
                    Some(Frame::Ping | Frame::Pong | Frame::Broken(_)) => {}
                    None => {
                        let mut octets = vec![0; 8192];
                        let length = stream.read(&mut octets).await.unwrap_or(0);
                        if length == 0 {
                            return None;
                        }
                        decoder.push(&octets[..length]);
                    }
                }
            },
            Line::WebSocket(socket) => loop {
                match socket.next().await?.ok()? {
                    WebSocketMessage::Text(text) => {
                        return Some(Message::parse(text.into()).expect("the server writes well-formed messages"));
                    }
                    WebSocketMessage::Ping(_) => {}
                    WebSocketMessage::Close(_) => return None,
                    WebSocketMessage::Binary(_) | WebSocketMessage::Pong(_) | WebSocketMessage::Frame(_) => {
                        panic!("the server sends text, pings and ends")
                    }
                }
            },
        }
    }
}
