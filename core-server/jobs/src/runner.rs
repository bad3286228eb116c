//! Starts the jobs, starts one again that panics, and stops all of them in good order.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, timeout},
};
use tracing::{debug, error};
use wigwag_sansio::Utc;
use wigwag_store::{Store, journal::Journal};

use crate::{
    back_off::BackOff,
    clean_up,
    history::{Counters, History, HistoryGauge},
    retention::{self, Retention},
};

/// The running jobs; they end with [`Jobs::stop`], or at once when this is dropped.
#[derive(Debug)]
pub struct Jobs {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
    history: Arc<Counters>,
}

impl Jobs {
    /// Starts all jobs; call [`recover`](crate::recover) before.
    pub fn start(store: &Store, journal: &Arc<Journal>, clock: fn() -> Utc, retention: Retention) -> Jobs {
        let mut jobs = Jobs {
            stop: watch::Sender::new(false),
            tasks: JoinSet::new(),
            history: Arc::default(),
        };
        let (history_store, journal, counters) = (store.clone(), journal.clone(), jobs.history.clone());
        jobs.spawn("history", move |stop| {
            History::new(history_store.clone(), journal.clone(), counters.clone()).run(stop)
        });
        let clean_store = store.clone();
        jobs.spawn("clean_up", move |stop| clean_up::run(clean_store.clone(), clock, stop));
        let store = store.clone();
        jobs.spawn("retention", move |stop| {
            retention::run(store.clone(), clock, retention, stop)
        });
        jobs
    }

    /// Asks every job to finish what there is, and waits until all have.
    ///
    /// Calls must have ended before, so that their records are written.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
    }

    /// Where the history job's figures are read.
    pub fn history(&self) -> HistoryGauge {
        HistoryGauge(self.history.clone())
    }

    fn spawn<Job, Running>(&mut self, name: &'static str, job: Job)
    where
        Job: Fn(Stop) -> Running + Send + 'static,
        Running: Future<Output = ()> + Send + 'static,
    {
        let stop = Stop(self.stop.subscribe());
        self.tasks.spawn(supervise(name, job, stop));
    }
}

/// Runs a job until it ends by itself; one that panics is started again.
async fn supervise<Job, Running>(name: &'static str, job: Job, mut stop: Stop)
where
    Job: Fn(Stop) -> Running,
    Running: Future<Output = ()> + Send + 'static,
{
    let mut back_off = BackOff::new();
    loop {
        // In a set of its own, so that it ends when this is dropped.
        let mut running = JoinSet::new();
        running.spawn(job(stop.clone()));
        match running.join_next().await {
            Some(Err(failure)) if failure.is_panic() => {
                error!(job = name, "a job panicked: it is started again");
            }
            Some(Ok(()) | Err(_)) | None => {
                debug!(job = name, "a job has ended");
                return;
            }
        }
        if stop.wait(back_off.next()).await {
            return;
        }
    }
}

/// Tells a job when to finish.
#[derive(Clone, Debug)]
pub(crate) struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Nobody will ever ask for the end.
    #[cfg(test)]
    pub(crate) fn never() -> Stop {
        Stop(watch::Sender::new(false).subscribe())
    }

    pub(crate) fn is_requested(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until the job has to finish.
    pub(crate) async fn requested(&mut self) {
        // Without a runner there is nobody left to work for.
        let _ = self.0.wait_for(|stop| *stop).await;
    }

    /// Waits for `duration` or until the job has to finish, and tells whether it has to.
    pub(crate) async fn wait(&mut self, duration: Duration) -> bool {
        timeout(duration, self.requested()).await.is_ok()
    }

    /// Waits until `deadline` or until the job has to finish, and tells whether it has to.
    pub(crate) async fn wait_until(&mut self, deadline: Instant) -> bool {
        tokio::time::timeout_at(deadline, self.requested()).await.is_ok()
    }
}
