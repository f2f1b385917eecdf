//! What the control plane knows.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Mutex, MutexGuard, PoisonError},
};

use axum::http::{HeaderMap, header::AUTHORIZATION};
use bytes::Bytes;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Answered, answered};

/// Most memories and uploads that are kept.
const MOST: usize = 10_000;

/// A memory that the runtime committed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Memory {
    /// Whose it is.
    #[serde(skip)]
    pub workspace: String,
    /// `LOCAL`, `TEAM` or `GLOBAL`.
    pub scope: String,
    /// The text.
    pub content: String,
}

/// A file that was handed to the platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Whose it is.
    pub workspace: String,
    /// Names it in paths.
    pub id: String,
    /// As it was given; never a path here.
    pub name: String,
    /// Whoever has it may fetch the file without a token, as with the signed links of object stores.
    pub signature: String,
    /// Its content.
    pub bytes: Bytes,
}

/// The control plane of one run.
#[derive(Debug, Default)]
pub(crate) struct ControlPlane {
    token: String,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    registered: bool,
    memories: Vec<Memory>,
    uploads: Vec<Upload>,
}

impl ControlPlane {
    /// A control plane that issues this token.
    pub(crate) fn new(token: String) -> Self {
        Self { token, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_authorised(&self, headers: &HeaderMap) -> bool {
        let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        header.and_then(|value| value.strip_prefix("Bearer ")) == Some(self.token.as_str())
    }

    /// The token is issued with the first registration only; the runtime has to keep it.
    pub(super) fn register(&self, card: &Value) -> Answered {
        let first = !std::mem::replace(&mut self.state().registered, true);
        let mut answer = match first {
            true => answered(200, json!({ "status": "registered", "auth_token": self.token })),
            false => answered(200, json!({ "status": "registered" })),
        };
        let id = card.get("id").and_then(Value::as_str).unwrap_or_default();
        answer.said.note = Some(format!("registered as {}", id.chars().take(100).collect::<String>()));
        answer
    }

    pub(crate) fn memories(&self) -> Vec<Memory> {
        self.state().memories.clone()
    }

    pub(super) fn memories_json(&self, workspace: &str) -> Value {
        let state = self.state();
        json!(state.memories.iter().filter(|memory| memory.workspace == workspace).collect::<Vec<_>>())
    }

    pub(super) fn remember(&self, workspace: &str, body: &[u8]) -> Answered {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let Some(content) = body.get("content").and_then(Value::as_str) else {
            return answered(400, json!({ "error": "`content` is missing" }));
        };
        let scope = body.get("scope").and_then(Value::as_str).unwrap_or("LOCAL");
        if !["LOCAL", "TEAM", "GLOBAL"].contains(&scope) {
            return answered(400, json!({ "error": "`scope` is none of LOCAL, TEAM, GLOBAL" }));
        }
        let mut state = self.state();
        if state.memories.len() >= MOST {
            return answered(507, json!({ "error": "too many memories" }));
        }
        state.memories.push(Memory {
            workspace: workspace.to_owned(),
            scope: scope.to_owned(),
            content: content.to_owned(),
        });
        let mut answer = answered(201, json!({ "id": state.memories.len().to_string() }));
        answer.said.note = Some(content.chars().take(2000).collect());
        answer
    }

    pub(crate) fn keep_upload(&self, workspace: &str, name: &str, bytes: Bytes) -> Option<Upload> {
        let mut state = self.state();
        if state.uploads.len() >= MOST {
            return None;
        }
        let id = format!("{:06}", state.uploads.len() + 1);
        let mut hasher = DefaultHasher::new();
        (&self.token, &id).hash(&mut hasher);
        let signature = format!("{:016x}", hasher.finish());
        let upload = Upload { workspace: workspace.to_owned(), id, name: name.to_owned(), signature, bytes };
        state.uploads.push(upload.clone());
        Some(upload)
    }

    pub(crate) fn upload(&self, workspace: &str, id: &str) -> Option<Upload> {
        let state = self.state();
        state.uploads.iter().find(|upload| upload.workspace == workspace && upload.id == id).cloned()
    }
}
