//! Dialect 0.3: requests, in the platform's own shape and key order.
//!
//! Receivers do not care about the order of keys; whoever compares evidence does. Source: `types/src/types.ts` of the
//! 0.3 specification and the platform's envelope.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::{Outgoing, Part, ask::Ask};

/// The parameters of a request.
pub(crate) fn params(ask: Ask<'_>) -> Value {
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
    let mut params = json!({ "message": message, "configuration": configuration });
    if !outgoing.history.is_empty() {
        params["metadata"] = json!({ "history": history(outgoing) });
    }
    params
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
    use crate::{Dialect, HistoryEntry};

    fn send(outgoing: &Outgoing) -> Vec<u8> {
        Ask::Send(outgoing).encode(Dialect::V0_3, &outgoing.message_id, None)
    }

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
    fn continued_and_named_tasks_and_a_carried_history_have_their_places() {
        let outgoing = Outgoing {
            message_id: "m".into(),
            context_id: Some("c".into()),
            task_id: Some("t".into()),
            reference_task_ids: vec!["t0".into()],
            parts: vec![Part::Text("hi".into())],
            history: vec![HistoryEntry { by_agent: true, text: "Noted.".into() }],
        };
        assert_eq!(
            String::from_utf8_lossy(&send(&outgoing)),
            concat!(
                r#"{"jsonrpc":"2.0","id":"m","method":"message/send","params":{"message":{"role":"user","#,
                r#""messageId":"m","kind":"message","contextId":"c","taskId":"t","referenceTaskIds":["t0"],"#,
                r#""parts":[{"kind":"text","text":"hi"}]},"configuration":{"acceptedOutputModes":["text/plain"],"blocking":true},"#,
                r#""metadata":{"history":[{"role":"agent","parts":[{"kind":"text","text":"Noted."}]}]}}}"#
            )
        );
    }

    #[test]
    fn what_is_asked_about_a_task_says_its_id_and_a_stream_does_not_block() {
        let text =
            |ask: Ask<'_>| String::from_utf8(ask.encode(Dialect::V0_3, "i", Some("unknown here"))).unwrap();
        for (ask, method) in [
            (Ask::Task("t\""), "tasks/get"),
            (Ask::Cancel("t\""), "tasks/cancel"),
            (Ask::Resubscribe("t\""), "tasks/resubscribe"),
        ] {
            let expected =
                format!(r#"{{"jsonrpc":"2.0","id":"i","method":"{method}","params":{{"id":"t\""}}}}"#);
            assert_eq!(text(ask), expected);
        }
        let outgoing = Outgoing {
            message_id: "i".into(),
            context_id: None,
            task_id: None,
            reference_task_ids: vec![],
            parts: vec![Part::Text("hi".into())],
            history: vec![],
        };
        assert_eq!(
            text(Ask::Stream(&outgoing)),
            concat!(
                r#"{"jsonrpc":"2.0","id":"i","method":"message/stream","params":{"message":{"role":"user","#,
                r#""messageId":"i","kind":"message","parts":[{"kind":"text","text":"hi"}]},"#,
                r#""configuration":{"acceptedOutputModes":["text/plain"]}}}"#
            )
        );
    }
}
