//! OpenAI Chat Completions: `POST /v1/chat/completions`, JSON and SSE, with tools.

use axum::{
    body::Body,
    http::{Method, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Dialect, Refusal, Route, json as respond_json, respond};
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

    fn prompt(&self, body: &[u8]) -> Result<Prompt, Refusal> {
        let request: Request = serde_json::from_slice(body).map_err(|error| {
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

    fn answer(&self, prompt: &Prompt, answer: &Answer, seq: u64) -> Response<Body> {
        let id = format!("chatcmpl-{seq:012}");
        let finish = if answer.calls.is_empty() { "stop" } else { "tool_calls" };
        if !prompt.stream {
            let body = json!({
                "id": id, "object": "chat.completion", "created": CREATED, "model": prompt.model,
                "choices": [{
                    "index": 0, "message": answer_message(answer), "logprobs": null, "finish_reason": finish,
                }],
                "usage": usage(prompt, answer),
            });
            return respond_json(200, &body);
        }
        let chunk = |choices: Value| {
            json!({
                "id": id, "object": "chat.completion.chunk", "created": CREATED, "model": prompt.model,
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
        chunks.push(delta(json!({}), Some(finish)));
        if prompt.stream_usage {
            let mut last = chunk(json!([]));
            last["usage"] = usage(prompt, answer);
            chunks.push(last);
        }
        let lines: String = chunks.iter().map(|chunk| format!("data: {chunk}\n\n")).collect();
        respond(200, "text/event-stream", (lines + "data: [DONE]\n\n").into())
    }

    fn refuse(&self, refusal: &Refusal) -> Response<Body> {
        let kind = if refusal.status >= 500 { "server_error" } else { "invalid_request_error" };
        let body =
            json!({ "error": { "message": refusal.message, "type": kind, "param": null, "code": null } });
        respond_json(refusal.status, &body)
    }
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
        Some(source) => Some(content(source, name)),
        None => text("/file/file_id").map(|id| PromptFile {
            name: name.or_else(|| Some(id.to_owned())),
            mime: text("/file/format").map(str::to_owned),
            arrived: Arrival::Link,
            bytes: 0,
            text: id.to_owned(),
        }),
    }
}

fn content(source: &str, name: Option<String>) -> PromptFile {
    let (mime, arrived, bytes) = match source.strip_prefix("data:").and_then(|rest| rest.split_once(',')) {
        Some((head, data)) => {
            let mime = head.split(';').next().filter(|mime| !mime.is_empty());
            let bytes = STANDARD.decode(data.trim()).unwrap_or_else(|_| data.as_bytes().to_vec());
            (mime.map(str::to_owned), Arrival::DataUri, bytes)
        }
        None if source.starts_with("http://") || source.starts_with("https://") => {
            return PromptFile {
                name,
                mime: None,
                arrived: Arrival::Link,
                bytes: 0,
                text: source.to_owned(),
            };
        }
        None => {
            let bytes = STANDARD.decode(source.trim()).unwrap_or_else(|_| source.as_bytes().to_vec());
            (None, Arrival::Inline, bytes)
        }
    };
    PromptFile { name, mime, arrived, bytes: bytes.len(), text: String::from_utf8_lossy(&bytes).into_owned() }
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

/// Token counts in the usual proportion of four bytes a token.
fn usage(prompt: &Prompt, answer: &Answer) -> Value {
    let tokens = |bytes: usize| bytes.div_ceil(4);
    let asked = tokens(prompt.messages.iter().map(|message| message.text.len()).sum());
    let answered = tokens(answer.text.len());
    json!({ "prompt_tokens": asked, "completion_tokens": answered, "total_tokens": asked + answered })
}

/// An answer in the pieces in which it is streamed: words with their spaces.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(' ').filter(|piece| !piece.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
        let prompt = OpenAiChat.prompt(body.to_string().as_bytes()).unwrap();
        assert_eq!(prompt.messages[1].files[0].text, "code 42");
        assert_eq!(prompt.messages[1].files[1].arrived, Arrival::Link);
        assert_eq!(prompt.messages[2].calls[0].arguments, json!({"x": 1}));
        assert!(prompt.question().contains("code 42"), "{}", prompt.question());
        assert_eq!(prompt.memory(), "be brief\n\nok");
    }

    #[test]
    fn what_the_vendor_refuses_is_refused_in_its_words() {
        let refusal = OpenAiChat.prompt(br#"{"messages":[{"role":"robot","content":""}]}"#).unwrap_err();
        assert_eq!(refusal.status, 400);
        assert!(refusal.message.contains("'robot'"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(body in prop::collection::vec(any::<u8>(), 0..256)) {
            let _ = OpenAiChat.prompt(&body);
        }

        #[test]
        fn the_pieces_add_up_to_the_answer(text in "\\PC{0,40}") {
            prop_assert_eq!(pieces(&text).collect::<String>(), text);
        }
    }
}
