//! Bedrock: `POST /model/<id>/converse` and `/converse-stream`, as JSON and as an AWS event stream, with
//! tools. Any signature is accepted.

mod request;
mod event_stream;

use axum::http::Method;
use bytes::Bytes;
use serde_json::{Value, json};

use super::{Dialect, ModelRequest, Route, TokenCounts, Violations, is_cut, pieces};
use crate::{Answer, Prompt, http::Refusal};

/// The dialect of Converse.
pub(crate) struct Bedrock;

impl Dialect for Bedrock {
    fn name(&self) -> &'static str {
        "bedrock"
    }

    fn route(&self, method: &Method, path: &str) -> Option<Route> {
        (method == Method::POST && model_and_action(path).is_some()).then_some(Route::Ask)
    }

    fn parse(&self, request: &ModelRequest<'_>, violations: &Violations) -> Result<Prompt, Refusal> {
        let path = request.path.split('?').next().unwrap_or_default();
        let (model, action) = model_and_action(path).unwrap_or((path, ""));
        let model = model.replace("%3A", ":").replace("%2F", "/").replace("%3a", ":").replace("%2f", "/");
        request::read(model, action == "converse-stream", request.body, violations)
    }

    fn body(&self, prompt: &Prompt, answer: &Answer, _id: u64) -> Value {
        let text =
            (!answer.text.is_empty() || answer.calls.is_empty()).then(|| json!({ "text": answer.text }));
        let calls = answer.calls.iter().map(
            |call| json!({ "toolUse": { "toolUseId": call.id, "name": call.name, "input": call.arguments } }),
        );
        let content: Vec<_> = text.into_iter().chain(calls).collect();
        json!({
            "output": { "message": { "role": "assistant", "content": content } },
            "stopReason": stop_reason(prompt, answer), "usage": usage(prompt, answer), "metrics": { "latencyMs": 1 },
        })
    }

    /// Writes events: the name of each, a line break, and its payload; [`Self::encode`] frames them.
    fn frames(&self, prompt: &Prompt, answer: &Answer, _id: u64) -> Vec<String> {
        let mut events = vec![("messageStart", json!({ "role": "assistant" }))];
        let has_text = !answer.text.is_empty() || answer.calls.is_empty();
        if has_text {
            let deltas = pieces(&answer.text);
            events.extend(deltas.map(|piece| ("contentBlockDelta", delta(0, json!({ "text": piece })))));
            events.push(("contentBlockStop", json!({ "contentBlockIndex": 0 })));
        }
        for (block, call) in (usize::from(has_text)..).zip(&answer.calls) {
            let start = json!({ "toolUse": { "toolUseId": call.id, "name": call.name } });
            events.push(("contentBlockStart", json!({ "contentBlockIndex": block, "start": start })));
            for piece in pieces(&call.arguments.to_string()) {
                let input = json!({ "toolUse": { "input": piece } });
                events.push(("contentBlockDelta", delta(block, input)));
            }
            events.push(("contentBlockStop", json!({ "contentBlockIndex": block })));
        }
        events.push(("messageStop", json!({ "stopReason": stop_reason(prompt, answer) })));
        let end = json!({ "usage": usage(prompt, answer), "metrics": { "latencyMs": 1 } });
        events.push(("metadata", end));
        events.into_iter().map(|(event, payload)| format!("{event}\n{payload}")).collect()
    }

    fn encode(&self, frame: String) -> Bytes {
        let (event, payload) = frame.split_once('\n').unwrap_or(("", &frame));
        event_stream::frame(event, payload.as_bytes()).into()
    }

    fn stream_type(&self) -> &'static str {
        "application/vnd.amazon.eventstream"
    }

    fn error_body(&self, refusal: &Refusal, _id: u64) -> Value {
        let kind = match refusal.status {
            403 => "AccessDeniedException",
            404 => "ResourceNotFoundException",
            429 => "ThrottlingException",
            500 => "InternalServerException",
            501.. => "ServiceUnavailableException",
            _ => "ValidationException",
        };
        json!({ "message": refusal.message, "__type": kind })
    }

    fn request_id_header(&self) -> Option<&'static str> {
        Some("x-amzn-requestid")
    }
}

/// Splits `/model/<id>/<action>`. An id may be an ARN, with slashes in it.
fn model_and_action(path: &str) -> Option<(&str, &str)> {
    let (model, action) = path.strip_prefix("/model/")?.rsplit_once('/')?;
    matches!(action, "converse" | "converse-stream").then_some((model, action))
}

fn delta(block: usize, delta: Value) -> Value {
    json!({ "contentBlockIndex": block, "delta": delta })
}

fn stop_reason(prompt: &Prompt, answer: &Answer) -> &'static str {
    if !answer.calls.is_empty() {
        "tool_use"
    } else if is_cut(prompt, answer) {
        "max_tokens"
    } else {
        "end_turn"
    }
}

fn usage(prompt: &Prompt, answer: &Answer) -> Value {
    let tokens = TokenCounts::of(prompt, answer);
    json!({ "inputTokens": tokens.input, "outputTokens": tokens.output, "totalTokens": tokens.total() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Role, ToolCall, ToolChoice};

    fn read(body: &Value) -> Result<Prompt, String> {
        let body = body.to_string();
        let request = ModelRequest { path: "/model/a.b-v1%3A0/converse", body: body.as_bytes() };
        Bedrock.parse(&request, &Violations::default()).map_err(|refusal| refusal.message)
    }

    #[test]
    fn reads_every_kind_of_block() {
        let prompt = read(&json!({
            "system": [{"text": "be brief"}],
            "messages": [
                {"role": "user", "content": [{"text": "see"},
                    {"document": {"format": "txt", "name": "a", "source": {"bytes": "Y29kZSA0Mg=="}}}]},
                {"role": "assistant", "content": [{"toolUse": {"toolUseId": "c", "name": "f", "input": {"x": 1}}}]},
                {"role": "user", "content": [{"toolResult": {"toolUseId": "c", "status": "error",
                    "content": [{"text": "no"}]}}]},
            ],
            "inferenceConfig": {"maxTokens": 9, "stopSequences": ["x"]},
            "toolConfig": {"tools": [{"toolSpec": {"name": "f", "inputSchema": {"json": {"type": "object"}}}}],
                "toolChoice": {"tool": {"name": "f"}}},
        }))
        .unwrap();
        assert_eq!((prompt.model.as_str(), prompt.max_tokens), ("a.b-v1:0", Some(9)));
        assert_eq!(prompt.question(), "see\na\ncode 42");
        assert_eq!(prompt.tool_choice, ToolChoice::Named("f".into()));
        let result = prompt.messages.last().unwrap();
        assert!(result.role == Role::Tool && result.is_error && result.text == "no");
    }

    #[test]
    fn refuses_in_the_words_of_the_vendor() {
        let message = |role: &str, block: Value| json!({"role": role, "content": [block]});
        let refused = |messages: Value| read(&json!({ "messages": messages })).unwrap_err();
        let text = json!({"text": "a"});
        assert!(refused(json!([])).contains("messages is empty"));
        assert!(
            refused(json!([message("assistant", text.clone())])).contains("must start with a user message")
        );
        let twice = json!([message("user", text.clone()), message("user", text)]);
        assert!(refused(twice).contains("must alternate"));
        assert!(
            refused(json!([message("user", json!({"text": " "}))])).contains("messages.0.content.0 is blank")
        );
        let result = json!({"toolResult": {"toolUseId": "c", "content": []}});
        assert!(refused(json!([message("user", result)])).contains("toolConfig field must be defined"));
    }

    #[test]
    fn events_add_up_to_the_answer() {
        let call = ToolCall { id: "c".into(), name: "f".into(), arguments: json!({"x": "a b"}) };
        let answer = Answer { text: "Let me  see.".into(), calls: vec![call] };
        let events = Bedrock.frames(&Prompt::default(), &answer, 7);
        let payloads = events.iter().map(|event| event.split_once('\n').unwrap().1);
        let payloads: Vec<Value> = payloads.map(|payload| serde_json::from_str(payload).unwrap()).collect();
        let sum = |at: &str| payloads.iter().filter_map(|p| p.pointer(at)?.as_str()).collect::<String>();
        assert_eq!(sum("/delta/text"), answer.text);
        assert_eq!(sum("/delta/toolUse/input"), r#"{"x":"a b"}"#);
        assert_eq!(sum("/stopReason"), "tool_use");
    }
}
