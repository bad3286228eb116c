//! How a ladder is drawn: one line for each message, fact, note and command about sound.

use std::fmt::Write;

use wigwag_model::{CallEvent, CallRecord, LegId, LegRole, Party};
use wigwag_pbx::call::{MediaCommand, Prompt};
use wigwag_sansio::{Tick, Utc};
use wigwag_sip::{
    sdp::{Agreement, AudioDescription, Capabilities, Description, MediaKind, Security},
    session::ladder,
    wire::{HeaderName, Message},
};

use super::office::Office;

/// A ladder so far.
#[derive(Debug, Default)]
pub(crate) struct Drawing {
    beginning: Tick,
    text: String,
    is_off: bool,
}

impl Drawing {
    pub(crate) fn beginning_at(beginning: Tick) -> Self {
        Drawing {
            beginning,
            ..Drawing::default()
        }
    }

    pub(crate) fn line(&mut self, at: Tick, text: &str) {
        if !self.is_off {
            let ms = at.since(self.beginning).as_millis();
            writeln!(self.text, "{:>5}.{:03} {text}", ms / 1000, ms % 1000).unwrap();
        }
    }

    /// Stops or goes on drawing: what repeats itself is not worth a page.
    pub(crate) fn set_off(&mut self, is_off: bool) {
        if is_off {
            self.text.push_str("          …\n");
        }
        self.is_off = is_off;
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

/// A message in one line, its session description in words.
pub(crate) fn message(message: &Message) -> String {
    let (header, body) = match message {
        Message::Request(request) => (request.header(HeaderName::ContentType), request.body()),
        Message::Response(response) => (response.header(HeaderName::ContentType), response.body()),
    };
    let line = ladder::line(message);
    if header != Some(b"application/sdp") {
        return line.trim_end().to_string();
    }
    let words = Description::parse(&body).map_or_else(|_| "unreadable".into(), |description| sdp(&description));
    line.replace("«application/sdp»", &format!("«{words}»"))
}

fn sdp(description: &Description) -> String {
    if let Ok(audio) = AudioDescription::of(description) {
        let address = audio.rtp.map_or_else(|| "nowhere".into(), |rtp| rtp.to_string());
        let secret = match audio.security {
            Security::Plain => "",
            Security::Opportunistic(_) => " srtp if you like",
            Security::Sdes(_) => " srtp",
        };
        return format!(
            "{} {}{secret} at {address}",
            formats(&audio.capabilities),
            audio.direction.as_str()
        );
    }
    let kinds = description.media.iter().map(|media| match (&media.kind, media.port) {
        (kind, 0) => format!("{} refused", kind.as_str()),
        (MediaKind::Image, _) => "fax".into(),
        (kind, _) => kind.as_str().to_string(),
    });
    kinds.collect::<Vec<_>>().join(", ")
}

fn formats(capabilities: &Capabilities) -> String {
    let one = |format: &wigwag_sip::sdp::Format| {
        let name = format.codec.to_string();
        let name = name.trim_end_matches("/8000").replace("telephone-event", "keys");
        format!("{name}={}", format.payload_type)
    };
    capabilities.formats().map(one).collect::<Vec<_>>().join(" ")
}

/// A command about sound in words.
pub(crate) fn media(command: &MediaCommand) -> String {
    match command {
        MediaCommand::Open { leg, .. } => format!("open {}", leg.0),
        MediaCommand::Configure { leg, agreement } => format!("leg {}: {}", leg.0, agreed(agreement)),
        MediaCommand::Bridge { first, second } => format!("leg {} hears leg {}", first.0, second.0),
        MediaCommand::Echo { leg } => format!("leg {} hears itself", leg.0),
        MediaCommand::Part { first, second } => format!("legs {} and {} part", first.0, second.0),
        MediaCommand::Play {
            leg,
            prompt: Prompt::Ringback,
        } => format!("leg {} hears ringing", leg.0),
        MediaCommand::Play { leg, prompt } => format!("leg {} hears {prompt:?}", leg.0),
        MediaCommand::Listen { leg } => format!("leg {} may press codes", leg.0),
        MediaCommand::Confer { legs } => {
            let legs: Vec<String> = legs.iter().map(|leg| leg.0.to_string()).collect();
            format!("legs {} hear each other", legs.join(", "))
        }
        MediaCommand::Stop { leg } => format!("leg {} hears that no more", leg.0),
        MediaCommand::Close { leg } => format!("close {}", leg.0),
    }
}

fn agreed(agreement: &Agreement) -> String {
    let to = agreement
        .remote_rtp
        .map_or_else(|| "nowhere".into(), |rtp| rtp.to_string());
    let srtp = if agreement.srtp.is_some() { " encrypted" } else { "" };
    let (receive, send) = (formats(&agreement.receive), formats(&agreement.send));
    format!(
        "{}{srtp}, takes {receive}, gives {send} to {to}",
        agreement.direction.as_str()
    )
}

/// A fact in words.
pub(crate) fn fact(event: &CallEvent, office: &Office) -> String {
    match event {
        CallEvent::Attempted { caller, dialled, .. } => format!("{} dials {}", party(caller), dialled.expose()),
        CallEvent::Addressed { callee } => format!("for {}", party(callee)),
        CallEvent::LegStarted {
            leg,
            role,
            extension_id,
            address,
            ..
        } => {
            let number = extension_id.map_or("?", |id| office.number(id));
            format!(
                "leg {} starts: {} {number} at {}",
                leg.0,
                role.as_str(),
                address.expose()
            )
        }
        CallEvent::LegRinging { leg } => format!("leg {} rings", leg.0),
        CallEvent::LegAnswered { leg } => format!("leg {} is answered", leg.0),
        CallEvent::LegHeld { leg } => format!("leg {} holds", leg.0),
        CallEvent::LegResumed { leg } => format!("leg {} resumes", leg.0),
        CallEvent::LegEnded { leg, cause } => format!("leg {} ends: {}", leg.0, cause.as_str()),
        CallEvent::LegMeasured { leg, .. } => format!("leg {} is measured", leg.0),
        CallEvent::Bridged { first, second } => format!("legs {} and {} are bridged", first.0, second.0),
        CallEvent::CallerChanged { caller } => format!("the caller is {} from now on", party(caller)),
        CallEvent::Merged { .. } => "merges into the other call".into(),
        CallEvent::Ended { cause } => format!("ends: {}", cause.as_str()),
    }
}

fn party(party: &Party) -> String {
    let name = party.name.as_ref().map_or("", |name| name.expose());
    format!("{name} {}", party.number.expose())
}

/// What the call history says of a call.
pub(crate) fn record(record: &CallRecord) -> String {
    let since = |at: Option<Utc>| at.map_or_else(|| "–".into(), |at| ms(at.since(record.started_at).as_millis()));
    let callee = record.callee.as_ref().map_or_else(|| "–".into(), party);
    let mut text = format!(
        "{} → {callee}: {} ({}), dialled {}, answered {}, ended {}, talk {}\n",
        party(&record.caller),
        record.outcome.as_str(),
        record.cause.as_str(),
        record.dialled.expose(),
        since(record.answered_at),
        since(Some(record.ended_at)),
        ms(u128::from(record.talk_ms)),
    );
    for leg in &record.legs {
        let LegId(number) = leg.leg;
        let role = match leg.role {
            LegRole::Caller => "caller",
            LegRole::Callee => "callee",
        };
        writeln!(
            text,
            "  leg {number} {role}: started {}, rang {}, answered {}, ended {} ({})",
            since(Some(leg.started_at)),
            since(leg.ringing_at),
            since(leg.answered_at),
            since(Some(leg.ended_at)),
            leg.cause.as_str(),
        )
        .unwrap();
    }
    text
}

fn ms(millis: u128) -> String {
    format!("{}.{:03}", millis / 1000, millis % 1000)
}
