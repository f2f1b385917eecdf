//! A tolerant, typed view of a result: whatever the server's dialect, what it says about the turn.

mod said;
mod shape;

use serde_json::Value;

use self::{
    said::Said,
    shape::{Kind, has_part_of_other_dialect, string, unwrap},
};
use crate::{Dialect, Drift, State};

/// More artifacts, contextIds or drifts than this in one answer are not told apart any more.
const MANY: usize = 64;

/// What one or more results say about a turn.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct View {
    /// The task, where there is one.
    pub task_id: Option<String>,
    /// The task's last state; `None` for a bare message.
    pub state: Option<State>,
    /// True once a message came instead of a task.
    pub is_message: bool,
    /// Every `contextId` seen where the runtime speaks for itself (task, events, its messages), in order, without
    /// repeats. Those inside the history are the client's own words coming back and do not count.
    pub context_ids: Vec<String>,
    /// Artifacts by id, each with all its chunks joined.
    artifacts: Vec<(String, Said)>,
    /// `status.message`.
    status: Said,
    /// A bare message.
    message: Said,
    /// The last message of the agent in a task's history.
    history_text: String,
    /// Departures from the dialect.
    pub drift: Vec<Drift>,
}

impl View {
    /// The answer: message parts, artifacts, then `status.message`; text parts joined as they stand, the places by line
    /// breaks. Where there is no text at all: strings of data parts and text files, then the agent's last message in the
    /// history. What the user said there is never looked at: it is the question.
    pub fn text(&self) -> String {
        let mut all: Vec<&str> = self.said().map(|said| said.text.as_str()).collect();
        // many servers say the answer twice, as an artifact and as the status' message
        if let Some(status) = all.pop().filter(|status| !all.contains(status)) {
            all.push(status);
        }
        all.retain(|text| !text.is_empty());
        if !all.is_empty() {
            return all.join("\n");
        }
        let data: String = self.said().map(|said| said.data.as_str()).collect();
        if data.is_empty() { self.history_text.clone() } else { data }
    }

    /// What the task's artifacts say, each by its id: what a later turn of the same task says again.
    pub fn artifacts(&self) -> Vec<(String, String)> {
        self.artifacts.iter().map(|(id, said)| (id.clone(), said.text.clone())).collect()
    }

    /// Leaves out what an earlier turn of the same task had said already, by the ids of its artifacts. A task that says
    /// nothing but that says it anew.
    pub fn leave_out(&mut self, earlier: &[(String, String)]) {
        let mut new = self.artifacts.clone();
        for (id, said) in &mut new {
            let known = earlier.iter().find(|(known, _)| known == id);
            if let Some(rest) = known.and_then(|(_, text)| said.text.strip_prefix(text.as_str())) {
                said.text = rest.to_owned();
            }
        }
        let all = std::mem::replace(&mut self.artifacts, new);
        if self.text().trim().is_empty() {
            self.artifacts = all;
        }
    }

    /// Where the runtime speaks for itself, the status last.
    fn said(&self) -> impl Iterator<Item = &Said> {
        let artifacts = self.artifacts.iter().map(|(_, said)| said);
        std::iter::once(&self.message).chain(artifacts).chain([&self.status])
    }

    /// Notes it where the answer does not stand in text parts.
    pub(crate) fn note_place(&mut self) {
        if self.said().any(|said| !said.text.is_empty()) {
            return;
        }
        if self.said().any(|said| !said.data.is_empty()) {
            self.note(Drift::AnswerPlace("data parts or files"));
        } else if !self.history_text.is_empty() {
            self.note(Drift::AnswerPlace("the history"));
        }
    }

    /// True when nothing more is to be waited for.
    pub fn is_settled(&self) -> bool {
        self.is_message || self.state.is_some_and(State::is_settled)
    }

    /// Takes in one result: an answer, or one event of a stream; `wrapped_in_1_0` where 1.0 says what it is.
    pub(crate) fn absorb(&mut self, dialect: Dialect, result: &Value, wrapped_in_1_0: bool) {
        let (inner, kind, wrapped) = unwrap(result);
        if wrapped_in_1_0 && wrapped != (dialect == Dialect::V1_0) {
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
                // a task says everything again; one without artifacts may have left them out
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
                self.message.append(&Said::of(inner));
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

    /// Notes a departure once.
    pub(crate) fn note(&mut self, drift: Drift) {
        if self.drift.len() < MANY && !self.drift.contains(&drift) {
            self.drift.push(drift);
        }
    }

    fn context(&mut self, holder: &Value) {
        match holder.get("contextId").and_then(Value::as_str) {
            Some("") => self.note(Drift::EmptyContextId),
            Some(id) if self.context_ids.len() < MANY && !self.context_ids.iter().any(|seen| seen == id) => {
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
        // only what stands after the user's last words answers them
        match messages.last().filter(by_agent) {
            Some(message) => self.history_text = Said::of(message).text,
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
            self.status = Said::of(message);
        } else {
            self.status = Said::default();
        }
    }

    fn artifact(&mut self, artifact: &Value, append: bool) {
        let id = string(artifact, "artifactId").unwrap_or_default();
        let said = Said::of(artifact);
        match self.artifacts.iter().position(|(seen, _)| *seen == id) {
            Some(at) if append => self.artifacts[at].1.append(&said),
            Some(at) => self.artifacts[at].1 = said,
            None if self.artifacts.len() < MANY => self.artifacts.push((id, said)),
            None => self.artifacts[MANY - 1].1.append(&said),
        }
    }
}

/// The view of a single result, for those who have one at hand.
pub fn view_result(dialect: Dialect, result: &Value) -> View {
    let mut view = View::default();
    view.absorb(dialect, result, true);
    view
}

#[cfg(test)]
mod tests;
