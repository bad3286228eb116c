//! One of the phones that may be ringing for an outgoing call: its early dialog and its reliable provisional answers
//! (RFC 3262 §4, §5).

use serde::{Deserialize, Serialize};

use super::{
    Branch, Content, Extra, RequestToken, Sdp,
    agreement::{Agreement, Side},
    dialog::Dialog,
    draft::{Draft, InFlight},
    established::Answer,
    read::Read,
    reliable::RELIABLE,
    shared::Shared,
};
use crate::wire::{
    HeaderName, Method, Response,
    header::{CSeq, RAck, RSeq, Require},
};

/// One branch that has not answered finally.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Early {
    pub(super) branch: Branch,
    pub(super) dialog: Dialog,
    /// The first answer that it gave, or a preview of it.
    pub(super) preview: Option<Sdp>,
    /// What has been agreed with it reliably.
    pub(super) agreed: Option<Agreement>,
    last_rseq: Option<u32>,
    prack: Option<InFlight>,
}

/// A provisional answer that has to be confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Numbered {
    rseq: u32,
    rack: RAck,
}

impl Numbered {
    /// What a PRACK to `response` says; none when it wants no PRACK.
    pub(super) fn read(response: &Response) -> Option<Self> {
        let is_required = response
            .one::<Require>()
            .is_some_and(|require| require.contains(RELIABLE));
        let rseq = response.one::<RSeq>().filter(|_| is_required)?.number();
        let rack = RAck::new(rseq, response.one::<CSeq>()?);
        Some(Numbered { rseq, rack })
    }
}

impl Early {
    pub(super) fn new(branch: Branch, dialog: Dialog) -> Self {
        Early {
            branch,
            dialog,
            preview: None,
            agreed: None,
            last_rseq: None,
            prack: None,
        }
    }

    /// Whether this is the first, or the one after the last that was confirmed; all others are passed over.
    pub(super) fn is_next(&self, numbered: &Numbered) -> bool {
        self.last_rseq
            .is_none_or(|last| last.checked_add(1) == Some(numbered.rseq))
    }

    /// Confirms a provisional answer, with our answer to its offer if it made one.
    pub(super) fn confirm(&mut self, numbered: &Numbered, answer: Option<Sdp>, shared: &mut Shared) {
        self.last_rseq = Some(numbered.rseq);
        let draft = Draft {
            method: Method::Prack,
            headers: vec![Extra::new(HeaderName::RAck, numbered.rack.to_string())],
            content: answer.map(Content::from),
        };
        self.prack = Some(InFlight::send(draft, &mut self.dialog, shared));
    }

    /// Takes the answer to a PRACK of this branch: a challenge is answered, the rest decides nothing.
    pub(super) fn receive(&mut self, token: RequestToken, response: &Response, shared: &mut Shared) {
        let Early { dialog, prack, .. } = self;
        if let Some(mut sent) = prack.take_if(|prack| prack.is(token))
            && (response.status().is_provisional() || sent.answer_challenge(response, dialog, shared))
        {
            *prack = Some(sent);
        }
    }

    /// What a 2xx of this branch brings, when we offered `local` or nothing.
    pub(super) fn answer(&self, local: Option<Sdp>, sdp: Option<Sdp>) -> Answer {
        match (self.agreed.clone(), local, sdp.or_else(|| self.preview.clone())) {
            // Who forks without telling gives another answer than before, and means it.
            (Some(agreed), Some(local), Some(remote)) if agreed.answerer == Side::Them => {
                Answer::Complete(Agreement::by_them(local, remote))
            }
            (Some(agreed), _, _) => Answer::Complete(agreed),
            (None, Some(local), Some(remote)) => Answer::Complete(Agreement::by_them(local, remote)),
            (None, None, Some(remote)) => Answer::Offer { remote },
            (None, _, None) => Answer::Missing,
        }
    }
}
