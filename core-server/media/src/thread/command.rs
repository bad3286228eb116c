//! What a media thread can be told, and the queue through which it is told.

use std::{
    io,
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
};

use wigwag_sip::sdp::Agreement;

use super::{Anchor, bell::Bell};
use crate::{
    event::{DtmfDigit, MediaEvent},
    key::{LegKey, RoomKey},
    keys::Keys,
    metrics::Counters,
    part::Part,
    sound::Programme,
    statistics::LegStatistics,
};

/// Where media threads report; called on the thread, must not block.
pub(crate) type Events = Arc<dyn Fn(MediaEvent) + Send + Sync>;

pub(crate) enum Command {
    Adopt(Box<Anchor>),
    HandOver(LegKey, SyncSender<Box<Anchor>>),
    Configure(LegKey, Box<Agreement>),
    Bridge(LegKey, LegKey),
    Unbridge(LegKey, LegKey),
    Play(LegKey, Box<Programme>),
    Press(LegKey, DtmfDigit, u32),
    Keys(LegKey, Keys),
    Stop(LegKey),
    Echo(LegKey),
    Join(LegKey, RoomKey, Part),
    Leave(LegKey),
    PlayIn(RoomKey, Option<Box<Programme>>),
    Close(LegKey),
    Statistics(LegKey, Box<dyn FnOnce(LegStatistics) + Send>),
    Shutdown,
}

/// Commands that may wait for one thread; when it is full, the sender waits for the thread.
const QUEUE: usize = 4096;

/// The sending end of a thread's queue.
#[derive(Clone)]
pub(crate) struct ThreadHandle {
    commands: SyncSender<Command>,
    bell: Arc<Bell>,
    pub(crate) counters: Arc<Counters>,
}

/// The thread's own end.
pub(crate) struct Inbox {
    pub(crate) commands: Receiver<Command>,
    pub(crate) bell: Arc<Bell>,
}

impl ThreadHandle {
    pub(crate) fn new() -> io::Result<(ThreadHandle, Inbox)> {
        let (sender, commands) = sync_channel(QUEUE);
        let bell = Arc::new(Bell::new()?);
        let handle = ThreadHandle {
            commands: sender,
            bell: Arc::clone(&bell),
            counters: Arc::default(),
        };
        Ok((handle, Inbox { commands, bell }))
    }

    /// Hands over a command and wakes the thread; does nothing once the thread has ended.
    pub(crate) fn send(&self, command: Command) {
        self.leave(command);
        self.bell.ring();
    }

    /// Hands over a command that has time until the next one.
    pub(crate) fn leave(&self, command: Command) {
        if let Err(TrySendError::Full(command)) = self.commands.try_send(command) {
            self.bell.ring();
            // An error means that the thread has ended.
            let _ = self.commands.send(command);
        }
    }
}
