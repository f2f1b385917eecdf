//! A living task: one owner of its state, any number of followers.

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{Artifact, Event, Follower, Message, State, Status, Task};

/// A task and the log of what happened to it. A terminal state is never left again, whoever asks.
#[derive(Debug)]
pub(crate) struct Cell {
    progress: watch::Sender<Progress>,
    stop: CancellationToken,
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
        let progress = Progress { task, events: Vec::new(), turns: 1, sealed: false };
        Self { progress: watch::Sender::new(progress), stop }
    }

    pub(crate) fn task(&self) -> Task {
        self.progress.borrow().task.clone()
    }

    pub(crate) fn context_id(&self) -> String {
        self.progress.borrow().task.context_id.clone()
    }

    pub(crate) fn is_over(&self) -> bool {
        self.progress.borrow().task.status.state.is_terminal()
    }

    pub(crate) fn follow(&self) -> Follower {
        Follower::new(self.progress.subscribe())
    }

    /// Cancelled when the work is to end: the task was canceled or has failed, or the runtime stops.
    pub(crate) fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    /// Adds a turn to a running task; false if the task is over.
    pub(super) fn join(&self, message: Message) -> bool {
        self.while_open(|progress| {
            progress.turns += 1;
            progress.task.history.push(message);
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

    /// What an artifact says so far.
    pub(crate) fn written(&self, id: &str) -> Option<String> {
        let progress = self.progress.borrow();
        progress.task.artifacts.iter().find(|artifact| artifact.id == id).map(|artifact| artifact.text.clone())
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
            let message = Message::from_agent(&progress.task.context_id, &progress.task.id, reason);
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
        let artifacts = &mut self.task.artifacts;
        match artifacts.iter_mut().find(|artifact| artifact.id == id) {
            Some(artifact) if append => artifact.text.push_str(text),
            Some(artifact) => text.clone_into(&mut artifact.text),
            None => artifacts.push(Artifact { id: id.to_owned(), text: text.to_owned() }),
        }
        self.events.push(Event::Artifact { id: id.to_owned(), text: text.to_owned(), append, last });
    }
}
