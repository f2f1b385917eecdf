//! The control plane: what a runtime expects of its platform.
//!
//! It serves registration with its token, heartbeats, memories, uploads, the discovery of peers, and a proxy
//! to them. Everything is kept in memory, within bounds.

mod state;
mod memories;
mod uploads;

use axum::http::{Method, request::Parts};
use bytes::Bytes;
pub use memories::Memory;
use serde_json::{Value, json};
pub(crate) use state::ControlPlane;
pub use uploads::Upload;

use crate::{
    CallKind, http,
    peers::{Peers, host},
    server::RecordedResponse,
};

/// Maximum number of memories and of uploads that are kept.
const MAX_KEPT: usize = 10_000;

/// Returns whether a path belongs to the control plane.
pub(crate) fn owns(path: &str) -> bool {
    path.starts_with("/registry/") || path.starts_with("/workspaces/")
}

fn respond(status: u16, body: &Value) -> RecordedResponse {
    RecordedResponse::with_note(CallKind::Control, None, http::json(status, body))
}

fn respond_with(status: u16, json: Vec<u8>) -> RecordedResponse {
    let response = http::respond(status, "application/json", json.into());
    RecordedResponse::with_note(CallKind::Control, None, response)
}

fn fail(status: u16, reason: &str) -> RecordedResponse {
    respond(status, &json!({ "error": reason }))
}

impl ControlPlane {
    /// Answers a call. The `peers` can be discovered and reached.
    pub(crate) async fn answer(&self, head: &Parts, body: &Bytes, peers: &Peers) -> RecordedResponse {
        let path = head.uri.path();
        let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
        match segments.as_slice() {
            ["registry", rest @ ..] => self.answer_registry(rest, head, body, peers),
            // the only request that may carry a signature instead of the token
            ["workspaces", id, "chat", "uploads", file, ..]
                if head.method == Method::GET && self.may_download(head, id, file) =>
            {
                self.download(id, file)
            }
            ["workspaces", _, ..] if !self.is_authorized(&head.headers) => {
                fail(401, "missing or wrong bearer token")
            }
            ["workspaces", id, rest @ ..] => self.answer_workspace(id, rest, head, body, peers).await,
            _ => not_served(head),
        }
    }

    fn answer_registry(&self, path: &[&str], head: &Parts, body: &[u8], peers: &Peers) -> RecordedResponse {
        match (&head.method, path) {
            (&Method::POST, ["register"]) => match http::read_value(body) {
                Some(card) if card.is_object() => self.register(&card),
                _ => fail(400, "the body is not a JSON object"),
            },
            (&Method::POST, ["heartbeat"]) => respond(200, &json!({ "status": "ok" })),
            (&Method::GET, ["discover", id]) => match peers.discover(id, &host(head)) {
                Some(entry) => respond(200, &entry),
                None => no_workspace(id),
            },
            (&Method::GET, [_, "peers"]) => respond(200, &peers.list(&host(head))),
            _ => not_served(head),
        }
    }

    async fn answer_workspace(
        &self,
        id: &str,
        path: &[&str],
        head: &Parts,
        body: &Bytes,
        peers: &Peers,
    ) -> RecordedResponse {
        match (&head.method, path) {
            (&Method::POST, ["a2a"]) => peers.forward(id, head, body).unwrap_or_else(|| no_workspace(id)),
            (&Method::GET, ["memories"]) => self.send_memories(id),
            (&Method::POST, ["memories"]) => self.commit_memory(id, body),
            (&Method::POST, ["chat", "uploads"]) => self.receive_uploads(id, &head.headers, body).await,
            _ => not_served(head),
        }
    }
}

fn no_workspace(id: &str) -> RecordedResponse {
    fail(404, &format!("no workspace {id}"))
}

fn not_served(head: &Parts) -> RecordedResponse {
    fail(404, &format!("{} {} is not served", head.method, head.uri.path()))
}
