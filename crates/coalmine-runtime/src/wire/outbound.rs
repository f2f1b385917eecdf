//! Tasks and events as they go out, in either dialect.

use serde_json::{Map, Value, json};

use super::{Dialect, part};
use crate::task::{Event, Message, Status, Task};

/// Writes what a client asked for, in its dialect.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outbound {
    pub(crate) dialect: Dialect,
    /// How much of the history the client wants; all of it where it does not say.
    pub(crate) history_length: Option<usize>,
}

impl Outbound {
    /// A bare task: the result of get and cancel in both dialects, and of a send in 0.3.
    pub(crate) fn task(self, task: &Task) -> Value {
        let mut value = self.kind("task");
        value.insert("id".into(), json!(task.id));
        name_context(&mut value, &task.context_id);
        value.insert("status".into(), self.status(&task.status));
        if !task.artifacts.is_empty() {
            let artifacts = task.artifacts.iter().map(|artifact| self.artifact(&artifact.id, &artifact.text));
            value.insert("artifacts".into(), artifacts.collect());
        }
        let skipped = self.history_length.map_or(0, |wanted| task.history.len().saturating_sub(wanted));
        let history: Vec<_> =
            task.history.iter().skip(skipped).map(|message| self.message(message)).collect();
        if !history.is_empty() {
            value.insert("history".into(), history.into());
        }
        value.into()
    }

    /// A task as the result of a send and as the first event of a stream: wrapped in 1.0.
    pub(crate) fn sent(self, task: &Task) -> Value {
        match self.dialect {
            Dialect::V0_3 => self.task(task),
            Dialect::V1_0 => json!({ "task": self.task(task) }),
        }
    }

    /// An event of a stream. In 0.3 `final` ends it, in 1.0 a terminal state does.
    pub(crate) fn event(self, task_id: &str, context_id: &str, event: &Event) -> Value {
        let (kind, wrapper) = match event {
            Event::Status(_) => ("status-update", "statusUpdate"),
            Event::Artifact { .. } => ("artifact-update", "artifactUpdate"),
        };
        let mut value = self.kind(kind);
        value.insert("taskId".into(), json!(task_id));
        name_context(&mut value, context_id);
        match event {
            Event::Status(status) => {
                value.insert("status".into(), self.status(status));
                if self.dialect == Dialect::V0_3 {
                    value.insert("final".into(), json!(status.state.is_terminal()));
                }
            }
            Event::Artifact { id, text, append, last } => {
                value.insert("artifact".into(), self.artifact(id, text));
                value.insert("append".into(), json!(append));
                value.insert("lastChunk".into(), json!(last));
            }
        }
        match self.dialect {
            Dialect::V0_3 => value.into(),
            Dialect::V1_0 => json!({ wrapper: value }),
        }
    }

    fn status(self, status: &Status) -> Value {
        let mut value = json!({
            "state": self.dialect.state(status.state),
            "timestamp": format!("{:.3}", status.timestamp),
        });
        if let Some(message) = &status.message {
            value["message"] = self.message(message);
        }
        value
    }

    fn artifact(self, id: &str, text: &str) -> Value {
        json!({ "artifactId": id, "name": "response", "parts": [self.text(text)] })
    }

    fn text(self, text: &str) -> Value {
        match self.dialect {
            Dialect::V0_3 => json!({ "kind": "text", "text": text }),
            Dialect::V1_0 => json!({ "text": text }),
        }
    }

    fn message(self, message: &Message) -> Value {
        let mut value = self.kind("message");
        value.insert("messageId".into(), json!(message.id));
        name_context(&mut value, &message.context_id);
        value.insert("taskId".into(), json!(message.task_id));
        value.insert("role".into(), json!(self.dialect.role(message.role)));
        value.insert(
            "parts".into(),
            message.parts.iter().map(|part| part::render(self.dialect, part)).collect(),
        );
        value.extend(message.extras.clone());
        value.into()
    }

    /// An object that begins with its `kind` in 0.3; 1.0 has none.
    fn kind(self, kind: &str) -> Map<String, Value> {
        let mut value = Map::new();
        if self.dialect == Dialect::V0_3 {
            value.insert("kind".into(), json!(kind));
        }
        value
    }
}

/// Says which context something belongs to. It has no name only where a fault gave it none.
fn name_context(value: &mut Map<String, Value>, context_id: &str) {
    if !context_id.is_empty() {
        value.insert("contextId".into(), json!(context_id));
    }
}
