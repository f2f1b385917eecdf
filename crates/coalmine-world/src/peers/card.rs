//! What a peer says about itself: to whoever fetches its card, and through the control plane.

use serde_json::{Value, json};

use super::Peer;

impl Peer {
    /// The card, for clients of both dialects, with the address under which it was asked for.
    pub(super) fn card(&self, host: &str) -> Value {
        let url = self.url(host);
        json!({
            "name": self.name,
            "description": self.description,
            "version": "1.0.0",
            // 1.0
            "supportedInterfaces": [
                { "url": url, "protocolBinding": "JSONRPC", "protocolVersion": "1.0" },
                { "url": url, "protocolBinding": "JSONRPC", "protocolVersion": "0.3" },
            ],
            // 0.3
            "protocolVersion": "0.3.0",
            "url": url,
            "preferredTransport": "JSONRPC",
            // both
            "capabilities": { "streaming": true, "pushNotifications": false },
            "defaultInputModes": ["text/plain"],
            "defaultOutputModes": ["text/plain"],
            "skills": [{ "id": self.id, "name": self.name, "description": self.description, "tags": ["peer"] }],
        })
    }

    /// What the control plane knows of it.
    pub(super) fn entry(&self, host: &str) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "url": self.url(host),
            "status": "online",
            "agent_card": self.card(host),
        })
    }

    /// With a slash at its end, so that the card's path can be joined to it in either way.
    fn url(&self, host: &str) -> String {
        format!("http://{host}/peers/{}/", self.id)
    }
}
