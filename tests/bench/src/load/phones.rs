//! One caller and one callee for all calls: just enough SIP to set up calls whose sound is measured.
//!
//! Calls are set up one after another, so whatever is not the awaited message is a repetition, and left out.

use std::{
    net::{SocketAddr, UdpSocket},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use wigwag_sansio::{Pii, Secret};
use wigwag_sip::{
    digest::{Login, Question, answer},
    sdp::Description,
    wire::{
        Header, HeaderName, Message, Method, Request, Response, StatusCode,
        header::{Authorization, CSeq, CallId, Contact, To, WwwAuthenticate},
    },
};

use crate::server::{Extension, Pair, Server};

/// How long one message is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// The two ends of all calls.
pub(crate) struct Phones {
    caller: Agent,
    callee: Agent,
    domain: String,
    count: u32,
}

/// A call that is up.
pub(crate) struct Dialog {
    /// Where the caller and the callee send their sound to.
    pub(crate) sound: [SocketAddr; 2],
    from: String,
    to: String,
    call_id: String,
    target: String,
}

struct Agent {
    socket: UdpSocket,
    server: SocketAddr,
    address: SocketAddr,
}

impl Phones {
    pub(crate) fn new(server: &Server) -> Result<Phones> {
        Ok(Phones {
            caller: Agent::new(server.address())?,
            callee: Agent::new(server.address())?,
            domain: server.domain().to_owned(),
            count: 0,
        })
    }

    /// The server has been started anew, elsewhere.
    pub(crate) fn follow(&mut self, server: &Server) {
        self.caller.server = server.address();
        self.callee.server = server.address();
    }

    /// Registers a phone at the callee's address.
    pub(crate) fn register(&mut self, phone: &Extension) -> Result<()> {
        self.register_for(phone, 3_600)
    }

    /// Registers a phone at the callee's address, for so long.
    pub(crate) fn register_for(&mut self, phone: &Extension, secs: u32) -> Result<()> {
        let Extension { username, password, .. } = phone;
        let domain = self.domain.clone();
        let (uri, address) = (format!("sip:{domain}"), self.callee.address);
        let call_id = self.name("r");
        let mut proof = String::new();
        for cseq in 1..=2 {
            let head = head("REGISTER", &uri, address, &self.name("b"));
            self.callee.send(&format!(
                "{head}From: <sip:{username}@{domain}>;tag={call_id}\r\nTo: <sip:{username}@{domain}>\r\n\
                 Call-ID: {call_id}\r\nCSeq: {cseq} REGISTER\r\nContact: <sip:{username}@{address}>\r\n{proof}\
                 Expires: {secs}\r\nContent-Length: 0\r\n\r\n"
            ))?;
            let response = self.callee.response(&call_id, cseq)?;
            if response.status().is_success() {
                return Ok(());
            }
            proof = prove(&response, &Method::Register, &uri, username, password)?;
        }
        bail!("a phone cannot register");
    }

    /// Sets up a call; `sound` is where the caller and the callee want to hear the other.
    pub(crate) fn call(&mut self, pair: &Pair, sound: [SocketAddr; 2]) -> Result<Dialog> {
        let Extension { username, password, .. } = &pair.caller;
        let (domain, address) = (self.domain.clone(), self.caller.address);
        let uri = format!("sip:{}@{domain}", pair.callee.number);
        let call_id = self.name("c");
        let from = format!("<sip:{username}@{domain}>;tag={call_id}");
        let offer = description(sound[0]);
        let mut proof = String::new();
        for cseq in 1..=2 {
            let branch = self.name("b");
            let head = head("INVITE", &uri, address, &branch);
            self.caller.send(&format!(
                "{head}From: {from}\r\nTo: <{uri}>\r\nCall-ID: {call_id}\r\nCSeq: {cseq} INVITE\r\n\
                 Contact: <sip:{username}@{address}>\r\n{proof}Content-Type: application/sdp\r\n\
                 Content-Length: {}\r\n\r\n{offer}",
                offer.len()
            ))?;
            if cseq == 2 {
                break;
            }
            let response = self.caller.response(&call_id, cseq)?;
            let to = text(&response.require::<To>()?);
            let ack = Acknowledged {
                uri: &uri,
                branch: &branch,
                from: &from,
                to: &to,
                call_id: &call_id,
                cseq,
            };
            self.caller.send(&ack.text(address))?;
            proof = prove(&response, &Method::Invite, &uri, username, password)?;
        }
        let callee_sound = self.answer(sound[1])?;
        let response = self.caller.response(&call_id, 2)?;
        ensure!(
            response.status().is_success(),
            "a call was refused: {}",
            response.status()
        );
        let to = text(&response.require::<To>()?);
        let contact = response.require::<Contact>()?;
        let target = contact.address().context("a 2xx names one contact")?.uri().to_string();
        let branch = self.name("b");
        let ack = Acknowledged {
            uri: &target,
            branch: &branch,
            from: &from,
            to: &to,
            call_id: &call_id,
            cseq: 2,
        };
        self.caller.send(&ack.text(address))?;
        self.callee.request(&Method::Ack)?;
        Ok(Dialog {
            sound: [sound_of(&response.body())?, callee_sound],
            from,
            to,
            call_id,
            target,
        })
    }

    /// The caller ends a call.
    pub(crate) fn hang_up(&mut self, dialog: &Dialog) -> Result<()> {
        let Dialog {
            from,
            to,
            call_id,
            target,
            ..
        } = dialog;
        let head = head("BYE", target, self.caller.address, &self.name("b"));
        self.caller.send(&format!(
            "{head}From: {from}\r\nTo: {to}\r\nCall-ID: {call_id}\r\nCSeq: 3 BYE\r\nContent-Length: 0\r\n\r\n"
        ))?;
        let bye = self.callee.request(&Method::Bye)?;
        self.callee
            .send_bytes(Response::reply_to(&bye, StatusCode::OK).build().bytes())?;
        ensure!(
            self.caller.response(call_id, 3)?.status().is_success(),
            "a call does not end"
        );
        Ok(())
    }

    /// The callee takes the call that arrives; where it has to send its sound to.
    fn answer(&mut self, sound: SocketAddr) -> Result<SocketAddr> {
        let invite = self.callee.request(&Method::Invite)?;
        let contact = format!("<sip:{}>", self.callee.address);
        let tag = self.name("t");
        let reply = |status| {
            Response::reply_to(&invite, status)
                .to_tag(&tag)
                .raw(HeaderName::Contact, &contact)
        };
        self.callee.send_bytes(reply(StatusCode::RINGING).build().bytes())?;
        let taken = reply(StatusCode::OK)
            .body("application/sdp", description(sound))
            .build();
        self.callee.send_bytes(taken.bytes())?;
        sound_of(&invite.body())
    }

    fn name(&mut self, kind: &str) -> String {
        self.count += 1;
        format!("{kind}{}-{}", self.caller.address.port(), self.count)
    }
}

impl Agent {
    fn new(server: SocketAddr) -> Result<Agent> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.set_read_timeout(Some(PATIENCE))?;
        let address = socket.local_addr()?;
        Ok(Agent {
            socket,
            server,
            address,
        })
    }

    fn send(&self, message: &str) -> Result<()> {
        self.send_bytes(message.as_bytes())
    }

    fn send_bytes(&self, message: &[u8]) -> Result<()> {
        self.socket.send_to(message, self.server)?;
        Ok(())
    }

    fn receive(&self) -> Result<Message> {
        let mut datagram = vec![0; 65_536];
        let length = self.socket.recv(&mut datagram).context("the server does not answer")?;
        datagram.truncate(length);
        Ok(Message::parse(Bytes::from(datagram))?)
    }

    /// The next request of this method.
    fn request(&self, method: &Method) -> Result<Request> {
        loop {
            if let Message::Request(request) = self.receive()?
                && request.method() == method
            {
                return Ok(request);
            }
        }
    }

    /// The final response to this request.
    fn response(&self, call_id: &str, cseq: u32) -> Result<Response> {
        loop {
            let Message::Response(response) = self.receive()? else {
                continue;
            };
            let is_ours = text(&response.require::<CallId>()?) == call_id
                && response.require::<CSeq>()?.number() == cseq
                && response.status().is_final();
            if is_ours {
                return Ok(response);
            }
        }
    }
}

fn head(method: &str, uri: &str, address: SocketAddr, branch: &str) -> String {
    format!("{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {address};branch=z9hG4bK{branch};rport\r\nMax-Forwards: 70\r\n")
}

/// What an ACK repeats of its INVITE and the response.
struct Acknowledged<'a> {
    uri: &'a str,
    branch: &'a str,
    from: &'a str,
    to: &'a str,
    call_id: &'a str,
    cseq: u32,
}

impl Acknowledged<'_> {
    fn text(&self, address: SocketAddr) -> String {
        let Acknowledged {
            uri,
            branch,
            from,
            to,
            call_id,
            cseq,
        } = self;
        let head = head("ACK", uri, address, branch);
        format!("{head}From: {from}\r\nTo: {to}\r\nCall-ID: {call_id}\r\nCSeq: {cseq} ACK\r\nContent-Length: 0\r\n\r\n")
    }
}

/// The line that answers a challenge.
pub(crate) fn prove(response: &Response, method: &Method, uri: &str, username: &str, password: &str) -> Result<String> {
    let challenge = response
        .require::<WwwAuthenticate>()
        .with_context(|| format!("no challenge: {}", response.status()))?;
    let login = Login {
        username: Pii::new(username.to_owned()),
        password: Secret::new(password.to_owned()),
    };
    let question = Question {
        method,
        uri,
        cnonce: "0a4f113b",
        count: 1,
    };
    let credentials = answer(&[challenge.0], &login, &question)?;
    Ok(format!("Authorization: {}\r\n", text(&Authorization(credentials))))
}

/// What a phone says that wants to hear at `sound`.
pub(crate) fn description(sound: SocketAddr) -> String {
    let (ip, port) = (sound.ip(), sound.port());
    format!(
        "v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio {port} RTP/AVP 0\r\n\
         a=rtpmap:0 PCMU/8000\r\na=ptime:20\r\n"
    )
}

fn sound_of(body: &[u8]) -> Result<SocketAddr> {
    let description = Description::parse(body)?;
    let media = description.media.first().context("a description without sound")?;
    let address = media
        .section
        .connection
        .as_ref()
        .or(description.session.connection.as_ref());
    let ip = address
        .and_then(|address| address.ip())
        .context("a description without address")?;
    Ok(SocketAddr::new(ip, media.port))
}

fn text(header: &impl Header) -> String {
    header.to_string()
}
