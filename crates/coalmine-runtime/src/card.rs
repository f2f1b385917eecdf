//! The agent card, which describes the runtime to clients of both dialects and to the platform.

use serde_json::{Value, json};

const NAME: &str = "Coalmine reference runtime";
const ABOUT: &str = "A correct A2A agent that remembers its conversations, reads files and keeps memories";

/// Returns the card for the platform's registry.
pub(crate) fn for_registry(url: &str) -> Value {
    json!({
        "name": NAME,
        "description": ABOUT,
        "version": env!("CARGO_PKG_VERSION"),
        "url": url,
        "skills": skills(),
        "capabilities": capabilities(),
    })
}

/// Returns the card for clients that reach the runtime at `url`.
pub(crate) fn document(url: &str) -> Value {
    json!({
        "name": NAME,
        "description": ABOUT,
        "version": env!("CARGO_PKG_VERSION"),
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
        "capabilities": capabilities(),
        "defaultInputModes": ["text/plain", "application/octet-stream"],
        "defaultOutputModes": ["text/plain"],
        "skills": skills(),
    })
}

fn capabilities() -> Value {
    json!({ "streaming": true, "pushNotifications": false })
}

fn skills() -> Value {
    json!([{
        "id": "memory",
        "name": "Memory",
        "description": "Keeps what it is asked to remember, across conversations",
        "tags": ["memory"],
        "examples": ["Remember that the launch is on Friday.", "When is the launch?"],
    }])
}
