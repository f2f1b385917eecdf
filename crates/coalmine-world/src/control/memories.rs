//! Memories: `GET` and `POST /workspaces/{id}/memories`.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};

use super::{ControlPlane, MAX_KEPT, fail, respond, respond_with};
use crate::{Held, http, server::RecordedResponse};

/// Maximum number of characters of a memory in the journal's note.
const MAX_NOTE: usize = 2_000;

/// The bytes that a memory takes beyond its texts.
const OVERHEAD: usize = 500;

/// A memory that the runtime committed.
#[derive(Debug)]
pub struct Memory {
    /// The workspace that it belongs to.
    pub workspace: String,
    /// The scope: `LOCAL`, `TEAM` or `GLOBAL`.
    pub scope: &'static str,
    /// The text.
    pub content: Arc<str>,
    _held: Held,
}

/// A memory as it is sent.
#[derive(Serialize)]
struct SentMemory<'a> {
    scope: &'a str,
    content: &'a str,
}

impl ControlPlane {
    /// Returns all memories, in order.
    pub(crate) fn memories(&self) -> Vec<Arc<Memory>> {
        self.state().memories.clone()
    }

    /// Sends the memories of a workspace, in order.
    pub(super) fn send_memories(&self, workspace: &str) -> RecordedResponse {
        let mut memories = self.memories();
        memories.retain(|memory| memory.workspace == workspace);
        let length = memories.iter().map(|memory| memory.content.len()).sum();
        // while it is written; what is sent takes a share of its own
        let Ok(_held) = self.budget.take(length) else {
            return fail(503, "the memories are too large to send");
        };
        let sent = memories.iter().map(|memory| SentMemory { scope: memory.scope, content: &memory.content });
        respond_with(200, serde_json::to_vec(&sent.collect::<Vec<_>>()).unwrap_or_default())
    }

    /// Keeps the memory in the body of a request.
    pub(super) fn commit_memory(&self, workspace: &str, body: &[u8]) -> RecordedResponse {
        let body: Value = http::read_value(body).unwrap_or_default();
        let Some(content) = body.get("content").and_then(Value::as_str) else {
            return fail(400, "`content` is missing");
        };
        let scope = body.get("scope").and_then(Value::as_str).unwrap_or("LOCAL");
        let Some(scope) = ["LOCAL", "TEAM", "GLOBAL"].into_iter().find(|known| *known == scope) else {
            return fail(400, "invalid `scope`: expected LOCAL, TEAM or GLOBAL");
        };
        let length = [OVERHEAD, workspace.len(), content.len()].iter().sum();
        let Ok(held) = self.budget.take(length) else {
            return fail(507, "the memories are too large to keep");
        };
        let memory = Memory { workspace: workspace.to_owned(), scope, content: content.into(), _held: held };
        let mut state = self.state();
        if state.memories.len() >= MAX_KEPT {
            self.budget.count_refusal();
            return fail(507, "too many memories");
        }
        state.memories.push(Arc::new(memory));
        let mut response = respond(201, &json!({ "id": state.memories.len().to_string() }));
        response.content.note = Some(content.chars().take(MAX_NOTE).collect());
        response
    }
}
