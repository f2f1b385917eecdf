//! Anthropic Messages: `POST /v1/messages`, JSON and SSE, with tools; `POST /v1/messages/count_tokens`; and
//! the probes that claude-code sends first.

mod request;
mod content;
mod attachment;
mod turns;
mod response_format;

use axum::http::Method;
use serde_json::{Value, json};

use super::{Dialect, ModelRequest, Route, TokenCounts, Violations, is_cut, pieces, request_id};
use crate::{Answer, Prompt, RequestKind, ToolCall, http::Refusal};

/// The dialect of the Messages API.
pub(crate) struct Anthropic;

/// The models that are listed. Any other name is answered as well.
const MODELS: [&str; 2] = ["claude-sonnet-5", "claude-opus-5-5"];

const COUNT: &str = "/v1/messages/count_tokens";

impl Dialect for Anthropic {
    fn name(&self) -> &'static str {
        "anthropic"
    }

    fn route(&self, method: &Method, path: &str) -> Option<Route> {
        match (method, path) {
            (&Method::POST, "/v1/messages" | COUNT) => Some(Route::Ask),
            (&Method::HEAD, "/") | (&Method::HEAD | &Method::GET, "/api/hello") => {
                Some(Route::Fixed(200, json!({ "message": "hello" })))
            }
            (&Method::GET, "/v1/models") => Some(Route::Fixed(200, models())),
            (&Method::GET, _) => Some(Route::Fixed(200, model(path.strip_prefix("/v1/models/")?))),
            _ => None,
        }
    }

    fn parse(&self, request: &ModelRequest<'_>, violations: &Violations) -> Result<Prompt, Refusal> {
        let counts = request.path.split('?').next() == Some(COUNT);
        request::read(
            request.body,
            if counts { RequestKind::Tokens } else { RequestKind::Answer },
            violations,
        )
    }

    fn body(&self, prompt: &Prompt, answer: &Answer, id: u64) -> Value {
        if prompt.request_kind == RequestKind::Tokens {
            return json!({ "input_tokens": TokenCounts::of(prompt, answer).input });
        }
        let text = (!answer.text.is_empty()).then(|| json!({ "type": "text", "text": answer.text }));
        let calls = answer.calls.iter().map(|call| tool_use(call, call.arguments.clone()));
        let mut message = message(prompt, id, usage(prompt, answer));
        message["content"] = text.into_iter().chain(calls).collect();
        message["stop_reason"] = stop_reason(prompt, answer).into();
        message
    }

    fn frames(&self, prompt: &Prompt, answer: &Answer, id: u64) -> Vec<String> {
        let mut usage = usage(prompt, answer);
        let end = json!({
            "input_tokens": usage["input_tokens"], "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0,
            "output_tokens": usage["output_tokens"],
        });
        usage["output_tokens"] = json!(1);
        let mut events = vec![
            json!({ "type": "message_start", "message": message(prompt, id, usage) }),
            json!({ "type": "ping" }),
        ];
        let has_text = !answer.text.is_empty();
        if has_text {
            let deltas = pieces(&answer.text).map(|piece| json!({ "type": "text_delta", "text": piece }));
            push_block(&mut events, 0, json!({ "type": "text", "text": "" }), deltas);
        }
        for (index, call) in (usize::from(has_text)..).zip(&answer.calls) {
            let arguments = call.arguments.to_string();
            let parts = [""].into_iter().chain(pieces(&arguments));
            let deltas = parts.map(|part| json!({ "type": "input_json_delta", "partial_json": part }));
            push_block(&mut events, index, tool_use(call, json!({})), deltas);
        }
        let stop = json!({ "stop_reason": stop_reason(prompt, answer), "stop_sequence": null, "stop_details": null });
        events.push(json!({ "type": "message_delta", "delta": stop, "usage": end }));
        events.push(json!({ "type": "message_stop" }));
        events.iter().map(frame).collect()
    }

    fn request_id_header(&self) -> Option<&'static str> {
        Some("request-id")
    }

    fn error_body(&self, refusal: &Refusal, id: u64) -> Value {
        let kind = match refusal.status {
            401 => "authentication_error",
            403 => "permission_error",
            404 => "not_found_error",
            413 => "request_too_large",
            429 => "rate_limit_error",
            529 => "overloaded_error",
            500.. => "api_error",
            _ => "invalid_request_error",
        };
        let error = json!({ "type": kind, "message": refusal.message });
        json!({ "type": "error", "error": error, "request_id": request_id(id) })
    }
}

/// Adds the events of a content block.
fn push_block(events: &mut Vec<Value>, index: usize, start: Value, deltas: impl Iterator<Item = Value>) {
    events.push(json!({ "type": "content_block_start", "index": index, "content_block": start }));
    events
        .extend(deltas.map(|delta| json!({ "type": "content_block_delta", "index": index, "delta": delta })));
    events.push(json!({ "type": "content_block_stop", "index": index }));
}

/// Writes an event as a frame of the stream.
fn frame(event: &Value) -> String {
    let name = event["type"].as_str().unwrap_or_default();
    format!("event: {name}\ndata: {event}\n\n")
}

fn models() -> Value {
    let data: Vec<_> = MODELS.iter().map(|id| model(id)).collect();
    json!({ "data": data, "has_more": false, "first_id": MODELS.first(), "last_id": MODELS.last() })
}

fn model(id: &str) -> Value {
    json!({
        "type": "model", "id": id, "display_name": id, "created_at": "2026-01-01T00:00:00Z", "lifecycle": "active",
        "deprecated_at": null, "retires_at": null, "line": null, "capabilities": null, "max_input_tokens": 200_000,
        "max_tokens": 64_000,
    })
}

/// Writes a message without content.
fn message(prompt: &Prompt, id: u64, usage: Value) -> Value {
    json!({
        "id": format!("msg_{id:012}"), "type": "message", "role": "assistant", "model": prompt.model,
        "content": [], "stop_reason": null, "stop_sequence": null, "stop_details": null, "usage": usage,
    })
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

/// Writes a call. Its id is the one in the journal, with the vendor's prefix.
fn tool_use(call: &ToolCall, input: Value) -> Value {
    let id = call.id.replacen("call_", "toolu_", 1);
    json!({ "type": "tool_use", "id": id, "name": call.name, "input": input })
}

fn usage(prompt: &Prompt, answer: &Answer) -> Value {
    let tokens = TokenCounts::of(prompt, answer);
    json!({
        "input_tokens": tokens.input, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0,
        "cache_creation": { "ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0 },
        "output_tokens": tokens.output, "service_tier": "standard", "inference_geo": "global",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn called() -> Answer {
        let call = |id: &str| ToolCall { id: id.into(), name: "f".into(), arguments: json!({"q": "a b c"}) };
        Answer { text: "Let me see.".into(), calls: vec![call("call_1"), call("call_2")] }
    }

    #[test]
    fn body_and_stream_agree() {
        let prompt = Prompt { model: "claude".into(), ..Prompt::default() };
        for answer in [called(), Answer { text: "It is teal.".into(), calls: vec![] }, Answer::default()] {
            let body = Anthropic.body(&prompt, &answer, 7);
            let mut message = Value::Null;
            let mut json_parts = String::new();
            for frame in Anthropic.frames(&prompt, &answer, 7) {
                let (name, data) = frame.trim_end().split_once('\n').unwrap();
                let event: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
                assert_eq!(name.strip_prefix("event: "), event["type"].as_str());
                let index = event["index"].as_u64().map_or(0, |index| usize::try_from(index).unwrap());
                match event["type"].as_str().unwrap() {
                    "message_start" => message = event["message"].clone(),
                    "content_block_start" => {
                        message["content"].as_array_mut().unwrap().push(event["content_block"].clone());
                    }
                    "content_block_delta" => {
                        if let Some(text) = event["delta"]["text"].as_str() {
                            let joined =
                                message["content"][index]["text"].as_str().unwrap().to_owned() + text;
                            message["content"][index]["text"] = joined.into();
                        }
                        json_parts += event["delta"]["partial_json"].as_str().unwrap_or_default();
                    }
                    "content_block_stop" if !json_parts.is_empty() => {
                        message["content"][index]["input"] = serde_json::from_str(&json_parts).unwrap();
                        json_parts.clear();
                    }
                    "message_delta" => {
                        message["stop_reason"] = event["delta"]["stop_reason"].clone();
                        message["usage"]["output_tokens"] = event["usage"]["output_tokens"].clone();
                    }
                    _ => {}
                }
            }
            assert_eq!(message, body);
        }
    }

    #[test]
    fn calls_stop_the_message_and_have_vendor_ids() {
        let body = Anthropic.body(&Prompt::default(), &called(), 7);
        assert_eq!(body["stop_reason"], "tool_use");
        assert_eq!(body["content"][1]["id"], "toolu_1");
        assert_eq!(body["content"][1]["input"], json!({"q": "a b c"}));
    }

    #[test]
    fn counts_tokens_without_an_answer() {
        let body = json!({"model": "m", "messages": [{"role": "user", "content": "12345678"}]}).to_string();
        let request = ModelRequest { path: "/v1/messages/count_tokens?beta=true", body: body.as_bytes() };
        let read_strict = |request: &ModelRequest<'_>| Anthropic.parse(request, &Violations::default());
        let prompt = read_strict(&request).unwrap();
        assert_eq!(Anthropic.body(&prompt, &called(), 0), json!({"input_tokens": 2}));
        assert!(read_strict(&ModelRequest { path: "/v1/messages?beta=true", ..request }).is_err());
    }

    #[test]
    fn names_errors_after_their_status() {
        let refusal = |status| Refusal { status, message: "no".into() };
        assert_eq!(Anthropic.error_body(&refusal(529), 7)["error"]["type"], "overloaded_error");
        assert_eq!(Anthropic.error_body(&refusal(500), 7)["error"]["type"], "api_error");
        let expected = json!({"type": "invalid_request_error", "message": "no"});
        assert_eq!(Anthropic.error_body(&refusal(400), 7)["error"], expected);
    }
}
