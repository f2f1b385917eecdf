//! The control plane: what a runtime expects of its platform.
//!
//! Registration and its token, heartbeats, memories, uploads, discovery of peers and the way to them. Everything is kept in
//! memory, bounded.

mod state;
mod uploads;

use axum::http::{Method, request::Parts};
use serde_json::{Value, json};
pub(crate) use state::ControlPlane;
pub use state::{Memory, Upload};

use crate::{
    Kind,
    answered::Answered,
    peers::{Peers, host},
    provider::{json as respond_json, respond},
};

fn answered(status: u16, body: Value) -> Answered {
    Answered::noted(Kind::Control, None, respond_json(status, &body))
}

/// Whether a path is the control plane's.
pub(crate) fn owns(path: &str) -> bool {
    path.starts_with("/registry/") || path.starts_with("/workspaces/")
}

impl ControlPlane {
    /// Answers one call; of other agents it knows these.
    pub(crate) async fn answer(&self, head: &Parts, body: &[u8], peers: &Peers) -> Answered {
        let Parts { method, headers, .. } = head;
        let path = head.uri.path();
        let no_workspace = |id: &str| answered(404, json!({ "error": format!("no workspace {id}") }));
        let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
        let may = || self.is_authorised(headers);
        let signed = |id: &str, file: &str| {
            let upload = self.upload(id, file);
            upload.is_some_and(|upload| head.uri.query() == Some(&format!("signature={}", upload.signature)))
        };
        match (method, segments.as_slice()) {
            (&Method::POST, ["registry", "register"]) => match serde_json::from_slice::<Value>(body) {
                Ok(card) if card.is_object() => self.register(&card),
                _ => answered(400, json!({ "error": "the body is no JSON object" })),
            },
            (&Method::POST, ["registry", "heartbeat"]) => answered(200, json!({ "status": "ok" })),
            (&Method::GET, ["registry", "discover", id]) => {
                peers.discover(id, &host(head)).map_or_else(|| no_workspace(id), |entry| answered(200, entry))
            }
            (&Method::GET, ["registry", _, "peers"]) => answered(200, peers.list(&host(head))),
            (&Method::GET, ["workspaces", id, "chat", "uploads", file, ..]) if may() || signed(id, file) => {
                match self.upload(id, file) {
                    Some(upload) => {
                        let note = format!("{} ({} bytes)", upload.name, upload.bytes.len());
                        let content = respond(200, "application/octet-stream", upload.bytes);
                        Answered::noted(Kind::Control, Some(note), content)
                    }
                    None => answered(404, json!({ "error": "no such upload" })),
                }
            }
            (_, ["workspaces", _, ..]) if !may() => {
                answered(401, json!({ "error": "missing or wrong bearer token" }))
            }
            (&Method::POST, ["workspaces", id, "a2a"]) => {
                peers.pass_on(id, head, body).unwrap_or_else(|| no_workspace(id))
            }
            (&Method::GET, ["workspaces", id, "memories"]) => answered(200, self.memories_json(id)),
            (&Method::POST, ["workspaces", id, "memories"]) => self.remember(id, body),
            (&Method::POST, ["workspaces", id, "chat", "uploads"]) => {
                self.take_uploads(id, headers, body).await
            }
            _ => answered(404, json!({ "error": format!("{method} {path} is not served") })),
        }
    }
}
