//! A phone's control port: JSON in netstrings, answers and events mixed.

use std::collections::VecDeque;
use std::net::SocketAddr;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::event::Event;
use crate::netstring;

/// A connection to a phone's control port.
#[derive(Debug)]
pub(super) struct Control {
    stream: TcpStream,
    received: Vec<u8>,
    events: VecDeque<Event>,
    commands: u64,
}

/// What a phone said to a command.
pub(super) struct Answer {
    pub(super) ok: bool,
    pub(super) text: String,
}

/// The phone is gone.
pub(super) struct HungUp;

impl Control {
    pub(super) async fn connect(address: SocketAddr) -> std::io::Result<Control> {
        let stream = TcpStream::connect(address).await?;
        Ok(Control {
            stream,
            received: Vec::new(),
            events: VecDeque::new(),
            commands: 0,
        })
    }

    /// Gives a command and waits for its answer; events that come before it are kept.
    pub(super) async fn command(&mut self, command: &str, parameters: &str) -> Result<Answer, HungUp> {
        self.commands += 1;
        let token = self.commands.to_string();
        let message = json!({ "command": command, "params": parameters, "token": token }).to_string();
        self.stream
            .write_all(netstring::encode(&message).as_bytes())
            .await
            .map_err(|_| HungUp)?;
        loop {
            let packet = self.packet().await?;
            if packet["token"] == token.as_str() {
                let text = packet["data"].as_str().unwrap_or_default().to_owned();
                return Ok(Answer {
                    ok: packet["ok"] == true,
                    text,
                });
            }
            self.keep(&packet);
        }
    }

    /// The next event, as soon as there is one.
    pub(super) async fn event(&mut self) -> Result<Event, HungUp> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Ok(event);
            }
            let packet = self.packet().await?;
            self.keep(&packet);
        }
    }

    fn keep(&mut self, packet: &Value) {
        if packet["event"] == true {
            self.events.push_back(Event::read(packet));
        }
    }

    async fn packet(&mut self) -> Result<Value, HungUp> {
        loop {
            if let Some(frame) = netstring::take(&mut self.received) {
                return Ok(serde_json::from_slice(&frame).expect("a phone speaks JSON"));
            }
            if self.stream.read_buf(&mut self.received).await.map_err(|_| HungUp)? == 0 {
                return Err(HungUp);
            }
        }
    }
}
