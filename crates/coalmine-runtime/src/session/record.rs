//! A session as it is stored on disk.

use serde::{Deserialize, Serialize};

use crate::attachment::Attachment;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) key: String,
    pub(crate) turns: Vec<Turn>,
}

/// A message of the user and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Turn {
    pub(crate) context_id: String,
    pub(crate) task_id: String,
    pub(crate) message_id: String,
    pub(crate) user: UserInput,
    /// The answer. It is null while the turn is under way, and stays null if the turn fails or is canceled.
    pub(crate) agent: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UserInput {
    pub(crate) text: String,
    pub(crate) files: Vec<Attachment>,
}

impl Session {
    pub(crate) fn empty(key: &str) -> Self {
        Self { key: key.to_owned(), turns: Vec::new() }
    }

    /// Returns the stored answer to a message.
    pub(crate) fn answer_to(&self, context_id: &str, message_id: &str) -> Option<&str> {
        let same = |turn: &&Turn| turn.context_id == context_id && turn.message_id == message_id;
        self.turns.iter().find(same).and_then(|turn| turn.agent.as_deref())
    }

    /// Begins a turn, which replaces an unanswered turn of the same message.
    pub(super) fn begin(&mut self, turn: Turn) {
        self.turns.retain(|old| (&old.context_id, &old.message_id) != (&turn.context_id, &turn.message_id));
        self.turns.push(turn);
    }
}
