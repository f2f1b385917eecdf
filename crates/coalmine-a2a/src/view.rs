//! A tolerant, typed view of results: what they say about the turn, whatever the server's dialect.

mod absorb;
mod shape;
mod content;
#[cfg(test)]
mod tests;

use std::time::Instant;

use self::content::Content;
use crate::{Drift, State};

/// The largest number of artifacts, contextIds or drifts that are kept apart in one answer.
const MAX_ITEMS: usize = 64;

/// What one or more results say about a turn.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct View {
    /// The task, if there is one.
    pub task_id: Option<String>,
    /// The task's last state; `None` for a bare message.
    pub state: Option<State>,
    /// Whether a message came instead of a task.
    pub is_message: bool,
    /// Every `contextId` of the task, the events and the agent's messages, in order and without repeats.
    /// Those inside the history do not count: they echo what the client sent.
    pub context_ids: Vec<String>,
    /// The artifacts in order, each with all its chunks joined.
    artifacts: Vec<Artifact>,
    /// The content of `status.message`.
    status: Content,
    /// The content of bare messages.
    message: Content,
    /// The text of the agent's message at the end of a task's history.
    history_text: String,
    /// When the newest text came: what happened later has no part in the answer.
    pub said_at: Option<Instant>,
    /// The departures from the dialect.
    pub drift: Vec<Drift>,
}

/// An artifact as it is known so far.
#[derive(Debug, Clone, PartialEq)]
struct Artifact {
    id: String,
    content: Content,
}

/// The text of one artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtifactText {
    /// The `artifactId`, or empty.
    pub id: String,
    /// Its text parts, joined.
    pub text: String,
}

impl View {
    /// Returns the text of the answer: of messages, artifacts and `status.message`, separated by line breaks.
    ///
    /// If there is no text part at all, it is that of data parts and text files, or else the agent's last
    /// message in the history. The user's messages in the history are never read, because they are the
    /// question.
    pub fn text(&self) -> String {
        let mut all: Vec<&str> = self.contents().map(|content| content.text.as_str()).collect();
        // many servers give the answer twice, as an artifact and as the status' message
        if let Some(status) = all.pop().filter(|status| !all.contains(status)) {
            all.push(status);
        }
        all.retain(|text| !text.is_empty());
        if !all.is_empty() {
            return all.join("\n");
        }
        let data: String = self.contents().map(|content| content.data.as_str()).collect();
        if data.is_empty() { self.history_text.clone() } else { data }
    }

    /// Returns the texts of the task's artifacts. A later turn of the same task repeats them.
    pub fn artifacts(&self) -> Vec<ArtifactText> {
        let text = |artifact: &Artifact| ArtifactText {
            id: artifact.id.clone(),
            text: artifact.content.text.clone(),
        };
        self.artifacts.iter().map(text).collect()
    }

    /// Removes the texts that an earlier turn of the same task already had in the same artifacts. If nothing
    /// else remains, the repetition is the answer and stays.
    pub fn leave_out(&mut self, earlier: &[ArtifactText]) {
        let mut new = self.artifacts.clone();
        for artifact in &mut new {
            let known = earlier.iter().find(|known| known.id == artifact.id);
            let Some(known) = known.filter(|known| !known.text.is_empty()) else { continue };
            if let Some(rest) = artifact.content.text.strip_prefix(&known.text) {
                let rest = rest.to_owned();
                if rest.is_empty() {
                    // its data stood beside the text, so it was no answer then either
                    artifact.content.data.clear();
                }
                artifact.content.text = rest;
            }
        }
        let all = std::mem::replace(&mut self.artifacts, new);
        if self.text().trim().is_empty() {
            self.artifacts = all;
        }
    }

    /// Returns the contents of which the answer is made, the status last.
    fn contents(&self) -> impl Iterator<Item = &Content> {
        let artifacts = self.artifacts.iter().map(|artifact| &artifact.content);
        std::iter::once(&self.message).chain(artifacts).chain([&self.status])
    }

    /// Notes an answer that is not in text parts.
    pub(crate) fn note_place(&mut self) {
        if self.contents().any(|content| !content.text.is_empty()) {
            return;
        }
        if self.contents().any(|content| !content.data.is_empty()) {
            self.note(Drift::AnswerPlace("data parts or files"));
        } else if !self.history_text.is_empty() {
            self.note(Drift::AnswerPlace("the history"));
        }
    }

    /// Returns whether the turn is settled: nothing more will come.
    pub fn is_settled(&self) -> bool {
        self.is_message || self.state.is_some_and(State::is_settled)
    }

    /// Notes a departure, each only once.
    pub fn note(&mut self, drift: Drift) {
        if self.drift.len() < MAX_ITEMS && !self.drift.contains(&drift) {
            self.drift.push(drift);
        }
    }
}
