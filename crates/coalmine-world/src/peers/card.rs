//! How a peer describes itself: in its card, and in its entry at the control plane.

use serde_json::{Value, json};

use super::Peer;

impl Peer {
    /// Returns the card for clients of both versions, with the address that it was fetched from.
    pub(super) fn card(&self, host: &str) -> Value {
        let url = self.url(host);
        json!({
            "name": self.name,
            "description": self.description,
            "version": "1.0.0",
            // for 1.0
            "supportedInterfaces": [
                { "url": url, "protocolBinding": "JSONRPC", "protocolVersion": "1.0" },
                { "url": url, "protocolBinding": "JSONRPC", "protocolVersion": "0.3" },
            ],
            // for 0.3
            "protocolVersion": "0.3.0",
            "url": url,
            "preferredTransport": "JSONRPC",
            // for both
            "capabilities": { "streaming": true, "pushNotifications": false },
            "defaultInputModes": ["text/plain"],
            "defaultOutputModes": ["text/plain"],
            "skills": [{ "id": self.id, "name": self.name, "description": self.description, "tags": ["peer"] }],
        })
    }

    /// Returns the entry at the control plane.
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

    /// Returns the URL. It ends with a slash, so that clients can append the card's path or resolve it.
    fn url(&self, host: &str) -> String {
        format!("http://{host}/peers/{}/", self.id)
    }
}
