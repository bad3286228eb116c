//! What a media thread can be told, and the queue through which it is told.

use std::{
    io,
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
};

use wigwag_sip::sdp::Agreement;

use super::{Anchor, bell::Bell};
use crate::{event::MediaEvent, key::LegKey, metrics::Counters, sound::Sound, statistics::LegStatistics};

/// Where media threads report; called on the thread, must not block.
pub(crate) type Events = Arc<dyn Fn(MediaEvent) + Send + Sync>;

pub(crate) enum Command {
    Adopt(Box<Anchor>),
    HandOver(LegKey, SyncSender<Box<Anchor>>),
    Configure(LegKey, Box<Agreement>),
    Bridge(LegKey, LegKey),
    Unbridge(LegKey, LegKey),
    Play(LegKey, Sound),
    Stop(LegKey),
    Echo(LegKey),
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
        if self.commands.send(command).is_ok() {
            self.bell.ring();
        }
    }
}
