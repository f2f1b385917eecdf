//! Requests in both dialects.

use serde_json::{Value, json};
use uuid::Uuid;

/// Returns a 0.3 request with these parts. An empty context is left out.
pub(crate) fn v0_3(method: &str, context: &str, parts: Value) -> Value {
    let mut message =
        json!({ "kind": "message", "messageId": Uuid::new_v4(), "role": "user", "parts": parts });
    if !context.is_empty() {
        message["contextId"] = json!(context);
    }
    json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": { "message": message } })
}

/// Returns a 1.0 request with these parts. An empty context is left out.
pub(crate) fn v1_0(method: &str, context: &str, parts: Value) -> Value {
    let mut request = v0_3(method, context, parts);
    let message = request["params"]["message"].as_object_mut().unwrap();
    message.remove("kind");
    message.insert("role".into(), json!("ROLE_USER"));
    request
}

/// Returns the 0.3 request so that it does not wait for the answer.
pub(crate) fn in_background(mut request: Value) -> Value {
    request["params"]["configuration"] = json!({ "blocking": false });
    request
}

/// Returns the request with an id, such as a `taskId`, in its message.
pub(crate) fn with_id(mut request: Value, key: &str, id: &str) -> Value {
    request["params"]["message"][key] = json!(id);
    request
}

pub(crate) fn text(text: &str) -> Value {
    json!([{ "kind": "text", "text": text }])
}

/// Returns an inline text file of 0.3.
pub(crate) fn file(name: &str, content: &str) -> Value {
    file_of_type(name, "text/plain", content.as_bytes())
}

/// Returns an inline file of 0.3 with any content.
pub(crate) fn file_of_type(name: &str, mime_type: &str, bytes: &[u8]) -> Value {
    json!({ "kind": "file", "file": { "name": name, "mimeType": mime_type, "bytes": base64(bytes) } })
}

/// Returns a text file of 0.3 that is given by its URI.
pub(crate) fn linked_file(name: &str, uri: &str) -> Value {
    json!({ "kind": "file", "file": { "name": name, "mimeType": "text/plain", "uri": uri } })
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// Returns a request about a task.
pub(crate) fn task_request(method: &str, task: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": 2, "method": method, "params": { "id": task } })
}
