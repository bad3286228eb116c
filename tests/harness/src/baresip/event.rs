//! What a phone reports by itself.

use serde_json::Value;

/// Something happened at a phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What it was.
    pub kind: EventKind,
    /// Who is at the other end, as the phone shows it; empty outside a call.
    pub peer_uri: String,
    /// More about it, such as the reason why a call ended.
    pub text: String,
}

/// What happened, as far as tests ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// The server knows the phone now.
    Registered,
    /// The server refused to.
    RegistrationFailed,
    /// A call comes in.
    Incoming,
    /// The phone at the other end rings.
    Ringing,
    /// There is sound before the answer.
    Progress,
    /// The call was answered.
    Established,
    /// The other end has described its sound; the text says whether as "offer" or as "answer".
    Described,
    /// The call ended, or never began.
    Closed,
    /// A key was pressed at the other end.
    KeyPressed,
    /// The other end wants the call elsewhere.
    TransferAsked,
    /// Nothing that a test asks for.
    Other,
}

impl Event {
    pub(super) fn read(event: &Value) -> Event {
        let text = |field: &str| event[field].as_str().unwrap_or_default().to_owned();
        Event {
            kind: EventKind::read(&text("type")),
            peer_uri: text("peeruri"),
            text: text("param"),
        }
    }
}

impl EventKind {
    fn read(name: &str) -> EventKind {
        match name {
            "REGISTER_OK" => EventKind::Registered,
            "REGISTER_FAIL" => EventKind::RegistrationFailed,
            "CALL_INCOMING" => EventKind::Incoming,
            "CALL_RINGING" => EventKind::Ringing,
            "CALL_PROGRESS" => EventKind::Progress,
            "CALL_ESTABLISHED" => EventKind::Established,
            "CALL_REMOTE_SDP" => EventKind::Described,
            "CALL_CLOSED" => EventKind::Closed,
            "CALL_DTMF_START" => EventKind::KeyPressed,
            "CALL_TRANSFER" => EventKind::TransferAsked,
            _ => EventKind::Other,
        }
    }
}
