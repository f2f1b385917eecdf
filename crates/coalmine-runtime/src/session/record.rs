//! A session as it is written to disk.

use serde::{Deserialize, Serialize};

use crate::attachment::Attachment;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) key: String,
    pub(crate) turns: Vec<Turn>,
}

/// One message of the user and what was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Turn {
    pub(crate) context_id: String,
    pub(crate) task_id: String,
    pub(crate) message_id: String,
    pub(crate) user: UserInput,
    /// Null while the turn is under way, and for ever if it failed or was canceled.
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

    /// The answer a message was given already.
    pub(crate) fn answer_to(&self, context_id: &str, message_id: &str) -> Option<&str> {
        let same = |turn: &&Turn| turn.context_id == context_id && turn.message_id == message_id;
        self.turns.iter().find(same).and_then(|turn| turn.agent.as_deref())
    }

    /// Begins a turn. A message that was delivered before and never answered is not kept twice.
    pub(super) fn begin(&mut self, turn: Turn) {
        self.turns.retain(|old| (&old.context_id, &old.message_id) != (&turn.context_id, &turn.message_id));
        self.turns.push(turn);
    }
}
