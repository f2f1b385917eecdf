//! Dialect 1.0: requests in proto JSON (`lf.a2a.v1`, `specification/a2a.proto`).
//!
//! A blocking send is the default of 1.0 (`returnImmediately` absent), so it is not spelt out.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::{Outgoing, Part, ask::Ask};

/// The parameters of a request. An interface's `tenant` must be echoed in each (§4.4.6).
pub(crate) fn params(ask: Ask<'_>, tenant: Option<&str>) -> Value {
    let mut params = match ask {
        Ask::Send(outgoing) | Ask::Stream(outgoing) => message(outgoing),
        Ask::Task(task) | Ask::Cancel(task) | Ask::Resubscribe(task) => json!({ "id": task }),
    };
    if let Some(tenant) = tenant {
        params["tenant"] = json!(tenant);
    }
    params
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
    let mut params = json!({
        "message": message,
        "configuration": { "acceptedOutputModes": ["text/plain"] },
    });
    if !outgoing.history.is_empty() {
        params["metadata"] = json!({ "history": history(outgoing) });
    }
    params
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
