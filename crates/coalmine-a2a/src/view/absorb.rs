//! Adds results to a view, one after another.

use std::time::Instant;

use serde_json::Value;

use super::{
    Artifact, MAX_ITEMS, View,
    content::Content,
    shape::{Kind, Unwrapped, has_part_of_other_dialect, string, unwrap},
};
use crate::{Ask, Dialect, Drift, State};

impl View {
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
                    let (before, said_at) = (std::mem::take(&mut self.artifacts), self.said_at);
                    artifacts.iter().for_each(|artifact| self.artifact(artifact, false));
                    if self.artifacts == before {
                        self.said_at = said_at;
                    }
                }
                self.history(inner.get("history"));
            }
            Kind::Message => {
                self.is_message = true;
                self.context(inner);
                let content = Content::of(inner);
                self.note_said(!content.is_empty());
                self.message.append(&content);
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

    /// Notes that a text came, if it is a new one.
    fn note_said(&mut self, is_new: bool) {
        if is_new {
            self.said_at = Some(Instant::now());
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
            Some(message) => {
                let text = Content::of(message).text;
                self.note_said(!text.is_empty() && text != self.history_text);
                self.history_text = text;
            }
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
            let content = Content::of(message);
            self.note_said(!content.is_empty() && content != self.status);
            self.status = content;
        } else {
            self.status = Content::default();
        }
    }

    fn artifact(&mut self, artifact: &Value, append: bool) {
        let id = string(artifact, "artifactId").unwrap_or_default();
        let content = Content::of(artifact);
        let is_full = self.artifacts.len() >= MAX_ITEMS;
        let repeats = !append && self.artifacts.iter().any(|seen| seen.id == id && seen.content == content);
        self.note_said(!content.is_empty() && !repeats);
        match self.artifacts.iter_mut().find(|seen| seen.id == id) {
            Some(seen) if append => seen.content.append(&content),
            Some(seen) => seen.content = content,
            None if is_full => {
                self.artifacts.iter_mut().last().into_iter().for_each(|last| last.content.append(&content))
            }
            None => self.artifacts.push(Artifact { id, content }),
        }
    }
}
