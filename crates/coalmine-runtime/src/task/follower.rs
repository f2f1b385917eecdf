//! A client's view of a task: the task as it was when the view was opened, then every event since, in order.

use std::sync::Arc;

use tokio::sync::watch;

use super::{Audience, Event, Task, cell::Progress};

/// Reads the task's log at its own pace: a slow client misses nothing and slows nobody down.
#[derive(Debug)]
pub(crate) struct Follower {
    progress: watch::Receiver<Progress>,
    first: Task,
    seen: usize,
    audience: Arc<Audience>,
}

impl Follower {
    pub(super) fn new(progress: watch::Receiver<Progress>, audience: Arc<Audience>) -> Self {
        let (first, seen) = {
            let now = progress.borrow();
            // On a finished task the last event, its terminal status, is told again: every stream ends with
            // one.
            let over = usize::from(now.task.status.state.is_terminal());
            (now.task.clone(), now.events.len().saturating_sub(over))
        };
        Self { progress, first, seen, audience }
    }

    /// The task when the view was opened.
    pub(crate) fn first(&self) -> &Task {
        &self.first
    }

    /// Who listens to the task.
    pub(crate) fn audience(&self) -> Arc<Audience> {
        Arc::clone(&self.audience)
    }

    /// The task as it is now.
    pub(crate) fn now(&self) -> Task {
        self.progress.borrow().task.clone()
    }

    /// Waits until the task is over.
    pub(crate) async fn finished(&mut self) -> Task {
        // An error means that nobody works on the task any more: then this is as far as it got.
        let over = self.progress.wait_for(|progress| progress.task.status.state.is_terminal()).await;
        over.map(|progress| progress.task.clone()).unwrap_or_else(|_| self.first.clone())
    }

    /// The next event, or none after the last.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        let seen = self.seen;
        let news = self
            .progress
            .wait_for(|progress| progress.events.len() > seen || progress.task.status.state.is_terminal())
            .await;
        let event = news.ok()?.events.get(seen).cloned()?;
        self.seen += 1;
        Some(event)
    }
}
