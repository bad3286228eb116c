//! application/dialog-info+xml: the calls of somebody, as lamps of desk phones show them (RFC 4235).

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::xml::Xml;
use crate::wire::{Uri, header::NameAddr};

/// The calls of somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DialogInfo {
    /// Whose calls they are.
    pub entity: Uri,
    /// The calls, in an order that does not change while they last.
    pub dialogs: Vec<WatchedDialog>,
}

/// One call of somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchedDialog {
    /// What tells it from the other calls of its owner.
    pub id: SmolStr,
    /// What an INVITE with Replaces calls it (RFC 3891), where it can be picked up so.
    pub names: Option<DialogNames>,
    /// Who began it.
    pub initiator: Initiator,
    /// How far it has come.
    pub state: WatchedState,
    /// Its owner's side.
    pub local: Side,
    /// The other side, if that may be shown.
    pub remote: Option<Side>,
}

/// The identity of a dialog as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DialogNames {
    /// The Call-ID.
    pub call_id: SmolStr,
    /// The owner's tag.
    pub local_tag: SmolStr,
    /// The other side's tag.
    pub remote_tag: SmolStr,
}

/// Who began a call, as its owner sees it (RFC 4235 §4.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Initiator {
    /// Its owner.
    Owner,
    /// The other side.
    Peer,
}

/// How far a call has come (RFC 4235 §3.7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WatchedState {
    /// An INVITE was sent.
    Trying,
    /// It rings.
    Early,
    /// It is answered.
    Confirmed,
    /// It is over.
    Terminated,
}

/// One side of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// Who it is.
    pub identity: NameAddr,
    /// Where requests to it go; the identity's URI leads there too, where nothing else is said.
    pub target: Uri,
}

impl Side {
    /// A side that is reached by what it is known as.
    pub fn new(identity: NameAddr) -> Self {
        Side {
            target: identity.uri().clone(),
            identity,
        }
    }
}

/// What a document says about the calls that it does not name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// There are no others.
    Full,
    /// They are as they were.
    Partial,
}

impl DialogInfo {
    /// The document number `version` for one subscriber.
    pub fn print(&self, version: u32, extent: Extent) -> String {
        let extent = match extent {
            Extent::Full => "full",
            Extent::Partial => "partial",
        };
        let mut xml = Xml::new();
        let attributes: [(&str, &dyn std::fmt::Display); 4] = [
            ("xmlns", &"urn:ietf:params:xml:ns:dialog-info"),
            ("version", &version),
            ("state", &extent),
            ("entity", &self.entity),
        ];
        xml.element("dialog-info", &attributes, |xml| {
            self.dialogs.iter().for_each(|dialog| dialog.print(xml));
            if self.dialogs.is_empty() {
                nothing(xml);
            }
        });
        xml.finish()
    }
}

/// Widespread phones put a lamp out when they read of a dialog that is over, and not when they read of none.
fn nothing(xml: &mut Xml) {
    xml.element("dialog", &[("id", &"none")], |xml| {
        xml.leaf("state", &[], WatchedState::Terminated.name());
    });
}

impl WatchedDialog {
    fn print(&self, xml: &mut Xml) {
        let mut attributes: Vec<(&str, &dyn std::fmt::Display)> = vec![("id", &self.id)];
        if let Some(names) = &self.names {
            attributes.push(("call-id", &names.call_id));
            attributes.push(("local-tag", &names.local_tag));
            attributes.push(("remote-tag", &names.remote_tag));
        }
        let direction = self.initiator.direction();
        attributes.push(("direction", &direction));
        xml.element("dialog", &attributes, |xml| {
            xml.leaf("state", &[], self.state.name());
            self.local.print("local", xml);
            if let Some(remote) = &self.remote {
                remote.print("remote", xml);
            }
        });
    }
}

impl Side {
    fn print(&self, name: &str, xml: &mut Xml) {
        xml.element(name, &[], |xml| {
            let uri = self.identity.uri();
            match &self.identity.display() {
                Some(display) => xml.leaf("identity", &[("display", display)], uri),
                None => xml.leaf("identity", &[], uri),
            }
            xml.empty("target", &[("uri", &self.target)]);
        });
    }
}

impl Initiator {
    const fn direction(self) -> &'static str {
        match self {
            Initiator::Owner => "initiator",
            Initiator::Peer => "recipient",
        }
    }
}

impl WatchedState {
    const fn name(self) -> &'static str {
        match self {
            WatchedState::Trying => "trying",
            WatchedState::Early => "early",
            WatchedState::Confirmed => "confirmed",
            WatchedState::Terminated => "terminated",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(text: &str) -> Uri {
        Uri::parse(text).unwrap()
    }

    fn ringing() -> DialogInfo {
        DialogInfo {
            entity: uri("sip:201@pbx.example"),
            dialogs: vec![WatchedDialog {
                id: "c1".into(),
                names: Some(DialogNames {
                    call_id: "c1".into(),
                    local_tag: "l".into(),
                    remote_tag: "r".into(),
                }),
                initiator: Initiator::Peer,
                state: WatchedState::Early,
                local: Side::new(NameAddr::new(uri("sip:201@pbx.example"))),
                remote: Some(Side::new(
                    NameAddr::new(uri("sip:01632960001@pbx.example")).with_display("<Ann> & \"Co\""),
                )),
            }],
        }
    }

    #[test]
    fn a_ringing_phone_can_be_picked_up_from_its_lamp() {
        insta::assert_snapshot!(ringing().print(7, Extent::Full).replace("><", ">\n<"), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="7" state="full" entity="sip:201@pbx.example">
        <dialog id="c1" call-id="c1" local-tag="l" remote-tag="r" direction="recipient">
        <state>early</state>
        <local>
        <identity>sip:201@pbx.example</identity>
        <target uri="sip:201@pbx.example" />
        </local>
        <remote>
        <identity display="&lt;Ann&gt; &amp; &quot;Co&quot;">sip:01632960001@pbx.example</identity>
        <target uri="sip:01632960001@pbx.example" />
        </remote>
        </dialog>
        </dialog-info>
        "#);
    }

    #[test]
    fn a_phone_without_calls_says_so() {
        let idle = DialogInfo {
            dialogs: Vec::new(),
            ..ringing()
        };
        let document = idle.print(0, Extent::Full);
        assert!(document.contains("<dialog id=\"none\"><state>terminated</state></dialog>"));
    }

    #[test]
    fn a_change_alone_can_be_told() {
        let mut change = ringing();
        change.dialogs[0].state = WatchedState::Terminated;
        change.dialogs[0].initiator = Initiator::Owner;
        let document = change.print(8, Extent::Partial);
        assert!(document.contains("version=\"8\" state=\"partial\""));
        assert!(document.contains("direction=\"initiator\"><state>terminated</state>"));
    }
}
