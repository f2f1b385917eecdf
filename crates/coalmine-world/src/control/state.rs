//! What the control plane knows: its token, the registration, memories and uploads.

use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard},
};

use axum::http::{HeaderMap, header::AUTHORIZATION};
use serde_json::{Value, json};

use super::{Memory, respond, uploads::HeldUpload};
use crate::{budget::Budget, lock::lock, server::RecordedResponse};

/// The control plane of one run.
#[derive(Debug)]
pub(crate) struct ControlPlane {
    pub(super) token: String,
    pub(super) budget: Budget,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    is_registered: bool,
    pub(super) memories: Vec<Arc<Memory>>,
    pub(super) uploads: Vec<HeldUpload>,
}

impl ControlPlane {
    /// Creates a control plane that issues this token and keeps what the budget has room for.
    pub(crate) fn new(token: String, budget: Budget) -> Self {
        Self { token, budget, state: Mutex::default() }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Returns whether a request carries the token.
    pub(super) fn is_authorized(&self, headers: &HeaderMap) -> bool {
        let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        header.and_then(|value| value.strip_prefix("Bearer ")) == Some(self.token.as_str())
    }

    /// Registers the runtime. The token is issued with the first registration only; the runtime has to keep it.
    pub(super) fn register(&self, card: &Value) -> RecordedResponse {
        let mut body = json!({ "status": "registered" });
        if !mem::replace(&mut self.state().is_registered, true) {
            body["auth_token"] = self.token.as_str().into();
        }
        let mut response = respond(200, &body);
        let id = card.get("id").and_then(Value::as_str).unwrap_or_default();
        response.content.note = Some(format!("registered as {}", id.chars().take(100).collect::<String>()));
        response
    }
}
