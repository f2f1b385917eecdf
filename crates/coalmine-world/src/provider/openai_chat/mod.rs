//! OpenAI Chat Completions: `POST /v1/chat/completions`, JSON and SSE, with tools.

mod request;
mod message;
mod turns;
mod tool_choice;
mod format;

use axum::http::Method;
pub(super) use format::Format;
pub(super) use message::tool_call;
use serde_json::{Value, json};
pub(super) use tool_choice::{read_choice, read_stop};

use super::{
    Dialect, EmbeddingForm, ModelRequest, Route, TokenCounts, Violations,
    azure::{deployment, openai_path},
    is_cut, pieces,
};
use crate::{Answer, Prompt, ToolCall, http::Refusal};

/// The dialect of Chat Completions.
pub(crate) struct OpenAiChat;

/// The models that are listed. Any other name is answered as well.
const MODELS: [&str; 2] = ["gpt-4o-mini", "gpt-4o"];

/// The header in which the vendor sends the id of a request.
pub(super) const ID_HEADER: &str = "x-request-id";

/// A fixed time (Unix seconds): nothing in an answer depends on the clock.
pub(super) const CREATED: u64 = 1_767_225_600;

impl Dialect for OpenAiChat {
    fn name(&self) -> &'static str {
        "openai-chat"
    }

    fn route(&self, method: &Method, path: &str) -> Option<Route> {
        let path = openai_path(path);
        match (method, path) {
            (&Method::POST, "/chat/completions") => Some(Route::Ask),
            (&Method::POST, "/embeddings") => Some(Route::Embed(EmbeddingForm::OpenAi)),
            (&Method::POST, "/moderations") => Some(Route::Moderate),
            (&Method::POST, "/files") => Some(Route::Upload),
            (&Method::GET, "/models") => {
                let data: Vec<_> = MODELS.iter().map(|id| model(id)).collect();
                Some(Route::Fixed(200, json!({ "object": "list", "data": data })))
            }
            (&Method::GET, _) => Some(Route::Fixed(200, model(path.strip_prefix("/models/")?))),
            _ => None,
        }
    }

    fn parse(&self, request: &ModelRequest<'_>, violations: &Violations) -> Result<Prompt, Refusal> {
        request::read(request.body, deployment(request.path), violations)
    }

    fn body(&self, prompt: &Prompt, answer: &Answer, id: u64) -> Value {
        json!({
            "id": response_id(id), "object": "chat.completion", "created": CREATED, "model": prompt.model,
            "choices": [{
                "index": 0, "message": answer_message(answer), "logprobs": null,
                "finish_reason": finish_reason(prompt, answer),
            }],
            "usage": usage(prompt, answer), "service_tier": "default", "system_fingerprint": null,
        })
    }

    fn frames(&self, prompt: &Prompt, answer: &Answer, id: u64) -> Vec<String> {
        let delta = |delta: Value| chunk(prompt, id, delta_choice(&delta, None));
        let content = if answer.calls.is_empty() { json!("") } else { Value::Null };
        let mut chunks = vec![delta(json!({ "role": "assistant", "content": content, "refusal": null }))];
        chunks.extend(pieces(&answer.text).map(|piece| delta(json!({ "content": piece }))));
        for (index, call) in answer.calls.iter().enumerate() {
            let mut begun = call_json(call);
            begun["index"] = json!(index);
            begun["function"]["arguments"] = json!("");
            chunks.push(delta(json!({ "tool_calls": [begun] })));
            for piece in pieces(&call.arguments.to_string()) {
                let more = json!({ "index": index, "function": { "arguments": piece } });
                chunks.push(delta(json!({ "tool_calls": [more] })));
            }
        }
        chunks.push(chunk(prompt, id, delta_choice(&json!({}), Some(finish_reason(prompt, answer)))));
        if prompt.stream_usage {
            let mut last = chunk(prompt, id, json!([]));
            last["usage"] = usage(prompt, answer);
            chunks.push(last);
        }
        let frames = chunks.iter().map(|chunk| format!("data: {chunk}\n\n"));
        frames.chain(["data: [DONE]\n\n".to_owned()]).collect()
    }

    fn error_body(&self, refusal: &Refusal, _id: u64) -> Value {
        error(refusal)
    }

    fn request_id_header(&self) -> Option<&'static str> {
        Some(ID_HEADER)
    }
}

/// Writes the vendor's error body. `code` and `param` are derived from the message, as far as SDKs and
/// frameworks read them.
pub(super) fn error(refusal: &Refusal) -> Value {
    let message = refusal.message.as_str();
    let (code, param) = if let Some(param) = quoted_after(message, "Missing required parameter: '") {
        (Some("missing_required_parameter"), Some(param))
    } else if message.starts_with("Invalid value: '") {
        (Some("invalid_value"), None)
    } else if message.contains("': empty array.") {
        (Some("empty_array"), quoted_after(message, "Invalid '"))
    } else if message.contains("': integer below minimum value.") {
        (Some("integer_below_min_value"), quoted_after(message, "Invalid '"))
    } else if refusal.status == 429 {
        (Some("rate_limit_exceeded"), None)
    } else if message.starts_with("Previous response with id") {
        (Some("previous_response_not_found"), Some("previous_response_id"))
    } else {
        (None, None)
    };
    let kind = match refusal.status {
        429 => "requests",
        500.. => "server_error",
        _ => "invalid_request_error",
    };
    json!({ "error": { "message": message, "type": kind, "param": param, "code": code } })
}

/// Returns the text between a prefix and the next quotation mark.
fn quoted_after<'a>(message: &'a str, prefix: &str) -> Option<&'a str> {
    message.strip_prefix(prefix)?.split_once('\'').map(|(name, _)| name)
}

fn response_id(id: u64) -> String {
    format!("chatcmpl-{id:012}")
}

fn finish_reason(prompt: &Prompt, answer: &Answer) -> &'static str {
    if !answer.calls.is_empty() {
        "tool_calls"
    } else if is_cut(prompt, answer) {
        "length"
    } else {
        "stop"
    }
}

/// Writes a chunk of a stream.
fn chunk(prompt: &Prompt, id: u64, choices: Value) -> Value {
    let mut chunk = json!({
        "id": response_id(id), "object": "chat.completion.chunk", "created": CREATED, "model": prompt.model,
        "service_tier": "default", "system_fingerprint": null, "choices": choices,
    });
    if prompt.stream_usage {
        chunk["usage"] = Value::Null;
    }
    chunk
}

/// Writes the choices of a chunk that adds a delta.
fn delta_choice(delta: &Value, finish: Option<&str>) -> Value {
    json!([{ "index": 0, "delta": delta, "logprobs": null, "finish_reason": finish }])
}

fn model(id: &str) -> Value {
    json!({ "id": id, "object": "model", "created": CREATED, "owned_by": "coalmine" })
}

fn answer_message(answer: &Answer) -> Value {
    let mut message =
        json!({ "role": "assistant", "content": answer.text, "refusal": null, "annotations": [] });
    if !answer.calls.is_empty() {
        message["content"] = Value::Null;
        message["tool_calls"] = answer.calls.iter().map(call_json).collect();
    }
    message
}

fn call_json(call: &ToolCall) -> Value {
    let arguments = call.arguments.to_string();
    json!({ "id": call.id, "type": "function", "function": { "name": call.name, "arguments": arguments } })
}

fn usage(prompt: &Prompt, answer: &Answer) -> Value {
    let tokens = TokenCounts::of(prompt, answer);
    json!({
        "prompt_tokens": tokens.input, "completion_tokens": tokens.output, "total_tokens": tokens.total(),
        "prompt_tokens_details": { "cached_tokens": 0, "audio_tokens": 0 },
        "completion_tokens_details": {
            "reasoning_tokens": 0, "audio_tokens": 0, "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deltas(answer: &Answer) -> Vec<Value> {
        let prompt = Prompt { stream_usage: true, ..Prompt::default() };
        let frames = OpenAiChat.frames(&prompt, answer, 7);
        assert_eq!(frames.last().unwrap(), "data: [DONE]\n\n");
        let frames = frames.iter().filter_map(|f| serde_json::from_str(f.strip_prefix("data: ")?).ok());
        frames.collect()
    }

    #[test]
    fn frames_add_up_to_the_answer() {
        let text = "Your name is  Zorvane-4417.";
        let chunks = deltas(&Answer { text: text.into(), calls: vec![] });
        let streamed: String =
            chunks.iter().filter_map(|c| c.pointer("/choices/0/delta/content")?.as_str()).collect();
        assert_eq!(streamed, text);
        assert_eq!(chunks[chunks.len() - 2]["choices"][0]["finish_reason"], "stop");
        assert!(chunks[chunks.len() - 1]["usage"]["total_tokens"].is_u64());
    }

    #[test]
    fn frames_add_up_to_the_arguments_of_a_call() {
        let call = ToolCall { id: "c".into(), name: "f".into(), arguments: json!({"x": "a b c"}) };
        let chunks = deltas(&Answer { text: String::new(), calls: vec![call] });
        let arguments = "/choices/0/delta/tool_calls/0/function/arguments";
        let streamed: String = chunks.iter().filter_map(|c| c.pointer(arguments)?.as_str()).collect();
        assert_eq!(streamed, r#"{"x":"a b c"}"#);
    }

    #[test]
    fn errors_name_the_missing_parameter() {
        let body = error(&Refusal::bad_request("Missing required parameter: 'messages'."));
        assert_eq!(body["error"]["param"], "messages");
        assert_eq!(body["error"]["code"], "missing_required_parameter");
    }
}
