//! Dialect 0.3: requests, in the platform's own shape and key order.
//!
//! Receivers do not care about the order of keys; whoever compares evidence does. Source: `types/src/types.ts` of the
//! 0.3 specification and the platform's envelope.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::{Outgoing, Part};

/// `message/send`, compact.
pub(crate) fn send(outgoing: &Outgoing) -> Vec<u8> {
    request(&outgoing.message_id, "message/send", params(outgoing))
}

/// `message/stream`: the same, but that it does not block.
pub(crate) fn stream(outgoing: &Outgoing) -> Vec<u8> {
    let mut params = params(outgoing);
    params["configuration"] = json!({ "acceptedOutputModes": ["text/plain"] });
    request(&outgoing.message_id, "message/stream", params)
}

fn params(outgoing: &Outgoing) -> Value {
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
    let mut params = json!({
        "message": message,
        "configuration": { "acceptedOutputModes": ["text/plain"], "blocking": true },
    });
    if !outgoing.history.is_empty() {
        params["metadata"] = json!({ "history": history(outgoing) });
    }
    params
}

/// `tasks/get` and its like.
pub(crate) fn of_task(method: &str, id: &str, task: &str) -> Vec<u8> {
    request(id, method, json!({ "id": task }))
}

fn request(id: &str, method: &str, params: Value) -> Vec<u8> {
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }).to_string().into_bytes()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_envelope_is_the_platforms_to_the_byte() {
        let outgoing = Outgoing {
            message_id: "canary-4b1f6a2c9d0e".into(),
            context_id: Some("5f0c1f0e-7c1e-4a58-9a4e-0d6a2f7b9c11".into()),
            task_id: None,
            reference_task_ids: vec![],
            parts: vec![
                Part::Text("summarize this".into()),
                Part::Bytes {
                    name: "canary-doc-91ab02ff.txt".into(),
                    mime: "text/plain".into(),
                    bytes: b"Quarterly review.".to_vec(),
                },
            ],
            history: vec![],
        };
        let recorded = include_bytes!("../tests/fixtures/message-send.json");
        assert_eq!(String::from_utf8_lossy(&send(&outgoing)), String::from_utf8_lossy(recorded).trim_end());
    }

    #[test]
    fn a_continued_task_and_a_carried_history_have_their_places() {
        let outgoing = Outgoing {
            message_id: "m".into(),
            context_id: Some("c".into()),
            task_id: Some("t".into()),
            reference_task_ids: vec![],
            parts: vec![Part::Text("hi".into())],
            history: vec![HistoryEntry { by_agent: true, text: "Noted.".into() }],
        };
        assert_eq!(
            String::from_utf8_lossy(&send(&outgoing)),
            concat!(
                r#"{"jsonrpc":"2.0","id":"m","method":"message/send","params":{"message":{"role":"user","#,
                r#""messageId":"m","kind":"message","contextId":"c","taskId":"t","parts":[{"kind":"text","#,
                r#""text":"hi"}]},"configuration":{"acceptedOutputModes":["text/plain"],"blocking":true},"#,
                r#""metadata":{"history":[{"role":"agent","parts":[{"kind":"text","text":"Noted."}]}]}}}"#
            )
        );
    }

    use crate::HistoryEntry;
}
