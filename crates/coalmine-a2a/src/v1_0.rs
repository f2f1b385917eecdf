//! The payloads of dialect 1.0, in proto JSON (`lf.a2a.v1`, `specification/a2a.proto`).
//!
//! A send blocks by default in 1.0 (`returnImmediately` is absent), so the payload does not ask for it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::{Ask, Outgoing, Part};

/// Returns the payload of a request. An interface's `tenant` must be echoed in each (§4.4.6).
pub(crate) fn payload(ask: Ask<'_>, tenant: Option<&str>) -> Value {
    let mut payload = match ask {
        Ask::Send(outgoing) | Ask::Stream(outgoing) => message(outgoing),
        Ask::Task(task) | Ask::Cancel(task) | Ask::Resubscribe(task) => json!({ "id": task }),
    };
    if let Some(tenant) = tenant {
        payload["tenant"] = json!(tenant);
    }
    payload
}

fn message(outgoing: &Outgoing) -> Value {
    let mut message = json!({ "messageId": outgoing.message_id });
    if let Some(context) = &outgoing.context_id {
        message["contextId"] = json!(context);
    }
    if let Some(task) = &outgoing.task_id {
        message["taskId"] = json!(task);
    }
    if !outgoing.reference_task_ids.is_empty() {
        message["referenceTaskIds"] = json!(outgoing.reference_task_ids);
    }
    message["role"] = json!("ROLE_USER");
    message["parts"] = outgoing.parts.iter().map(part).collect();
    let mut payload = json!({
        "message": message,
        "configuration": { "acceptedOutputModes": ["text/plain"] },
    });
    if !outgoing.history.is_empty() {
        payload["metadata"] = json!({ "history": history(outgoing) });
    }
    payload
}

fn part(part: &Part) -> Value {
    match part {
        Part::Text(text) => json!({ "text": text }),
        Part::Bytes { name, mime, bytes } => {
            json!({ "raw": STANDARD.encode(bytes), "filename": name, "mediaType": mime })
        }
        Part::Uri { name, mime, uri } => json!({ "url": uri, "filename": name, "mediaType": mime }),
    }
}

fn history(outgoing: &Outgoing) -> Value {
    outgoing
        .history
        .iter()
        .map(|entry| {
            let role = if entry.by_agent { "ROLE_AGENT" } else { "ROLE_USER" };
            json!({ "role": role, "parts": [{ "text": entry.text }] })
        })
        .collect()
}
