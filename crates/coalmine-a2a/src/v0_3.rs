//! The payloads of dialect 0.3, in the platform's own shape and key order.
//!
//! The order of keys makes no difference to a server, but it does to a person who compares evidence. Sources:
//! `types/src/types.ts` of the 0.3 specification, and the platform's envelope.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::{Ask, Outgoing, Part};

/// Returns the payload of a request.
pub(crate) fn payload(ask: Ask<'_>) -> Value {
    match ask {
        Ask::Send(outgoing) => {
            message(outgoing, json!({ "acceptedOutputModes": ["text/plain"], "blocking": true }))
        }
        // a stream does not wait for the end
        Ask::Stream(outgoing) => message(outgoing, json!({ "acceptedOutputModes": ["text/plain"] })),
        Ask::Task(task) | Ask::Cancel(task) | Ask::Resubscribe(task) => json!({ "id": task }),
    }
}

fn message(outgoing: &Outgoing, configuration: Value) -> Value {
    let mut message = json!({
        "role": "user",
        "messageId": outgoing.message_id,
        "kind": "message",
    });
    if let Some(context) = &outgoing.context_id {
        message["contextId"] = json!(context);
    }
    if let Some(task) = &outgoing.task_id {
        message["taskId"] = json!(task);
    }
    if !outgoing.reference_task_ids.is_empty() {
        message["referenceTaskIds"] = json!(outgoing.reference_task_ids);
    }
    message["parts"] = outgoing.parts.iter().map(part).collect();
    let mut payload = json!({ "message": message, "configuration": configuration });
    if !outgoing.history.is_empty() {
        payload["metadata"] = json!({ "history": history(outgoing) });
    }
    payload
}

fn part(part: &Part) -> Value {
    match part {
        Part::Text(text) => json!({ "kind": "text", "text": text }),
        Part::Bytes { name, mime, bytes } => json!({
            "kind": "file",
            "file": { "name": name, "mimeType": mime, "bytes": STANDARD.encode(bytes) },
        }),
        Part::Uri { name, mime, uri } => json!({
            "kind": "file",
            "file": { "name": name, "mimeType": mime, "uri": uri },
        }),
    }
}

fn history(outgoing: &Outgoing) -> Value {
    outgoing
        .history
        .iter()
        .map(|entry| {
            let role = if entry.by_agent { "agent" } else { "user" };
            json!({ "role": role, "parts": [{ "kind": "text", "text": entry.text }] })
        })
        .collect()
}
