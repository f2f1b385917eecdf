//! OpenAI Chat Completions: `POST /v1/chat/completions`, JSON and SSE, with tools.

use axum::http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Asked, Dialect, Refusal, Route, pieces, tokens};
use crate::{Answer, Arrival, Message, Prompt, PromptFile, Role, ToolCall, ToolOffer};

pub(crate) struct OpenAiChat;

/// Shown to whoever lists models; any other name is answered as well.
const MODELS: [&str; 2] = ["gpt-4o-mini", "gpt-4o"];

impl Dialect for OpenAiChat {
    fn name(&self) -> &'static str {
        "openai-chat"
    }

    fn route(&self, method: &Method, path: &str) -> Option<Route> {
        // base URLs are given with and without `/v1`
        let path = path.strip_prefix("/v1").unwrap_or(path);
        match (method, path) {
            (&Method::POST, "/chat/completions") => Some(Route::Ask),
            (&Method::GET, "/models") => {
                let data: Vec<_> = MODELS.iter().map(|id| model(id)).collect();
                Some(Route::Fixed(200, json!({ "object": "list", "data": data })))
            }
            (&Method::GET, _) => Some(Route::Fixed(200, model(path.strip_prefix("/models/")?))),
            _ => None,
        }
    }

    fn prompt(&self, asked: &Asked<'_>) -> Result<Prompt, Refusal> {
        let request: Request = serde_json::from_slice(asked.body).map_err(|error| {
            Refusal::bad(format!("We could not parse the JSON body of your request: {error}"))
        })?;
        let messages = request.messages.into_iter().map(message).collect::<Result<Vec<_>, _>>()?;
        if messages.is_empty() {
            return Err(Refusal::bad(
                "Invalid 'messages': empty array. Expected an array with minimum length 1.",
            ));
        }
        let tools = request.tools.unwrap_or_default().into_iter().filter_map(|tool| tool.function);
        Ok(Prompt {
            model: request.model,
            messages,
            tools: tools.map(|f| ToolOffer { name: f.name, parameters: f.parameters }).collect(),
            stream: request.stream.unwrap_or(false),
            stream_usage: request.stream_options.is_some_and(|options| options.include_usage),
        })
    }

    fn whole(&self, prompt: &Prompt, answer: &Answer, seq: u64) -> Value {
        json!({
            "id": id(seq), "object": "chat.completion", "created": CREATED, "model": prompt.model,
            "choices": [{
                "index": 0, "message": answer_message(answer), "logprobs": null, "finish_reason": finish(answer),
            }],
            "usage": usage(prompt, answer),
        })
    }

    fn frames(&self, prompt: &Prompt, answer: &Answer, seq: u64) -> Vec<String> {
        let chunk = |choices: Value| {
            json!({
                "id": id(seq), "object": "chat.completion.chunk", "created": CREATED, "model": prompt.model,
                "choices": choices,
            })
        };
        let delta = |delta: Value, finish: Option<&str>| {
            chunk(json!([{ "index": 0, "delta": delta, "logprobs": null, "finish_reason": finish }]))
        };
        let mut chunks = vec![delta(json!({ "role": "assistant", "content": "" }), None)];
        chunks.extend(pieces(&answer.text).map(|piece| delta(json!({ "content": piece }), None)));
        for (index, call) in answer.calls.iter().enumerate() {
            let mut call = call_json(call);
            call["index"] = json!(index);
            chunks.push(delta(json!({ "tool_calls": [call] }), None));
        }
        chunks.push(delta(json!({}), Some(finish(answer))));
        if prompt.stream_usage {
            let mut last = chunk(json!([]));
            last["usage"] = usage(prompt, answer);
            chunks.push(last);
        }
        let frames = chunks.iter().map(|chunk| format!("data: {chunk}\n\n"));
        frames.chain(["data: [DONE]\n\n".to_owned()]).collect()
    }

    fn refuse(&self, refusal: &Refusal) -> Value {
        let kind = if refusal.status >= 500 { "server_error" } else { "invalid_request_error" };
        json!({ "error": { "message": refusal.message, "type": kind, "param": null, "code": null } })
    }
}

fn id(seq: u64) -> String {
    format!("chatcmpl-{seq:012}")
}

fn finish(answer: &Answer) -> &'static str {
    if answer.calls.is_empty() { "stop" } else { "tool_calls" }
}

/// A fixed time (Unix seconds): nothing in an answer depends on the clock.
const CREATED: u64 = 1_767_225_600;

#[derive(Deserialize)]
struct Request {
    #[serde(default)]
    model: String,
    messages: Vec<InMessage>,
    tools: Option<Vec<InTool>>,
    stream: Option<bool>,
    stream_options: Option<StreamOptions>,
}

#[derive(Deserialize)]
struct StreamOptions {
    #[serde(default)]
    include_usage: bool,
}

#[derive(Deserialize)]
struct InMessage {
    role: String,
    #[serde(default)]
    content: Value,
    tool_calls: Option<Vec<InCall>>,
}

#[derive(Deserialize)]
struct InTool {
    function: Option<InFunction>,
}

#[derive(Deserialize)]
struct InFunction {
    name: String,
    #[serde(default)]
    parameters: Value,
}

#[derive(Deserialize)]
struct InCall {
    #[serde(default)]
    id: String,
    function: InCallFunction,
}

#[derive(Deserialize)]
struct InCallFunction {
    name: String,
    #[serde(default)]
    arguments: String,
}

fn message(message: InMessage) -> Result<Message, Refusal> {
    let role = match message.role.as_str() {
        "system" | "developer" => Role::System,
        "user" => Role::User,
        "assistant" => Role::Assistant,
        "tool" | "function" => Role::Tool,
        other => {
            return Err(Refusal::bad(format!(
                "Invalid value: '{other}'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and \
                 'developer'."
            )));
        }
    };
    let mut read = Message::text(role, "");
    match message.content {
        Value::String(text) => read.text = text,
        Value::Array(parts) => {
            let texts = parts.iter().filter_map(|part| part.get("text").and_then(Value::as_str));
            read.text = texts.collect::<Vec<_>>().join("\n");
            read.files = parts.iter().filter_map(file).collect();
        }
        _ => {}
    }
    read.calls = message
        .tool_calls
        .unwrap_or_default()
        .into_iter()
        .map(|call| ToolCall {
            id: call.id,
            name: call.function.name,
            arguments: serde_json::from_str(&call.function.arguments)
                .unwrap_or(Value::String(call.function.arguments)),
        })
        .collect();
    Ok(read)
}

/// A file part: `{"type":"file","file":{filename,file_data}}`, `{"type":"image_url","image_url":{url}}`.
fn file(part: &Value) -> Option<PromptFile> {
    let text = |pointer: &str| part.pointer(pointer).and_then(Value::as_str);
    let source = text("/file/file_data").or_else(|| text("/image_url/url")).or_else(|| text("/image_url"));
    let name = text("/file/filename").map(str::to_owned);
    match source {
        Some(source) => Some(super::file(source, name, None)),
        None => text("/file/file_id").map(|id| PromptFile {
            name: name.or_else(|| Some(id.to_owned())),
            mime: text("/file/format").map(str::to_owned),
            arrived: Arrival::Link,
            bytes: 0,
            text: id.to_owned(),
        }),
    }
}

fn model(id: &str) -> Value {
    json!({ "id": id, "object": "model", "created": CREATED, "owned_by": "coalmine" })
}

fn answer_message(answer: &Answer) -> Value {
    let mut message = json!({ "role": "assistant", "content": answer.text, "refusal": null });
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
    let (asked, answered) = tokens(prompt, answer);
    json!({ "prompt_tokens": asked, "completion_tokens": answered, "total_tokens": asked + answered })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &[u8]) -> Result<Prompt, Refusal> {
        OpenAiChat.prompt(&Asked { path: "/v1/chat/completions", body })
    }

    #[test]
    fn a_prompt_with_every_kind_of_content_is_read() {
        let body = json!({
            "model": "m",
            "messages": [
                {"role": "system", "content": "be brief"},
                {"role": "user", "content": [
                    {"type": "text", "text": "see"},
                    {"type": "file", "file": {"filename": "a.txt", "file_data": "data:text/plain;base64,Y29kZSA0Mg=="}},
                    {"type": "image_url", "image_url": {"url": "https://example.invalid/x.png"}}
                ]},
                {"role": "assistant", "content": null, "tool_calls": [
                    {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{\"x\":1}"}}]},
                {"role": "tool", "tool_call_id": "c1", "content": "ok"}
            ],
            "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]
        });
        let prompt = read(body.to_string().as_bytes()).unwrap();
        assert_eq!(prompt.messages[1].files[0].text, "code 42");
        assert_eq!(prompt.messages[1].files[1].arrived, Arrival::Link);
        assert_eq!(prompt.messages[2].calls[0].arguments, json!({"x": 1}));
        assert!(prompt.question().contains("code 42"), "{}", prompt.question());
        assert_eq!(prompt.memory(), "be brief\n\nok");
    }

    #[test]
    fn what_the_vendor_refuses_is_refused_in_its_words() {
        let refusal = read(br#"{"messages":[{"role":"robot","content":""}]}"#).unwrap_err();
        assert_eq!(refusal.status, 400);
        assert!(refusal.message.contains("'robot'"));
    }
}
