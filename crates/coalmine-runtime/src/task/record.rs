//! A task and its events as data.

use std::sync::Arc;

use jiff::Timestamp;

use super::Message;

#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub(crate) id: String,
    pub(crate) context_id: String,
    pub(crate) status: Status,
    /// One per answered turn; usually one.
    pub(crate) artifacts: Vec<Artifact>,
    /// The user's messages.
    pub(crate) history: Vec<Arc<Message>>,
}

#[derive(Clone, Debug)]
pub(crate) struct Artifact {
    pub(crate) id: String,
    pub(crate) text: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Status {
    pub(crate) state: State,
    pub(crate) timestamp: Timestamp,
    /// The reason of a failure.
    pub(crate) message: Option<Message>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Submitted,
    Working,
    Completed,
    Canceled,
    Failed,
}

/// A change of a task.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    Status(Status),
    /// A piece of an answer. Without `append` it replaces the text of the artifact.
    Artifact {
        id: String,
        text: String,
        append: bool,
        last: bool,
    },
}

impl Task {
    pub(crate) fn submitted(id: String, context_id: String, message: Message) -> Self {
        Self {
            id,
            context_id,
            status: Status::now(State::Submitted),
            artifacts: Vec::new(),
            history: vec![Arc::new(message)],
        }
    }
}

impl Status {
    pub(crate) fn now(state: State) -> Self {
        Self { state, timestamp: Timestamp::now(), message: None }
    }
}

impl State {
    pub(crate) fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Canceled | Self::Failed)
    }
}

impl Event {
    /// Returns whether no event follows.
    pub(crate) fn is_last(&self) -> bool {
        matches!(self, Self::Status(status) if status.state.is_terminal())
    }
}
