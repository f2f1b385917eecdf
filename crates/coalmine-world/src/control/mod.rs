//! The control plane: what a runtime expects of its platform.
//!
//! Registration and its token, heartbeats, memories, uploads, discovery. Everything is kept in memory, bounded.

mod state;
mod uploads;

use axum::{
    body::Body,
    http::{HeaderMap, Method, Response},
};
use serde_json::{Value, json};

pub(crate) use state::ControlPlane;
pub use state::{Memory, Upload};

use crate::provider::{json as respond_json, respond};

/// An answer, and what the journal says of the call.
pub(crate) struct Answered {
    pub(crate) response: Response<Body>,
    pub(crate) note: Option<String>,
}

fn answered(status: u16, body: Value) -> Answered {
    Answered { response: respond_json(status, &body), note: None }
}

/// Whether a path is the control plane's.
pub(crate) fn owns(path: &str) -> bool {
    path.starts_with("/registry/") || path.starts_with("/workspaces/")
}

impl ControlPlane {
    /// Answers one call.
    pub(crate) async fn answer(
        &self,
        method: &Method,
        path: &str,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Answered {
        let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
        let may = || self.is_authorised(headers);
        match (method, segments.as_slice()) {
            (&Method::POST, ["registry", "register"]) => match serde_json::from_slice::<Value>(body) {
                Ok(card) if card.is_object() => self.register(&card),
                _ => answered(400, json!({ "error": "the body is no JSON object" })),
            },
            (&Method::POST, ["registry", "heartbeat"]) => answered(200, json!({ "status": "ok" })),
            (&Method::GET, ["registry", "discover", id]) => {
                answered(404, json!({ "error": format!("no workspace {id}") }))
            }
            (&Method::GET, ["registry", _, "peers"]) => answered(200, json!([])),
            (_, ["workspaces", _, ..]) if !may() => {
                answered(401, json!({ "error": "missing or wrong bearer token" }))
            }
            (&Method::GET, ["workspaces", id, "memories"]) => answered(200, self.memories_json(id)),
            (&Method::POST, ["workspaces", id, "memories"]) => self.remember(id, body),
            (&Method::POST, ["workspaces", id, "chat", "uploads"]) => {
                self.take_uploads(id, headers, body).await
            }
            (&Method::GET, ["workspaces", id, "chat", "uploads", file, ..]) => match self.upload(id, file) {
                Some(upload) => Answered {
                    response: respond(200, "application/octet-stream", upload.bytes.clone()),
                    note: Some(format!("{} ({} bytes)", upload.name, upload.bytes.len())),
                },
                None => answered(404, json!({ "error": "no such upload" })),
            },
            _ => answered(404, json!({ "error": format!("{method} {path} is not served") })),
        }
    }
}
