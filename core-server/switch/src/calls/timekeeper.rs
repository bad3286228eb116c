//! The thread that turns calls when no message does: because time has passed, or because a media thread told something.
//!
//! A thread of its own, since a timer that a runtime's task waits for is moved from worker to worker.

use std::{io, sync::Arc, thread};

use tokio::{runtime::Handle, task::spawn_blocking};

use crate::core::Core;

/// The running thread.
pub(crate) struct Timekeeper {
    core: Arc<Core>,
    thread: thread::JoinHandle<()>,
}

impl Timekeeper {
    /// Starts it. What calls do may start tasks: it belongs to the runtime of whoever calls this.
    pub(crate) fn start(core: &Arc<Core>) -> io::Result<Timekeeper> {
        let (kept, runtime) = (core.clone(), Handle::current());
        let thread = thread::Builder::new().name("calls".to_owned()).spawn(move || {
            let _entered = runtime.enter();
            keep_time(&kept);
        })?;
        Ok(Timekeeper {
            core: core.clone(),
            thread,
        })
    }

    /// Waits for its end.
    pub(crate) async fn stop(self) {
        self.core.calls.agenda().close();
        // Desks contain the panics of their calls.
        let _ = spawn_blocking(|| drop(self.thread.join())).await;
    }
}

fn keep_time(core: &Core) {
    while let Some(due) = core.calls.agenda().wait(&core.clock) {
        for (call, mail) in due {
            // A call that is over has no use for it.
            core.calls.send(call, mail);
        }
    }
}
