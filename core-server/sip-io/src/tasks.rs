//! Tasks with an owner that ends them and waits for their end.

use std::{convert::Infallible, future::Future};

use parking_lot::Mutex;
use tokio::sync::{mpsc, watch};

/// A group of tasks.
#[derive(Debug)]
pub(crate) struct Tasks {
    stop: watch::Sender<bool>,
    /// Each task holds a clone; taken away when no more may be started.
    alive: Mutex<Option<mpsc::Sender<Infallible>>>,
    /// Closes when the last task has ended.
    ended: tokio::sync::Mutex<mpsc::Receiver<Infallible>>,
}

impl Tasks {
    pub(crate) fn new() -> Self {
        let (alive, ended) = mpsc::channel(1);
        Tasks {
            stop: watch::Sender::new(false),
            alive: Mutex::new(Some(alive)),
            ended: tokio::sync::Mutex::new(ended),
        }
    }

    /// Starts a task, which is dropped where it waits when the group is stopped; not started after that.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let Some(alive) = self.alive.lock().clone() else { return };
        let mut stop = self.stop.subscribe();
        tokio::spawn(async move {
            tokio::select! {
                () = task => {}
                _ = stop.wait_for(|stop| *stop) => {}
            }
            drop(alive);
        });
    }

    /// Starts no more tasks and waits for the end of those that run.
    pub(crate) async fn ended(&self) {
        self.alive.lock().take();
        self.ended.lock().await.recv().await;
    }

    /// Ends all tasks and waits until they have ended.
    pub(crate) async fn stop(&self) {
        self.stop.send_replace(true);
        self.ended().await;
    }
}
