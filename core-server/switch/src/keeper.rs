//! Writes what outlives a restart, in batches.

use std::{future::Future, time::Duration};

use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep_until},
};
use tracing::warn;
use wigwag_store::{BindingChange, Store, StoreError, SubscriptionChange};

/// Changes that are written in one transaction at most.
const BATCH: usize = 10_000;
/// Batches are written at least so far apart: a crash costs a second of changes, which refreshes make up for, and a
/// thousand changes cost one transaction instead of hundreds.
const PACE: Duration = Duration::from_secs(1);
/// How long to wait before a failed write is tried again.
const PAUSE: Duration = Duration::from_secs(1);

/// A change that is kept.
pub(crate) trait Change: Send + Sync + Sized {
    /// What changes, for people.
    const WHAT: &'static str;

    /// Writes all in one transaction.
    fn write(changes: &[Self], store: &Store) -> impl Future<Output = Result<(), StoreError>> + Send;
}

impl Change for BindingChange {
    const WHAT: &'static str = "registrations";

    async fn write(changes: &[Self], store: &Store) -> Result<(), StoreError> {
        store.save_bindings(changes).await
    }
}

impl Change for SubscriptionChange {
    const WHAT: &'static str = "subscriptions";

    async fn write(changes: &[Self], store: &Store) -> Result<(), StoreError> {
        store.save_subscriptions(changes).await
    }
}

/// Writes changes until there are no more.
pub(crate) struct Keeper<C> {
    pub(crate) store: Store,
    pub(crate) changes: mpsc::Receiver<C>,
}

impl<C: Change> Keeper<C> {
    /// Runs until `stop`, and then until everything that waits is written.
    pub(crate) async fn run(mut self, mut stop: oneshot::Receiver<()>) {
        let mut batch = Vec::new();
        loop {
            if !self.changes.is_closed() {
                tokio::select! {
                    () = sleep_until(Instant::now() + PACE) => {}
                    _ = &mut stop => self.changes.close(),
                }
            }
            let count = tokio::select! {
                count = self.changes.recv_many(&mut batch, BATCH) => count,
                _ = &mut stop, if !self.changes.is_closed() => {
                    self.changes.close();
                    continue;
                }
            };
            if count == 0 {
                return;
            }
            while let Err(error) = C::write(&batch, &self.store).await {
                warn!(%error, what = C::WHAT, "changes cannot be saved at the moment");
                sleep_until(Instant::now() + PAUSE).await;
            }
            batch.clear();
        }
    }
}
