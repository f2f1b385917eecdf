//! A task as data.

use std::sync::Arc;

use jiff::Timestamp;

use super::Message;

#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub(crate) id: String,
    pub(crate) context_id: String,
    pub(crate) status: Status,
    /// One per turn that was answered; usually one.
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
    /// Why it failed.
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

impl State {
    pub(crate) fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Canceled | Self::Failed)
    }
}

impl Status {
    pub(crate) fn now(state: State) -> Self {
        Self { state, timestamp: Timestamp::now(), message: None }
    }
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
