//! A tolerant, typed view of results: what they say about the turn, whatever the server's dialect.

mod content;
mod shape;
#[cfg(test)]
mod tests;

use serde_json::Value;

use self::{
    content::Content,
    shape::{Kind, Unwrapped, has_part_of_other_dialect, string, unwrap},
};
use crate::{Ask, Dialect, Drift, State};

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
            if let Some(rest) = known.and_then(|known| artifact.content.text.strip_prefix(&known.text)) {
                artifact.content.text = rest.to_owned();
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

    /// Adds an answer to the view, which a binding has taken out of its envelope.
    pub fn absorb_answer(&mut self, dialect: Dialect, ask: Ask<'_>, result: &Value) {
        self.absorb(dialect, result, ask.is_wrapped());
    }

    /// Adds one event of a stream to the view, which a binding has taken out of its envelope.
    pub fn absorb_event(&mut self, dialect: Dialect, result: &Value) {
        self.absorb(dialect, result, true);
    }

    /// Adds one result; `wrapped_in_1_0` states whether 1.0 wraps it in the name of what it is.
    fn absorb(&mut self, dialect: Dialect, result: &Value, wrapped_in_1_0: bool) {
        let Unwrapped { inner, kind, was_wrapped } = unwrap(result);
        if wrapped_in_1_0 && was_wrapped != (dialect == Dialect::V1_0) {
            self.note(Drift::Wrapping);
        }
        if inner.get("kind").is_some() != (dialect == Dialect::V0_3) {
            self.note(Drift::Kind);
        }
        match kind {
            Kind::Task => {
                self.task_id = string(inner, "id").or(self.task_id.take());
                self.context(inner);
                self.status(dialect, inner.get("status"));
                // a task repeats everything; one without artifacts may have left them out
                if let Some(artifacts) = inner.get("artifacts").and_then(Value::as_array)
                    && !artifacts.is_empty()
                {
                    self.artifacts.clear();
                    artifacts.iter().for_each(|artifact| self.artifact(artifact, false));
                }
                self.history(inner.get("history"));
            }
            Kind::Message => {
                self.is_message = true;
                self.context(inner);
                self.message.append(&Content::of(inner));
            }
            Kind::Status => {
                self.task_id = string(inner, "taskId").or(self.task_id.take());
                self.context(inner);
                self.status(dialect, inner.get("status"));
            }
            Kind::Artifact => {
                self.task_id = string(inner, "taskId").or(self.task_id.take());
                self.context(inner);
                let append = inner.get("append").and_then(Value::as_bool).unwrap_or(false);
                if let Some(artifact) = inner.get("artifact") {
                    self.artifact(artifact, append);
                }
            }
            Kind::Other => {}
        }
        if has_part_of_other_dialect(dialect, inner) {
            self.note(Drift::PartShape);
        }
    }

    /// Notes a departure, each only once.
    pub fn note(&mut self, drift: Drift) {
        if self.drift.len() < MAX_ITEMS && !self.drift.contains(&drift) {
            self.drift.push(drift);
        }
    }

    fn context(&mut self, holder: &Value) {
        match holder.get("contextId").and_then(Value::as_str) {
            Some("") => self.note(Drift::EmptyContextId),
            Some(id)
                if self.context_ids.len() < MAX_ITEMS && !self.context_ids.iter().any(|seen| seen == id) =>
            {
                self.context_ids.push(id.to_owned());
            }
            _ => {}
        }
    }

    fn history(&mut self, history: Option<&Value>) {
        let messages = history.and_then(Value::as_array).into_iter().flatten();
        let by_agent = |message: &&Value| {
            message
                .get("role")
                .and_then(Value::as_str)
                .is_some_and(|role| matches!(role, "agent" | "ROLE_AGENT"))
        };
        // only a message after the user's last one answers it
        match messages.last().filter(by_agent) {
            Some(message) => self.history_text = Content::of(message).text,
            None => self.history_text.clear(),
        }
    }

    fn status(&mut self, dialect: Dialect, status: Option<&Value>) {
        let Some(status) = status else { return };
        if let Some(name) = status.get("state").and_then(Value::as_str) {
            let (state, spelling) = State::parse(name);
            if spelling != Some(dialect) {
                self.note(Drift::StateNames(name.chars().take(40).collect()));
            }
            self.state = Some(state);
        }
        if let Some(message) = status.get("message").filter(|message| message.is_object()) {
            self.context(message);
            self.status = Content::of(message);
        } else {
            self.status = Content::default();
        }
    }

    fn artifact(&mut self, artifact: &Value, append: bool) {
        let id = string(artifact, "artifactId").unwrap_or_default();
        let content = Content::of(artifact);
        match self.artifacts.iter().position(|seen| seen.id == id) {
            Some(at) if append => self.artifacts[at].content.append(&content),
            Some(at) => self.artifacts[at].content = content,
            None if self.artifacts.len() < MAX_ITEMS => self.artifacts.push(Artifact { id, content }),
            None => self.artifacts[MAX_ITEMS - 1].content.append(&content),
        }
    }
}
