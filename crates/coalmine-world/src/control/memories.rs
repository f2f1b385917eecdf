//! Memories: `GET` and `POST /workspaces/{id}/memories`.

use serde::Serialize;
use serde_json::{Value, json};

use super::{ControlPlane, MAX_KEPT, fail, respond};
use crate::server::RecordedResponse;

/// Maximum number of characters of a memory in the journal's note.
const MAX_NOTE: usize = 2_000;

/// A memory that the runtime committed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Memory {
    /// The workspace that it belongs to.
    #[serde(skip)]
    pub workspace: String,
    /// The scope: `LOCAL`, `TEAM` or `GLOBAL`.
    pub scope: String,
    /// The text.
    pub content: String,
}

impl ControlPlane {
    /// Returns all memories, in order.
    pub(crate) fn memories(&self) -> Vec<Memory> {
        self.state().memories.clone()
    }

    /// Returns the memories of a workspace as JSON, in order.
    pub(super) fn memories_json(&self, workspace: &str) -> Value {
        let state = self.state();
        json!(state.memories.iter().filter(|memory| memory.workspace == workspace).collect::<Vec<_>>())
    }

    /// Keeps the memory in the body of a request.
    pub(super) fn commit_memory(&self, workspace: &str, body: &[u8]) -> RecordedResponse {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let Some(content) = body.get("content").and_then(Value::as_str) else {
            return fail(400, "`content` is missing");
        };
        let scope = body.get("scope").and_then(Value::as_str).unwrap_or("LOCAL");
        if !["LOCAL", "TEAM", "GLOBAL"].contains(&scope) {
            return fail(400, "invalid `scope`: expected LOCAL, TEAM or GLOBAL");
        }
        let mut state = self.state();
        if state.memories.len() >= MAX_KEPT {
            return fail(507, "too many memories");
        }
        state.memories.push(Memory {
            workspace: workspace.to_owned(),
            scope: scope.to_owned(),
            content: content.to_owned(),
        });
        let mut response = respond(201, &json!({ "id": state.memories.len().to_string() }));
        response.content.note = Some(content.chars().take(MAX_NOTE).collect());
        response
    }
}
