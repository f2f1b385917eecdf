//! The peers of a world, and the paths that lead to them.

use std::sync::{Arc, Mutex};

use axum::http::{Method, header::HOST, request::Parts, uri::Authority};
use serde_json::{Value, json};

use super::{Peer, peer::CompiledPeer, task::Tasks};
use crate::{CallKind, http, lock::lock, model::RuleError, server::RecordedResponse};

const PREFIX: &str = "/peers/";

/// Returns whether a path belongs to a peer.
pub(crate) fn owns(path: &str) -> bool {
    path.starts_with(PREFIX)
}

/// Returns the address that the world was asked at. In HTTP/2 it is part of the URI.
pub(crate) fn host(head: &Parts) -> String {
    let header = head.headers.get(HOST).and_then(|host| host.to_str().ok()?.parse::<Authority>().ok());
    header.as_ref().or(head.uri.authority()).map_or_else(|| "localhost".to_owned(), Authority::to_string)
}

/// All peers, in the order in which they were added, and their tasks.
#[derive(Debug, Default)]
pub(crate) struct Peers {
    peers: Mutex<Vec<Arc<CompiledPeer>>>,
    pub(super) tasks: Tasks,
}

impl Peers {
    /// Adds all of the peers, or none if one of them is invalid.
    pub(crate) fn add(&self, peers: impl IntoIterator<Item = Peer>) -> Result<(), RuleError> {
        let new = peers.into_iter().map(|peer| Ok(Arc::new(CompiledPeer::new(peer)?)));
        let new = new.collect::<Result<Vec<_>, RuleError>>()?;
        let mut peers = lock(&self.peers);
        for (index, peer) in new.iter().enumerate() {
            if peers.iter().chain(new.iter().take(index)).any(|other| other.peer.id == peer.peer.id) {
                return Err(RuleError::PeerId(peer.peer.id.clone()));
            }
        }
        peers.extend(new);
        Ok(())
    }

    /// Returns the control plane's entries for all peers.
    pub(crate) fn list(&self, host: &str) -> Value {
        lock(&self.peers).iter().map(|peer| peer.peer.entry(host)).collect()
    }

    /// Returns the control plane's entry for one peer.
    pub(crate) fn discover(&self, id: &str, host: &str) -> Option<Value> {
        Some(self.find(id)?.peer.entry(host))
    }

    /// Forwards a call to a peer. The call may come without its JSON-RPC envelope.
    pub(crate) fn forward(&self, id: &str, head: &Parts, body: &[u8]) -> Option<RecordedResponse> {
        Some(self.call(&*self.find(id)?, &head.headers, body, true))
    }

    /// Answers a request at a path of a peer.
    pub(crate) fn answer(&self, head: &Parts, body: &[u8]) -> RecordedResponse {
        let path = head.uri.path().strip_prefix(PREFIX).unwrap_or_default();
        // clients that join paths often add a slash too many
        let segments: Vec<_> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        let (id, rest) = segments.split_first().map_or(("", [].as_slice()), |(id, rest)| (*id, rest));
        let Some(peer) = self.find(id) else { return fail(404, "unknown peer") };
        match (&head.method, rest) {
            (&Method::POST, []) => self.call(&peer, &head.headers, body, false),
            (&Method::GET | &Method::HEAD, [".well-known", "agent-card.json" | "agent.json"]) => {
                respond(200, "card", &peer.peer.card(&host(head)))
            }
            (_, []) => fail(405, "JSON-RPC requires the method POST"),
            _ => fail(404, "a peer has no such path"),
        }
    }

    fn find(&self, id: &str) -> Option<Arc<CompiledPeer>> {
        lock(&self.peers).iter().find(|peer| peer.peer.id == id).cloned()
    }
}

fn respond(status: u16, note: &str, body: &Value) -> RecordedResponse {
    RecordedResponse::with_note(CallKind::Peer, Some(note.to_owned()), http::json(status, body))
}

fn fail(status: u16, reason: &str) -> RecordedResponse {
    respond(status, reason, &json!({ "error": reason }))
}
