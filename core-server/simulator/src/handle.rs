//! A call that the carrier has made, as whoever asked for it has it.

use tokio::sync::{mpsc, oneshot, watch};
use wigwag_media::DtmfDigit;
use wigwag_sip::session::{Breakdown, EndedBy};

use crate::{
    call_in::CallError,
    ear::Ear,
    heard::Heard,
    mail::{Mail, Wish},
    record::{CallState, Over},
};

/// A call that the carrier has made. It goes on when this is dropped.
#[derive(Clone, Debug)]
pub struct CallHandle {
    number: u32,
    post: mpsc::Sender<Mail>,
    state: watch::Receiver<CallState>,
    ear: Option<Ear>,
}

impl CallHandle {
    pub(crate) fn new(number: u32, post: mpsc::Sender<Mail>, state: watch::Receiver<CallState>) -> CallHandle {
        CallHandle {
            number,
            post,
            state,
            ear: None,
        }
    }

    /// Its number among the calls of this carrier.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// What is known of it now.
    #[must_use]
    pub fn state(&self) -> CallState {
        self.state.borrow().clone()
    }

    /// Waits until something else is known of it than was told last. `None` when nothing more will be.
    pub async fn changed(&mut self) -> Option<CallState> {
        self.state.changed().await.ok()?;
        Some(self.state.borrow_and_update().clone())
    }

    /// Waits until what is known of it is as wanted.
    ///
    /// # Errors
    /// When it ends before.
    pub async fn until(&mut self, wanted: impl Fn(&CallState) -> bool) -> Result<CallState, Over> {
        let reached = self
            .state
            .wait_for(|state| wanted(state) || state.over.is_some())
            .await
            .map(|state| state.clone());
        let state = reached.unwrap_or_else(|_| self.state());
        if wanted(&state) {
            return Ok(state);
        }
        Err(state.over.unwrap_or(LOST))
    }

    /// Waits until the other side rings.
    ///
    /// # Errors
    /// When the call ends before.
    pub async fn rings(&mut self) -> Result<(), Over> {
        let is_ringing = |state: &CallState| state.progress.iter().any(|status| [180, 183].contains(status));
        self.until(is_ringing).await.map(drop)
    }

    /// Waits for the answer.
    ///
    /// # Errors
    /// When the call ends before.
    pub async fn answered(&mut self) -> Result<(), Over> {
        self.until(|state| state.is_answered).await.map(drop)
    }

    /// Waits until it is over.
    pub async fn over(&mut self) -> Over {
        let ended = self.until(|state| state.over.is_some()).await;
        match ended {
            Ok(state) => state.over.unwrap_or(LOST),
            Err(over) => over,
        }
    }

    /// Measures what is heard from now on: 300 ms of it. `None` when the call is over, or says what it hears.
    pub async fn heard(&mut self) -> Option<Heard> {
        if self.ear.is_none() {
            let (reply, ear) = oneshot::channel();
            self.wish(Wish::Listen(reply)).await;
            self.ear = ear.await.ok().flatten();
        }
        let samples = self.ear.as_mut()?.next().await?;
        Some(Heard::in_samples(&samples))
    }

    /// Waits until a clear tone of `hz` is heard.
    ///
    /// # Errors
    /// When the call ends before.
    pub async fn hears(&mut self, hz: u16) -> Result<Heard, Over> {
        while let Some(heard) = self.heard().await {
            if heard.is(hz) {
                return Ok(heard);
            }
        }
        Err(self.state().over.unwrap_or(LOST))
    }

    /// Presses these keys, one after the other (RFC 4733).
    ///
    /// # Errors
    /// When one is none of the sixteen; nothing is pressed then.
    pub async fn press(&self, keys: &str) -> Result<(), CallError> {
        let keys: Option<Vec<DtmfDigit>> = keys.chars().map(DtmfDigit::from_char).collect();
        self.wish(Wish::Press(keys.ok_or(CallError::NoSuchKey)?)).await;
        Ok(())
    }

    /// Puts the other side on hold.
    pub async fn hold(&self) {
        self.wish(Wish::Hold).await;
    }

    /// Takes the other side back.
    pub async fn take_back(&self) {
        self.wish(Wish::TakeBack).await;
    }

    /// Hangs up, or gives up while it rings.
    pub async fn hang_up(&self) {
        self.wish(Wish::HangUp).await;
    }

    async fn wish(&self, wish: Wish) {
        // A carrier that has ended grants no wishes.
        let _ = self.post.send(Mail::Wish(self.number, wish)).await;
    }
}

/// How a call ends whose carrier has ended.
const LOST: Over = Over {
    by: EndedBy::Failure(Breakdown::Transport),
    status: None,
    reasons: Vec::new(),
};
