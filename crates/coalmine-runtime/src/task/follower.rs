//! A client's view of a task: the task as it was when the view was opened, then every later event in order.

use std::sync::Arc;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{Event, Task, live_task::Progress};

/// Reads the log of the task at its own pace. A slow client misses nothing and delays nobody.
#[derive(Debug)]
pub(crate) struct Follower {
    progress: watch::Receiver<Progress>,
    initial: Task,
    /// How many events of the log were read.
    seen: usize,
    signals: Arc<StreamSignals>,
}

/// What clients do with the stream of a task. A turn does not depend on it; only faults ask.
#[derive(Debug, Default)]
pub(crate) struct StreamSignals {
    /// Fires when a client hangs up before the stream ends.
    pub(crate) hung_up: CancellationToken,
    /// Fires when a client gets the last event of the stream.
    pub(crate) finished: CancellationToken,
}

impl Follower {
    pub(super) fn new(progress: watch::Receiver<Progress>, signals: Arc<StreamSignals>) -> Self {
        let (initial, seen) = {
            let now = progress.borrow();
            // A finished task repeats its last event, because every stream ends with a terminal status.
            let repeated = usize::from(now.task.status.state.is_terminal());
            (now.task.clone(), now.events.len().saturating_sub(repeated))
        };
        Self { progress, initial, seen, signals }
    }

    /// Returns the task as it was when the view was opened.
    pub(crate) fn initial(&self) -> &Task {
        &self.initial
    }

    /// Returns the task as it is now.
    pub(crate) fn current(&self) -> Task {
        self.progress.borrow().task.clone()
    }

    pub(crate) fn signals(&self) -> Arc<StreamSignals> {
        Arc::clone(&self.signals)
    }

    /// Waits until the task is over and returns it.
    pub(crate) async fn wait_until_over(&mut self) -> Task {
        // An error means that nobody works on the task any more, so it is as complete as it will ever be.
        let over = self.progress.wait_for(|progress| progress.task.status.state.is_terminal()).await;
        over.map(|progress| progress.task.clone()).unwrap_or_else(|_| self.initial.clone())
    }

    /// Waits for the next event; returns `None` after the last one.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        let seen = self.seen;
        let progress = self
            .progress
            .wait_for(|progress| progress.events.len() > seen || progress.task.status.state.is_terminal())
            .await;
        let event = progress.ok()?.events.get(seen).cloned()?;
        self.seen += 1;
        Some(event)
    }
}
