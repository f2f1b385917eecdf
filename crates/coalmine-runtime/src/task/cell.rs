//! A living task: one owner of its state, any number of followers.

use std::sync::Arc;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{Artifact, Audience, Event, Follower, Message, State, Status, Task};

/// A task and the log of what happened to it. A terminal state is never left again, whoever asks.
#[derive(Debug)]
pub(crate) struct Cell {
    id: String,
    context_id: String,
    progress: watch::Sender<Progress>,
    stop: CancellationToken,
    audience: Arc<Audience>,
}

#[derive(Debug)]
pub(super) struct Progress {
    pub(super) task: Task,
    pub(super) events: Vec<Event>,
    /// Turns under way: a message to a running task adds one.
    turns: usize,
    /// An answer is being written down: too late to cancel.
    sealed: bool,
}

impl Cell {
    /// A new task with its first turn. `stop` ends the work on it.
    pub(super) fn new(task: Task, stop: CancellationToken) -> Self {
        let (id, context_id) = (task.id.clone(), task.context_id.clone());
        let progress = Progress { task, events: Vec::new(), turns: 1, sealed: false };
        Self { id, context_id, progress: watch::Sender::new(progress), stop, audience: Arc::default() }
    }

    pub(crate) fn task(&self) -> Task {
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
        Follower::new(self.progress.subscribe(), self.audience())
    }

    pub(crate) fn audience(&self) -> Arc<Audience> {
        Arc::clone(&self.audience)
    }

    /// Cancelled when the work is to end: the task was canceled or has failed, or the runtime stops.
    pub(crate) fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    /// Adds a turn to a running task; false if the task is over.
    pub(super) fn join(&self, message: Message) -> bool {
        self.while_open(|progress| {
            progress.turns += 1;
            progress.task.history.push(Arc::new(message));
        })
    }

    /// Adds a turn to a task that is completed, as if it were not over: only a fault does. False if it ended
    /// otherwise.
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
        self.while_open(|progress| {
            if progress.task.status.state == State::Submitted {
                progress.enter(Status::now(State::Working));
            }
        });
    }

    /// Adds text to an artifact, or begins it anew.
    pub(crate) fn write(&self, id: &str, text: &str, append: bool, last: bool) {
        self.while_open(|progress| progress.write(id, text, append, last));
    }

    /// Changes what an artifact says without a word to those who follow: only a fault does.
    pub(crate) fn set(&self, id: &str, text: &str) {
        self.while_open(|progress| progress.set(id, text, false));
    }

    /// What an artifact says so far.
    pub(crate) fn written(&self, id: &str) -> Option<String> {
        let progress = self.progress.borrow();
        progress
            .task
            .artifacts
            .iter()
            .find(|artifact| artifact.id == id)
            .map(|artifact| artifact.text.clone())
    }

    /// Announces that an answer will be written down; false if the task is over and it must not be.
    pub(crate) fn seal(&self) -> bool {
        self.while_open(|progress| progress.sealed = true)
    }

    /// Ends a turn; the last one completes the task.
    pub(crate) fn complete(&self) {
        self.while_open(|progress| {
            progress.sealed = false;
            progress.turns -= 1;
            if progress.turns == 0 {
                progress.enter(Status::now(State::Completed));
            }
        });
    }

    pub(crate) fn fail(&self, reason: String) {
        self.while_open(|progress| {
            let message = Message::from_agent(&self.context_id, &self.id, reason);
            progress.enter(Status { message: Some(message), ..Status::now(State::Failed) });
        });
        self.stop.cancel();
    }

    /// Cancels the task and ends the work on it; false if it is too late.
    pub(crate) fn cancel(&self) -> bool {
        let mut canceled = false;
        self.while_open(|progress| {
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

    /// The one way to change anything: only while the task is not over. Says whether it was changed.
    fn while_open(&self, change: impl FnOnce(&mut Progress)) -> bool {
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

    fn cell() -> Cell {
        let message = Incoming {
            message_id: "m".into(),
            context_id: None,
            task_id: None,
            parts: Vec::new(),
            version: "0.3",
            extras: serde_json::Map::new(),
        };
        Cell::new(Task::submitted("t".into(), "c".into(), message.filed("c", "t")), CancellationToken::new())
    }

    #[test]
    fn a_terminal_state_is_never_left() {
        let cell = cell();
        assert!(cell.cancel());
        cell.start();
        cell.write("a", "late", false, true);
        cell.complete();
        cell.fail("late".into());
        let task = cell.task();
        assert_eq!((task.status.state, task.artifacts.len()), (State::Canceled, 0));
        assert!(!cell.seal() && !cell.cancel() && cell.stop().is_cancelled());
    }

    #[test]
    fn an_answer_that_is_being_written_down_cannot_be_canceled() {
        let cell = cell();
        assert!(cell.seal());
        assert!(!cell.cancel() && !cell.stop().is_cancelled());
        cell.complete();
        assert_eq!(cell.task().status.state, State::Completed);
    }

    #[tokio::test]
    async fn a_follower_is_told_everything_once_and_in_order() {
        let cell = cell();
        let mut early = cell.follow();
        cell.start();
        cell.write("a", "one", false, false);
        let mut late = cell.follow();
        cell.write("a", " two", true, false);
        cell.complete();
        for (follower, expected) in [(&mut early, 4), (&mut late, 2)] {
            let mut events = 0;
            while follower.next().await.is_some() {
                events += 1;
            }
            assert_eq!(events, expected);
        }
        assert_eq!(late.first().artifacts[0].text, "one");
        assert_eq!(late.finished().await.artifacts[0].text, "one two");
    }
}
