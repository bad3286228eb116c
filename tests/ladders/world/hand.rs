//! The hand that presses a phone's keys.

use wigwag_sansio::Now;
use wigwag_sip::{
    sdp::Direction,
    session::{Command, Content, Digit, Extra, Input, OfferBy, Outgoing, Sdp, Session},
    wire::{
        HeaderName, Method, Request, Response, StatusCode, Uri,
        header::{CSeq, CallId, Contact, From, MaxForwards, NameAddr, Reason, Replaces, To},
    },
};

use super::{
    office::{DOMAIN, username},
    phone::{Owner, Phone},
    voice::fax,
};

impl Phone {
    pub(crate) fn register(&mut self, now: Now) {
        self.register_for(3600, now);
    }

    pub(crate) fn register_for(&mut self, seconds: u32, now: Now) {
        self.register_cseq += 1;
        let aor = NameAddr::new(uri(&format!("sip:{}@{DOMAIN}", username(self.number))));
        let contact = format!(
            "<{}>;expires={seconds};+sip.instance=\"<urn:uuid:{}>\"",
            self.here(),
            self.name
        );
        let request = Request::builder(Method::Register, format!("sip:{DOMAIN}"))
            .header(&MaxForwards::new(70))
            .header(&From::new(aor.clone().with_tag(&self.entropy.word(8))))
            .header(&To::new(aor))
            .header(&self.register_id.clone())
            .header(&CSeq::new(self.register_cseq, Method::Register))
            .raw(HeaderName::Contact, contact)
            .raw(HeaderName::UserAgent, self.name)
            .build();
        self.request(Owner::Register, &request, now);
    }

    pub(crate) fn call(&mut self, dialled: &str, now: Now) {
        let offer = self.voice.offer();
        self.dial(dialled, Some(offer), now);
    }

    pub(crate) fn fax(&mut self, dialled: &str, now: Now) {
        let offer = fax(self.voice.address);
        self.dial(dialled, Some(offer), now);
    }

    pub(crate) fn dial(&mut self, dialled: &str, sdp: Option<Sdp>, now: Now) {
        self.dial_with(dialled, sdp, Vec::new(), now);
    }

    fn dial_with(&mut self, dialled: &str, sdp: Option<Sdp>, headers: Vec<Extra>, now: Now) {
        let target = uri(&format!("sip:{dialled}@{DOMAIN}"));
        let us = NameAddr::new(uri(&format!("sip:{}@{DOMAIN}", username(self.number))));
        let outgoing = Outgoing {
            request_uri: target.clone(),
            from: From::new(us),
            to: To::new(target),
            call_id: CallId::new(&self.entropy.word(20)).unwrap(),
            routes: Vec::new(),
            max_forwards: 70,
            headers,
            sdp,
        };
        let session = Session::outgoing(outgoing, self.settings(), self.entropy.fork());
        self.adopt(session, None, None, now);
    }

    pub(crate) fn ring(&mut self, now: Now) {
        self.progress(StatusCode::RINGING, false, now);
    }

    pub(crate) fn progress(&mut self, status: StatusCode, with_sound: bool, now: Now) {
        let offered = self.line().offered.clone().flatten();
        let sdp = offered
            .filter(|_| with_sound)
            .and_then(|offer| self.voice.answer(&offer));
        let headers = Vec::new();
        self.command(Command::Progress { status, sdp, headers }, now);
    }

    pub(crate) fn accept(&mut self, now: Now) {
        let sdp = match self.line().offered.take() {
            Some(Some(offer)) => self.voice.answer(&offer),
            Some(None) | None => Some(self.voice.offer()),
        };
        match sdp {
            Some(sdp) => {
                let headers = Vec::new();
                self.command(Command::Accept { sdp, headers }, now);
            }
            None => self.reject(StatusCode::NOT_ACCEPTABLE_HERE, now),
        }
    }

    /// Rings if somebody calls.
    pub(crate) fn try_ring(&mut self, now: Now) {
        if !self.lines.is_empty() {
            self.ring(now);
        }
    }

    /// Answers if somebody calls.
    pub(crate) fn try_accept(&mut self, now: Now) {
        if self
            .lines
            .last()
            .is_some_and(|line| line.invite.is_some() && line.offered.is_some())
        {
            self.accept(now);
        }
    }

    pub(crate) fn reject(&mut self, status: StatusCode, now: Now) {
        let headers = Vec::new();
        self.command(Command::Reject { status, headers }, now);
    }

    pub(crate) fn hang_up(&mut self, now: Now) {
        let reasons: Vec<Reason> = Vec::new();
        self.command(Command::End { status: None, reasons }, now);
    }

    /// Says from now on that it sends and receives so, in a re-INVITE.
    pub(crate) fn turn(&mut self, direction: Direction, now: Now) {
        self.voice.direction = direction;
        self.propose(OfferBy::Invite, now);
    }

    pub(crate) fn propose(&mut self, by: OfferBy, now: Now) {
        let sdp = Some(self.voice.offer());
        self.command(Command::Offer { sdp, by }, now);
    }

    pub(crate) fn ask_for_offer(&mut self, now: Now) {
        let by = OfferBy::Invite;
        self.command(Command::Offer { sdp: None, by }, now);
    }

    pub(crate) fn propose_fax(&mut self, now: Now) {
        let (sdp, by) = (Some(fax(self.voice.address)), OfferBy::Invite);
        self.command(Command::Offer { sdp, by }, now);
    }

    /// Answers what was proposed, for phones that do not do so by themselves.
    pub(crate) fn answer_proposal(&mut self, now: Now) {
        let Some(offer) = self.line().offered.take() else {
            return;
        };
        let answer = match offer {
            Some(offer) => self.voice.answer(&offer),
            None => Some(self.voice.offer()),
        };
        let command = match answer {
            Some(sdp) => Command::AnswerOffer { sdp },
            None => Command::RefuseOffer {
                status: StatusCode::NOT_ACCEPTABLE_HERE,
            },
        };
        self.command(command, now);
    }

    pub(crate) fn press(&mut self, key: char, now: Now) {
        let content = Some(Digit::new(key, 160).unwrap().relay());
        self.send_with(Method::Info, content, Vec::new(), now);
    }

    /// Sends whoever it talks to on to somebody else.
    pub(crate) fn refer(&mut self, dialled: &str, now: Now) {
        let target = format!("<sip:{dialled}@{DOMAIN}>");
        self.send(Method::Refer, vec![Extra::new(HeaderName::ReferTo, target)], now);
    }

    /// Sends whoever talks on one line to whoever talks, or rings, on another.
    pub(crate) fn refer_to_line(&mut self, line: usize, other: usize, now: Now) {
        let replaces = self.dialog(other).to_string();
        let escaped = replaces.replace('@', "%40").replace(';', "%3B").replace('=', "%3D");
        let target = format!("<sip:203@{DOMAIN}?Replaces={escaped}>");
        let command = Command::Send {
            tag: 1,
            method: Method::Refer,
            headers: vec![Extra::new(HeaderName::ReferTo, target)],
            content: None,
        };
        self.feed(line, Input::Command(command), now);
    }

    /// The dialog of a line, as the exchange sees it.
    pub(crate) fn dialog(&self, line: usize) -> Replaces {
        let session = self.lines[line].session();
        let theirs = session.remote_tag().unwrap_or(&self.lines[line].told_tag);
        Replaces::new(session.key().call_id.clone(), theirs, &session.key().local_tag)
    }

    /// Calls in the place of a dialog.
    pub(crate) fn call_replacing(&mut self, replaces: &Replaces, now: Now) {
        let offer = self.voice.offer();
        let header = Extra::new(HeaderName::Replaces, replaces.to_string());
        self.dial_with("203", Some(offer), vec![header], now);
    }

    pub(crate) fn send(&mut self, method: Method, headers: Vec<Extra>, now: Now) {
        self.send_with(method, None, headers, now);
    }

    fn send_with(&mut self, method: Method, content: Option<Content>, headers: Vec<Extra>, now: Now) {
        let tag = 1;
        let command = Command::Send {
            tag,
            method,
            headers,
            content,
        };
        self.command(command, now);
    }

    /// Answers the last INVITE as one of the phones behind a phone that forks.
    pub(crate) fn fork(&mut self, tag: &str, status: StatusCode, with_sound: bool, now: Now) {
        let (key, invite) = self.invitations.last().cloned().expect("an INVITE has come");
        let mut reply = Response::reply_to(&invite, status)
            .to_tag(tag)
            .record_route()
            .header(&Contact::new(NameAddr::new(self.here())));
        if let Some(sdp) = self.voice.answer(&Sdp(invite.body())).filter(|_| with_sound) {
            reply = reply.body("application/sdp", sdp.0);
        }
        self.respond(key, reply.build(), now);
    }

    /// Does something with the last line.
    pub(crate) fn command(&mut self, command: Command, now: Now) {
        if let Some(last) = self.lines.len().checked_sub(1) {
            self.feed(last, Input::Command(command), now);
        }
    }

    /// Does something with every line.
    pub(crate) fn end_all(&mut self, now: Now) {
        for index in 0..self.lines.len() {
            let reasons = Vec::new();
            self.feed(index, Input::Command(Command::End { status: None, reasons }), now);
        }
    }
}

fn uri(text: &str) -> Uri {
    Uri::parse(text).expect("tests write well-formed addresses")
}
