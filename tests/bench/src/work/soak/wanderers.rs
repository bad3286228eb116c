//! Phones that come and go: they register, refresh, call the echo, leave or vanish, and come back from elsewhere.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use wigwag_sansio::Entropy;
use wigwag_sip::wire::{
    Message, Method, Response, StatusCode,
    header::{CSeq, CallId, Contact, To},
};

use super::{line::Line, tally::Tally};
use crate::{
    clock,
    load::{description, prove},
    server::Extension,
};

/// What a phone asks for that may vanish; it is the least that is granted.
const EXPIRES_SECS: u32 = 60;
/// The longest pause between two things that a phone does, in ms.
const PAUSE_MS: u32 = 1_500;
const ECHO: &str = "*52";

/// How a phone reaches the server.
#[derive(Clone)]
pub(super) enum Way {
    Udp(SocketAddr),
    Tcp(SocketAddr),
    WebSocket(String),
}

/// Phones that visit the server by turns.
pub(super) struct Wanderers {
    pub(super) phones: Vec<Extension>,
    pub(super) way: Way,
    pub(super) domain: String,
    pub(super) tally: Tally,
    pub(super) entropy: Entropy,
}

impl Way {
    fn open(&self) -> Result<Line> {
        match self {
            Way::Udp(server) => Line::udp(IpAddr::V4(Ipv4Addr::LOCALHOST), *server),
            Way::Tcp(server) => Line::tcp(*server),
            Way::WebSocket(url) => Line::web_socket(url),
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Way::Udp(_) => "visits over UDP",
            Way::Tcp(_) => "visits over TCP",
            Way::WebSocket(_) => "visits over WebSockets",
        }
    }
}

impl Wanderers {
    /// Comes and goes until the load ends.
    pub(super) fn run(mut self) -> Result<()> {
        for number in (0..self.phones.len()).cycle() {
            if self.tally.is_over() {
                break;
            }
            let visited = self.visit(number);
            self.tally.add(self.way.kind(), &visited);
        }
        Ok(())
    }

    fn visit(&mut self, number: usize) -> Result<()> {
        let Wanderers {
            phones,
            way,
            domain,
            entropy,
            ..
        } = self;
        let mut phone = Phone::new(way.open()?, &phones[number], domain, entropy)?;
        // Without one, whoever vanishes stays registered until that ends.
        if entropy.below(4) > 0 {
            phone.instance = format!(";+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-{number:012}>\"");
        }
        phone.register(EXPIRES_SECS)?;
        pause(entropy);
        match entropy.below(6) {
            0 => phone.register(EXPIRES_SECS)?,
            1 => {
                let dialog = phone.call_echo()?;
                pause(entropy);
                phone.hang_up(&dialog)?;
            }
            // Its person is talking when it is killed below.
            2 => drop(phone.call_echo()?),
            _ => {}
        }
        pause(entropy);
        if entropy.below(2) == 0 {
            phone.register(0)?;
        }
        Ok(())
    }
}

fn pause(entropy: &mut Entropy) {
    clock::pause(Duration::from_millis(entropy.below(PAUSE_MS).into()));
}

struct Phone<'a> {
    line: Line,
    address: SocketAddr,
    account: &'a Extension,
    domain: &'a str,
    /// What its names begin with, so that they are its own.
    name: String,
    instance: String,
    count: u32,
}

struct Dialog {
    call_id: String,
    to: String,
    target: String,
}

impl<'a> Phone<'a> {
    fn new(line: Line, account: &'a Extension, domain: &'a str, entropy: &mut Entropy) -> Result<Phone<'a>> {
        Ok(Phone {
            address: line.address()?,
            line,
            account,
            domain,
            name: entropy.word(10),
            instance: String::new(),
            count: 0,
        })
    }

    fn register(&mut self, expires: u32) -> Result<()> {
        let uri = format!("sip:{}", self.domain);
        let to = format!("<sip:{}@{}>", self.account.username, self.domain);
        let call_id = format!("{}-register", self.name);
        let mut proof = String::new();
        for _ in 0..2 {
            let head = self.head("REGISTER", &uri, &call_id);
            let contact = self.contact();
            let cseq = self.count;
            self.send(&format!(
                "{head}To: {to}\r\nCSeq: {cseq} REGISTER\r\n{contact}{proof}Expires: {expires}\r\n\
                 Content-Length: 0\r\n\r\n"
            ))?;
            let response = self.response(&call_id, cseq)?;
            if response.status().is_success() {
                return Ok(());
            }
            proof = self.prove(&response, &Method::Register, &uri)?;
        }
        bail!("a phone cannot register");
    }

    fn call_echo(&mut self) -> Result<Dialog> {
        let uri = format!("sip:{ECHO}@{}", self.domain);
        self.count += 1;
        let call_id = format!("{}-call-{}", self.name, self.count);
        let offer = description(SocketAddr::new(self.address.ip(), 40_004));
        let mut proof = String::new();
        for _ in 0..2 {
            let head = self.head("INVITE", &uri, &call_id);
            let contact = self.contact();
            let cseq = self.count;
            self.send(&format!(
                "{head}To: <{uri}>\r\nCSeq: {cseq} INVITE\r\n{contact}{proof}Content-Type: application/sdp\r\n\
                 Content-Length: {}\r\n\r\n{offer}",
                offer.len()
            ))?;
            let response = self.response(&call_id, cseq)?;
            let to = response.require::<To>()?.to_string();
            if response.status().is_success() {
                let contact = response.require::<Contact>()?;
                let target = contact.address().context("a 2xx names one contact")?.uri().to_string();
                let dialog = Dialog { call_id, to, target };
                self.acknowledge(&dialog, cseq)?;
                return Ok(dialog);
            }
            // The branch is the INVITE's (RFC 3261 §17.1.1.3).
            let ack = head.replacen("INVITE", "ACK", 1);
            self.send(&format!(
                "{ack}To: {to}\r\nCSeq: {cseq} ACK\r\nContent-Length: 0\r\n\r\n"
            ))?;
            proof = self.prove(&response, &Method::Invite, &uri)?;
        }
        bail!("a phone cannot call");
    }

    fn acknowledge(&mut self, dialog: &Dialog, cseq: u32) -> Result<()> {
        let head = self.head("ACK", &dialog.target, &dialog.call_id);
        let to = &dialog.to;
        self.send(&format!(
            "{head}To: {to}\r\nCSeq: {cseq} ACK\r\nContent-Length: 0\r\n\r\n"
        ))
    }

    fn hang_up(&mut self, dialog: &Dialog) -> Result<()> {
        let head = self.head("BYE", &dialog.target, &dialog.call_id);
        let (to, cseq) = (&dialog.to, self.count);
        self.send(&format!(
            "{head}To: {to}\r\nCSeq: {cseq} BYE\r\nContent-Length: 0\r\n\r\n"
        ))?;
        let response = self.response(&dialog.call_id, cseq)?;
        ensure!(
            response.status().is_success(),
            "a call does not end: {}",
            response.status()
        );
        Ok(())
    }

    /// How a new request begins; it counts up the CSeq.
    fn head(&mut self, method: &str, uri: &str, call_id: &str) -> String {
        self.count += 1;
        let Phone {
            address,
            account,
            domain,
            name,
            count,
            ..
        } = self;
        let (transport, username) = (self.line.transport(), &account.username);
        format!(
            "{method} {uri} SIP/2.0\r\nVia: SIP/2.0/{transport} {address};branch=z9hG4bK{name}{count};rport\r\n\
             Max-Forwards: 70\r\nFrom: <sip:{username}@{domain}>;tag={name}\r\nCall-ID: {call_id}\r\n"
        )
    }

    fn contact(&self) -> String {
        let (username, address, instance) = (&self.account.username, self.address, &self.instance);
        let transport = self.line.transport().to_ascii_lowercase();
        format!("Contact: <sip:{username}@{address};transport={transport}>{instance}\r\n")
    }

    fn prove(&self, response: &Response, method: &Method, uri: &str) -> Result<String> {
        prove(response, method, uri, &self.account.username, &self.account.password)
    }

    fn send(&mut self, message: &str) -> Result<()> {
        self.line.send(message.as_bytes())
    }

    /// The final response to this request; requests that come meanwhile are granted.
    fn response(&mut self, call_id: &str, cseq: u32) -> Result<Response> {
        loop {
            match self.line.next()? {
                Message::Request(request) => {
                    if request.method() != &Method::Ack {
                        let granted = Response::reply_to(&request, StatusCode::OK).to_tag(&self.name);
                        self.line.send(granted.build().bytes())?;
                    }
                }
                Message::Response(response) => {
                    let is_ours = response.require::<CallId>()?.to_string() == call_id
                        && response.require::<CSeq>()?.number() == cseq;
                    if is_ours && response.status().is_final() {
                        return Ok(response);
                    }
                }
            }
        }
    }
}
