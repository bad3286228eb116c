//! The board, and what has changed on it since the watchers were told.

use std::collections::BTreeMap;

use wigwag_pbx::{
    Home,
    presence::{ExtensionState, Input, Output, PresenceBoard},
};
use wigwag_sansio::{Machine, Now};

/// What all extensions are doing, and of which of them the watchers have to be told.
#[derive(Debug, Default)]
pub(super) struct Lamps {
    board: PresenceBoard,
    /// At most one entry for each extension: the last state wins.
    news: BTreeMap<Home, ExtensionState>,
}

impl Lamps {
    /// Takes a fact, and says whether it was news.
    pub(super) fn take(&mut self, fact: Input, now: Now) -> bool {
        self.board.handle(fact, now);
        let mut is_news = false;
        while let Some(Output::Changed { of, state }) = self.board.poll() {
            self.news.insert(of, state);
            is_news = true;
        }
        is_news
    }

    /// What an extension is doing.
    pub(super) fn state(&self, of: Home) -> ExtensionState {
        self.board.state(of)
    }

    /// What has changed since this was asked last.
    pub(super) fn take_news(&mut self) -> BTreeMap<Home, ExtensionState> {
        std::mem::take(&mut self.news)
    }
}
