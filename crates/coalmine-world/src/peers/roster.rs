//! The peers of a world, and which path leads to which.

use std::sync::{Arc, PoisonError, RwLock};

use axum::http::{Method, header::HOST, request::Parts, uri::Authority};
use serde_json::{Value, json};

use super::{Peer, peer::Known, task::Tasks};
use crate::{Kind, answered::Answered, model::RuleError, provider::json as respond_json};

const PREFIX: &str = "/peers/";

/// Whether a path is a peer's.
pub(crate) fn owns(path: &str) -> bool {
    path.starts_with(PREFIX)
}

/// The address under which the world was asked: in HTTP/2 the URI holds it.
pub(crate) fn host(head: &Parts) -> String {
    let header = head.headers.get(HOST).and_then(|host| host.to_str().ok()?.parse::<Authority>().ok());
    header.as_ref().or(head.uri.authority()).map_or_else(|| "localhost".to_owned(), Authority::to_string)
}

/// All peers, in the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct Peers {
    known: RwLock<Vec<Arc<Known>>>,
    pub(super) tasks: Tasks,
}

impl Peers {
    /// Adds peers: all of them or none.
    pub(crate) fn add(&self, peers: impl IntoIterator<Item = Peer>) -> Result<(), RuleError> {
        let new = peers.into_iter().map(|peer| Ok(Arc::new(Known::new(peer)?)));
        let new = new.collect::<Result<Vec<_>, RuleError>>()?;
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        for (at, peer) in new.iter().enumerate() {
            if known.iter().chain(&new[..at]).any(|other| other.peer.id == peer.peer.id) {
                return Err(RuleError::Peer(peer.peer.id.clone()));
            }
        }
        known.extend(new);
        Ok(())
    }

    /// What the control plane tells of all of them.
    pub(crate) fn list(&self, host: &str) -> Value {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.iter().map(|known| known.peer.entry(host)).collect()
    }

    /// What the control plane tells of one.
    pub(crate) fn discover(&self, id: &str, host: &str) -> Option<Value> {
        Some(self.find(id)?.peer.entry(host))
    }

    /// Passes on a call of a peer; it may come without its envelope.
    pub(crate) fn pass_on(&self, id: &str, head: &Parts, body: &[u8]) -> Option<Answered> {
        Some(self.call(&*self.find(id)?, &head.headers, body, true))
    }

    /// Answers one call below `/peers/`.
    pub(crate) fn answer(&self, head: &Parts, body: &[u8]) -> Answered {
        let noted = |status, note: &str, body: &Value| {
            Answered::noted(Kind::Peer, Some(note.to_owned()), respond_json(status, body))
        };
        let refused = |status, why| noted(status, why, &json!({ "error": why }));
        let path = head.uri.path().strip_prefix(PREFIX).unwrap_or_default();
        // a slash too many is common where paths are put together
        let segments: Vec<_> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        let Some(peer) = segments.first().and_then(|id| self.find(id)) else {
            return refused(404, "there is no such peer");
        };
        match (&head.method, &segments[1..]) {
            (&Method::POST, []) => self.call(&peer, &head.headers, body, false),
            (&Method::GET | &Method::HEAD, [".well-known", "agent-card.json" | "agent.json"]) => {
                noted(200, "card", &peer.peer.card(&host(head)))
            }
            (_, []) => refused(405, "JSON-RPC is asked for by POST"),
            _ => refused(404, "a peer has no such path"),
        }
    }

    fn find(&self, id: &str) -> Option<Arc<Known>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.iter().find(|known| known.peer.id == id).cloned()
    }
}
