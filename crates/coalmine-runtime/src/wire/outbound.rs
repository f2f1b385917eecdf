//! Outgoing tasks and events, in either dialect.

use serde_json::{Map, Value, json};

use super::{Dialect, part};
use crate::task::{Event, Message, Status, Task};

/// Writes the answer to a request in its dialect.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outbound {
    pub(crate) dialect: Dialect,
    /// How many messages of the history the client wants; all of them if it does not say.
    pub(crate) history_length: Option<usize>,
}

impl Outbound {
    /// Writes a bare task: the result of get and cancel in both dialects, and of a send in 0.3.
    pub(crate) fn task(self, task: &Task) -> Value {
        let mut value = self.object("task");
        value.insert("id".into(), json!(task.id));
        insert_context_id(&mut value, &task.context_id);
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

    /// Writes a task as the result of a send and as the first event of a stream. 1.0 wraps it.
    pub(crate) fn sent(self, task: &Task) -> Value {
        match self.dialect {
            Dialect::V0_3 => self.task(task),
            Dialect::V1_0 => json!({ "task": self.task(task) }),
        }
    }

    /// Writes an event of a stream. The stream ends with `final` in 0.3 and with a terminal state in 1.0.
    pub(crate) fn event(self, task_id: &str, context_id: &str, event: &Event) -> Value {
        let (kind, wrapper) = match event {
            Event::Status(_) => ("status-update", "statusUpdate"),
            Event::Artifact { .. } => ("artifact-update", "artifactUpdate"),
        };
        let mut value = self.object(kind);
        value.insert("taskId".into(), json!(task_id));
        insert_context_id(&mut value, context_id);
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
        let mut value = self.object("message");
        value.insert("messageId".into(), json!(message.id));
        insert_context_id(&mut value, &message.context_id);
        value.insert("taskId".into(), json!(message.task_id));
        value.insert("role".into(), json!(self.dialect.role(message.role)));
        value.insert(
            "parts".into(),
            message.parts.iter().map(|part| part::render(self.dialect, part)).collect(),
        );
        value.extend(message.extras.clone());
        value.into()
    }

    /// Begins an object, with its `kind` in 0.3. 1.0 has none.
    fn object(self, kind: &str) -> Map<String, Value> {
        let mut value = Map::new();
        if self.dialect == Dialect::V0_3 {
            value.insert("kind".into(), json!(kind));
        }
        value
    }
}

/// Inserts the context id. It is empty only if a fault did not generate one.
fn insert_context_id(value: &mut Map<String, Value>, context_id: &str) {
    if !context_id.is_empty() {
        value.insert("contextId".into(), json!(context_id));
    }
}
