//! application/pidf+xml: whether somebody can be reached (RFC 3863), and what they do (RFC 4480).

use serde::{Deserialize, Serialize};

use super::xml::Xml;
use crate::wire::Uri;

/// Whether somebody can be reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresenceDocument {
    /// Who it is about.
    pub entity: Uri,
    /// Whether a call would reach a phone.
    pub is_open: bool,
    /// What they do, where that is known.
    pub activity: Option<Activity>,
    /// The same in words, for people.
    pub note: String,
}

/// What somebody does (RFC 4480 §3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Activity {
    /// They telephone.
    OnThePhone,
    /// They do not want to be disturbed, or are about to telephone.
    Busy,
}

impl PresenceDocument {
    pub(super) fn print(&self) -> String {
        let mut xml = Xml::new();
        let attributes: [(&str, &dyn std::fmt::Display); 4] = [
            ("xmlns", &"urn:ietf:params:xml:ns:pidf"),
            ("xmlns:dm", &"urn:ietf:params:xml:ns:pidf:data-model"),
            ("xmlns:rpid", &"urn:ietf:params:xml:ns:pidf:rpid"),
            ("entity", &self.entity),
        ];
        xml.element("presence", &attributes, |xml| {
            xml.element("tuple", &[("id", &"phone")], |xml| {
                xml.element("status", &[], |xml| xml.leaf("basic", &[], self.basic()));
                xml.leaf("contact", &[("priority", &"1")], &self.entity);
            });
            xml.leaf("note", &[], &self.note);
            if let Some(activity) = self.activity {
                xml.element("dm:person", &[("id", &"person")], |xml| {
                    xml.element("rpid:activities", &[], |xml| xml.empty(activity.element(), &[]));
                });
            }
        });
        xml.finish()
    }

    const fn basic(&self) -> &'static str {
        if self.is_open { "open" } else { "closed" }
    }
}

impl Activity {
    const fn element(self) -> &'static str {
        match self {
            Activity::OnThePhone => "rpid:on-the-phone",
            Activity::Busy => "rpid:busy",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_on_the_phone() {
        let document = PresenceDocument {
            entity: Uri::parse("sip:201@pbx.example").unwrap(),
            is_open: true,
            activity: Some(Activity::OnThePhone),
            note: "On a call".into(),
        };
        insta::assert_snapshot!(document.print().replace("><", ">\n<"), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" entity="sip:201@pbx.example">
        <tuple id="phone">
        <status>
        <basic>open</basic>
        </status>
        <contact priority="1">sip:201@pbx.example</contact>
        </tuple>
        <note>On a call</note>
        <dm:person id="person">
        <rpid:activities>
        <rpid:on-the-phone />
        </rpid:activities>
        </dm:person>
        </presence>
        "#);
    }

    #[test]
    fn a_person_without_a_phone() {
        let document = PresenceDocument {
            entity: Uri::parse("sip:201@pbx.example").unwrap(),
            is_open: false,
            activity: None,
            note: String::new(),
        };
        assert!(document.print().contains("<basic>closed</basic>") && !document.print().contains("dm:person"));
    }
}
