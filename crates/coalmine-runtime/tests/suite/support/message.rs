//! Requests in both dialects.

use serde_json::{Value, json};
use uuid::Uuid;

/// A 0.3 request with these parts; an empty context is left out.
pub(crate) fn old(method: &str, context: &str, parts: Value) -> Value {
    let mut message =
        json!({ "kind": "message", "messageId": Uuid::new_v4(), "role": "user", "parts": parts });
    if !context.is_empty() {
        message["contextId"] = json!(context);
    }
    json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": { "message": message } })
}

/// The same in 1.0.
pub(crate) fn new(method: &str, context: &str, parts: Value) -> Value {
    let mut request = old(method, context, parts);
    let message = request["params"]["message"].as_object_mut().unwrap();
    message.remove("kind");
    message.insert("role".into(), json!("ROLE_USER"));
    request
}

/// A 0.3 request that does not wait for the answer.
pub(crate) fn in_background(mut request: Value) -> Value {
    request["params"]["configuration"] = json!({ "blocking": false });
    request
}

/// A request that names a context or a task in its message.
pub(crate) fn with_id(mut request: Value, key: &str, id: &str) -> Value {
    request["params"]["message"][key] = json!(id);
    request
}

pub(crate) fn text(text: &str) -> Value {
    json!([{ "kind": "text", "text": text }])
}

/// A text file of 0.3, inline.
pub(crate) fn file(name: &str, content: &str) -> Value {
    of_kind(name, "text/plain", content.as_bytes())
}

/// A file of any kind of 0.3, inline.
pub(crate) fn of_kind(name: &str, mime_type: &str, bytes: &[u8]) -> Value {
    json!({ "kind": "file", "file": { "name": name, "mimeType": mime_type, "bytes": base64(bytes) } })
}

/// A text file of 0.3, by its uri.
pub(crate) fn link(name: &str, uri: &str) -> Value {
    json!({ "kind": "file", "file": { "name": name, "mimeType": "text/plain", "uri": uri } })
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// A request about a task.
pub(crate) fn about(method: &str, task: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": 2, "method": method, "params": { "id": task } })
}
