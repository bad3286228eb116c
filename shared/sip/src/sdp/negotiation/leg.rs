//! The offers and answers of one leg, from its first INVITE to its BYE, as plain data.
//!
//! The order of a call through the server: read the caller's offer ([`AudioDescription::of`]), offer its capabilities
//! to the callee ([`Negotiation::offer`]), take the callee's answer ([`Negotiation::accept_answer`]), answer the caller
//! with what the callee chose ([`Negotiation::answer`]), and join the two agreements by two
//! [`PayloadMap`](crate::sdp::PayloadMap)s.

use std::{collections::BTreeMap, net::SocketAddr};

use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, ToSmolStr};
use wigwag_sansio::{Entropy, Pii};

use super::{Agreement, numbering::Numbering};
use crate::sdp::{
    Address, AudioDescription, Capabilities, Crypto, Description, Direction, KeySalt, Line, Media, Origin, Section,
    Suite,
};

/// What has been said on one leg so far. Cloned for each early dialog of a forked call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Negotiation {
    entropy: Entropy,
    session_id: u64,
    pub(super) numbering: Numbering,
    keys: BTreeMap<Suite, KeySalt>,
    pub(super) sent: Option<Sent>,
    pub(super) agreed: Option<Agreed>,
}

/// Our side of an audio stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalAudio {
    /// Where we receive RTP, as the remote side has to see it; RTCP is received there and on the next port.
    pub rtp: SocketAddr,
    /// SRTP suites that may be used, most wanted first. A new leg is offered SRTP when there are any, plain RTP
    /// otherwise; an offer of plain RTP is accepted either way.
    pub suites: Vec<Suite>,
    /// What we want: [`Direction::SendRecv`] unless we hold the call.
    pub direction: Direction,
}

/// The last description that we sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sent {
    version: u64,
    pub(super) description: Description,
    pub(super) audio: usize,
    pub(super) role: Role,
}

/// What that description was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Role {
    Offer(Box<Offered>),
    Answer,
}

/// What was offered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Offered {
    pub(super) terms: Terms,
    /// The capabilities in this leg's numbers.
    pub(super) numbered: Capabilities,
}

/// What the call asked for when it made an offer or answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Terms {
    pub(super) local: LocalAudio,
    pub(super) capabilities: Capabilities,
}

/// What the last offer that was answered came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Agreed {
    pub(super) terms: Terms,
    pub(super) remote: AudioDescription,
    pub(super) agreement: Agreement,
}

impl Negotiation {
    /// A leg on which nothing has been said; session id and SRTP keys come from `entropy`.
    pub fn new(mut entropy: Entropy) -> Self {
        Negotiation {
            session_id: entropy.next_u64() >> SESSION_ID_SPARE_BITS,
            entropy,
            numbering: Numbering::default(),
            keys: BTreeMap::new(),
            sent: None,
            agreed: None,
        }
    }

    /// What offer and answer came to last. A refused re-offer leaves it as it was.
    pub fn agreement(&self) -> Option<&Agreement> {
        self.agreed.as_ref().map(|agreed| &agreed.agreement)
    }

    /// All that the remote side said when the agreement was made, also what was not agreed on: its capabilities are
    /// what a full new offer to the other leg is made of.
    pub fn remote(&self) -> Option<&AudioDescription> {
        self.agreed.as_ref().map(|agreed| &agreed.remote)
    }

    /// The last description that we sent.
    pub fn local(&self) -> Option<&Description> {
        self.sent.as_ref().map(|sent| &sent.description)
    }

    /// A line with our key for the suite, which stays the same for the whole leg.
    pub(super) fn crypto(&mut self, tag: u32, suite: Suite) -> Crypto {
        let entropy = &mut self.entropy;
        let key = self
            .keys
            .entry(suite)
            .or_insert_with(|| Crypto::generate_key(suite, entropy));
        Crypto::new(tag, suite, key.clone())
    }

    /// Makes the description that is sent next: the version rises when, and only when, it says something new.
    pub(super) fn publish(&mut self, rtp: SocketAddr, media: Vec<Media>, audio: usize, role: Role) -> Description {
        let address = Address::from(rtp.ip());
        let time = Line {
            kind: 't',
            value: Pii::new(SmolStr::new_static("0 0")),
        };
        let mut description = Description {
            origin: Origin {
                username: Pii::new(SmolStr::new_static("-")),
                id: self.session_id.to_smolstr(),
                version: SmolStr::default(),
                address: address.clone(),
            },
            name: Pii::new(SmolStr::new_static("-")),
            session: Section {
                connection: Some(address),
                lines: vec![time],
                attributes: Vec::new(),
            },
            media,
        };
        let version = match &self.sent {
            None => 1,
            Some(sent) if sent.description.says_the_same(&description) => sent.version,
            Some(sent) => sent.version + 1,
        };
        description.origin.version = version.to_smolstr();
        self.sent = Some(Sent {
            version,
            description: description.clone(),
            audio,
            role,
        });
        description
    }
}

/// Keeps the session id within what devices with signed 64-bit numbers can read.
const SESSION_ID_SPARE_BITS: u32 = 2;
