//! A task while it can change: one owner of its state, any number of followers.

use std::sync::Arc;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{Artifact, Event, Follower, Message, State, Status, StreamSignals, Task};

/// A task and the log of its events. A terminal state never changes again.
#[derive(Debug)]
pub(crate) struct LiveTask {
    id: String,
    context_id: String,
    progress: watch::Sender<Progress>,
    stop: CancellationToken,
    signals: Arc<StreamSignals>,
}

#[derive(Debug)]
pub(super) struct Progress {
    pub(super) task: Task,
    pub(super) events: Vec<Event>,
    /// The turns under way. A message to a running task adds one.
    turns: usize,
    /// Whether an answer is being stored, which makes it too late to cancel.
    sealed: bool,
}

impl LiveTask {
    /// Returns a new task with its first turn. `stop` ends the work on it.
    pub(super) fn new(task: Task, stop: CancellationToken) -> Self {
        let (id, context_id) = (task.id.clone(), task.context_id.clone());
        let progress = Progress { task, events: Vec::new(), turns: 1, sealed: false };
        Self { id, context_id, progress: watch::Sender::new(progress), stop, signals: Arc::default() }
    }

    /// Returns a copy of the task as it is now.
    pub(crate) fn snapshot(&self) -> Task {
        self.progress.borrow().task.clone()
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn context_id(&self) -> &str {
        &self.context_id
    }

    pub(crate) fn is_over(&self) -> bool {
        self.progress.borrow().task.status.state.is_terminal()
    }

    pub(crate) fn follow(&self) -> Follower {
        Follower::new(self.progress.subscribe(), self.signals())
    }

    pub(crate) fn signals(&self) -> Arc<StreamSignals> {
        Arc::clone(&self.signals)
    }

    /// Returns the token that ends the work, because the task was canceled or failed or the runtime stops.
    pub(crate) fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    /// Adds a turn to a running task; returns false if the task is over.
    pub(super) fn join(&self, message: Message) -> bool {
        self.update(|progress| {
            progress.turns += 1;
            progress.task.history.push(Arc::new(message));
        })
    }

    /// Adds a turn to a completed task as if it were running; returns false if the task ended differently.
    /// Only a fault calls this.
    pub(super) fn reopen(&self, message: Message) -> bool {
        self.progress.send_if_modified(|progress| {
            let completed = progress.task.status.state == State::Completed;
            if completed {
                progress.turns = 1;
                progress.task.history.push(Arc::new(message));
                progress.enter(Status::now(State::Submitted));
            }
            completed
        })
    }

    pub(crate) fn start(&self) {
        self.update(|progress| {
            if progress.task.status.state == State::Submitted {
                progress.enter(Status::now(State::Working));
            }
        });
    }

    /// Appends text to an artifact, or replaces its text.
    pub(crate) fn write(&self, id: &str, text: &str, append: bool, last: bool) {
        self.update(|progress| progress.write(id, text, append, last));
    }

    /// Replaces the text of an artifact without an event. Only a fault calls this.
    pub(crate) fn write_silently(&self, id: &str, text: &str) {
        self.update(|progress| progress.set(id, text, false));
    }

    /// Returns the current text of an artifact.
    pub(crate) fn artifact_text(&self, id: &str) -> Option<String> {
        let progress = self.progress.borrow();
        progress
            .task
            .artifacts
            .iter()
            .find(|artifact| artifact.id == id)
            .map(|artifact| artifact.text.clone())
    }

    /// Announces that an answer will be stored; returns false if the task is over and it must not be.
    pub(crate) fn seal(&self) -> bool {
        self.update(|progress| progress.sealed = true)
    }

    /// Ends a turn. The last turn completes the task.
    pub(crate) fn complete(&self) {
        self.update(|progress| {
            progress.sealed = false;
            progress.turns -= 1;
            if progress.turns == 0 {
                progress.enter(Status::now(State::Completed));
            }
        });
    }

    pub(crate) fn fail(&self, reason: String) {
        self.update(|progress| {
            let message = Message::from_agent(&self.context_id, &self.id, reason);
            progress.enter(Status { message: Some(message), ..Status::now(State::Failed) });
        });
        self.stop.cancel();
    }

    /// Cancels the task and ends the work on it; returns false if it is too late.
    pub(crate) fn cancel(&self) -> bool {
        let mut canceled = false;
        self.update(|progress| {
            canceled = !progress.sealed;
            if canceled {
                progress.enter(Status::now(State::Canceled));
            }
        });
        if canceled {
            self.stop.cancel();
        }
        canceled
    }

    /// Changes the task unless it is over, and returns whether it did. Every change except [`Self::reopen`]
    /// goes through here.
    fn update(&self, change: impl FnOnce(&mut Progress)) -> bool {
        self.progress.send_if_modified(|progress| {
            let open = !progress.task.status.state.is_terminal();
            if open {
                change(progress);
            }
            open
        })
    }
}

impl Progress {
    fn enter(&mut self, status: Status) {
        self.task.status = status.clone();
        self.events.push(Event::Status(status));
    }

    fn write(&mut self, id: &str, text: &str, append: bool, last: bool) {
        self.set(id, text, append);
        self.events.push(Event::Artifact { id: id.to_owned(), text: text.to_owned(), append, last });
    }

    fn set(&mut self, id: &str, text: &str, append: bool) {
        let artifacts = &mut self.task.artifacts;
        match artifacts.iter_mut().find(|artifact| artifact.id == id) {
            Some(artifact) if append => artifact.text.push_str(text),
            Some(artifact) => text.clone_into(&mut artifact.text),
            None => artifacts.push(Artifact { id: id.to_owned(), text: text.to_owned() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Incoming, *};

    fn task() -> LiveTask {
        let message = Incoming {
            message_id: "m".into(),
            context_id: None,
            task_id: None,
            parts: Vec::new(),
            version: "0.3",
            extras: serde_json::Map::new(),
        };
        LiveTask::new(
            Task::submitted("t".into(), "c".into(), message.to_message("c", "t")),
            CancellationToken::new(),
        )
    }

    #[test]
    fn terminal_state_never_changes() {
        let task = task();
        assert!(task.cancel());
        task.start();
        task.write("a", "late", false, true);
        task.complete();
        task.fail("late".into());
        let last = task.snapshot();
        assert_eq!((last.status.state, last.artifacts.len()), (State::Canceled, 0));
        assert!(!task.seal() && !task.cancel() && task.stop().is_cancelled());
    }

    #[test]
    fn sealed_task_cannot_be_canceled() {
        let task = task();
        assert!(task.seal());
        assert!(!task.cancel() && !task.stop().is_cancelled());
        task.complete();
        assert_eq!(task.snapshot().status.state, State::Completed);
    }

    #[tokio::test]
    async fn followers_get_every_event_once() {
        let task = task();
        let mut early = task.follow();
        task.start();
        task.write("a", "one", false, false);
        let mut late = task.follow();
        task.write("a", " two", true, false);
        task.complete();
        for (follower, expected) in [(&mut early, 4), (&mut late, 2)] {
            let mut events = 0;
            while follower.next().await.is_some() {
                events += 1;
            }
            assert_eq!(events, expected);
        }
        assert_eq!(late.initial().artifacts[0].text, "one");
        assert_eq!(late.wait_until_over().await.artifacts[0].text, "one two");
    }
}
