//! One call as the person at the phone has it.

use tokio::sync::{mpsc::UnboundedSender, watch};
use wigwag_sip::sdp::Direction;

use super::ear::Ear;
use super::sink::Mail;
use super::state::{CallState, Over};
use crate::patience::{PATIENCE, within};
use crate::tone::Tone;

/// One call of a phone.
#[derive(Debug)]
pub struct Call {
    pub(super) number: u32,
    pub(super) caller: Option<String>,
    pub(super) post: UnboundedSender<Mail>,
    pub(super) state: watch::Receiver<CallState>,
    pub(super) ear: Ear,
}

/// What the person at the phone wants of a call.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wish {
    Answer,
    Refuse(u16),
    Propose(Direction),
    HangUp,
}

impl Call {
    /// Who calls, as the phone shows it: the From header.
    #[must_use]
    pub fn caller(&self) -> &str {
        self.caller.as_deref().unwrap_or_default()
    }

    /// What is known of it now.
    #[must_use]
    pub fn state(&self) -> CallState {
        self.state.borrow().clone()
    }

    /// Waits until the other side rings.
    pub async fn rings(&mut self) {
        self.until("ring", |state| {
            state.progress.iter().any(|status| [180, 183].contains(status))
        })
        .await;
    }

    /// Takes an incoming call and waits until the caller knows.
    pub async fn answer(&mut self) {
        self.wish(Wish::Answer);
        self.answered().await;
    }

    /// Waits until it is answered.
    pub async fn answered(&mut self) {
        self.until("be answered", |state| state.is_answered).await;
    }

    /// Refuses an incoming call.
    pub fn refuse(&self, status: u16) {
        self.wish(Wish::Refuse(status));
    }

    /// Puts the other side on hold.
    pub async fn hold(&mut self) {
        self.propose(Direction::SendOnly).await;
    }

    /// Takes the other side back.
    pub async fn resume(&mut self) {
        self.propose(Direction::SendRecv).await;
    }

    /// Waits until the other side has put this one on hold.
    pub async fn held(&mut self) {
        self.until("be held", |state| state.is_held).await;
    }

    /// Waits until the other side has taken this one back.
    pub async fn taken_back(&mut self) {
        self.until("be taken back", |state| !state.is_held).await;
    }

    /// Ends it: gives up, refuses or hangs up, whatever is right at the moment.
    pub async fn hang_up(&mut self) {
        self.give_up();
        self.over().await;
    }

    /// As [`Call::hang_up`], without waiting for what comes of it.
    pub fn give_up(&self) {
        self.wish(Wish::HangUp);
    }

    /// Waits until it is over.
    pub async fn over(&mut self) -> Over {
        let state = self.until("end", |state| state.over.is_some()).await;
        state.over.expect("that was waited for")
    }

    /// Waits until the call is refused, and tells the status.
    pub async fn refused(&mut self) -> u16 {
        let over = self.over().await;
        over.status
            .unwrap_or_else(|| panic!("the call was not refused: {over:?}"))
    }

    /// Waits until a clear tone of `hz` is heard from now on.
    pub async fn hears(&mut self, hz: f64) -> Tone {
        self.ear.hears(hz).await
    }

    /// Waits until no tone of `hz` is heard any more.
    pub async fn hears_no_more(&mut self, hz: f64) {
        self.ear.hears_no_more(hz).await;
    }

    async fn propose(&mut self, direction: Direction) {
        let before = self.state.borrow().accepted;
        self.wish(Wish::Propose(direction));
        self.until("agree", |state| state.accepted > before).await;
    }

    fn wish(&self, wish: Wish) {
        // A phone that was switched off grants no wishes.
        let _ = self.post.send(Mail::Wish(self.number, wish));
    }

    async fn until(&mut self, what: &str, wanted: impl Fn(&CallState) -> bool) -> CallState {
        let mut state = self.state.clone();
        match within(PATIENCE, state.wait_for(wanted)).await {
            Some(Ok(state)) => state.clone(),
            Some(Err(_)) => panic!(
                "the phone was switched off; the call did not {what}: {:?}",
                self.state()
            ),
            None => panic!("the call did not {what}: {:?}", self.state()),
        }
    }
}
