//! Ollama: `POST /api/chat` and `POST /api/generate`, JSON and NDJSON, with tools.

mod request;

use axum::http::Method;
use serde_json::{Value, json};

use super::{Dialect, EmbeddingForm, ModelRequest, Route, TokenCounts, Violations, is_cut, pieces};
use crate::{Answer, Prompt, ToolCall, http::Refusal};

/// The dialect of `/api/chat`, with the paths at which clients look up models.
pub(crate) struct OllamaChat;

/// The dialect of `/api/generate`.
pub(crate) struct OllamaGenerate;

/// A fixed time: nothing in an answer depends on the clock.
const CREATED: &str = "2026-01-01T00:00:00Z";

impl Dialect for OllamaChat {
    fn name(&self) -> &'static str {
        "ollama-chat"
    }

    fn route(&self, method: &Method, path: &str) -> Option<Route> {
        match (method, path) {
            (&Method::POST, "/api/chat") => Some(Route::Ask),
            (&Method::POST, "/api/embed") => Some(Route::Embed(EmbeddingForm::Ollama)),
            (&Method::POST, "/api/embeddings") => Some(Route::Embed(EmbeddingForm::OllamaSingle)),
            (&Method::POST, "/api/show") => Some(Route::Fixed(200, show())),
            (&Method::GET, "/api/tags") => Some(Route::Fixed(200, json!({ "models": [model()] }))),
            (&Method::GET, "/api/version") => Some(Route::Fixed(200, json!({ "version": "0.12.0" }))),
            _ => None,
        }
    }

    fn parse(&self, request: &ModelRequest<'_>, violations: &Violations) -> Result<Prompt, Refusal> {
        request::chat(request.body, violations)
    }

    fn body(&self, prompt: &Prompt, answer: &Answer, _seq: u64) -> Value {
        let mut whole = last(prompt, answer);
        whole["message"] = message(&answer.text, answer);
        whole
    }

    fn frames(&self, prompt: &Prompt, answer: &Answer, _seq: u64) -> Vec<String> {
        let no_calls = Answer::default();
        let mut lines: Vec<_> = pieces(&answer.text).map(|piece| message(piece, &no_calls)).collect();
        if !answer.calls.is_empty() {
            lines.push(message("", answer));
        }
        let mut end = last(prompt, answer);
        end["message"] = message("", &no_calls);
        stream(prompt, "message", lines, end)
    }

    fn stream_type(&self) -> &'static str {
        "application/x-ndjson"
    }

    fn error_body(&self, refusal: &Refusal, _id: u64) -> Value {
        json!({ "error": refusal.message })
    }
}

impl Dialect for OllamaGenerate {
    fn name(&self) -> &'static str {
        "ollama-generate"
    }

    fn route(&self, method: &Method, path: &str) -> Option<Route> {
        (method == Method::POST && path == "/api/generate").then_some(Route::Ask)
    }

    fn parse(&self, request: &ModelRequest<'_>, violations: &Violations) -> Result<Prompt, Refusal> {
        request::generate(request.body, violations)
    }

    fn body(&self, prompt: &Prompt, answer: &Answer, _seq: u64) -> Value {
        let mut whole = last(prompt, answer);
        whole["response"] = json!(if prompt.messages.is_empty() { "" } else { &answer.text });
        whole
    }

    fn frames(&self, prompt: &Prompt, answer: &Answer, _seq: u64) -> Vec<String> {
        let mut end = last(prompt, answer);
        end["response"] = json!("");
        stream(prompt, "response", pieces(&answer.text).map(|piece| json!(piece)).collect(), end)
    }

    fn stream_type(&self) -> &'static str {
        "application/x-ndjson"
    }

    fn error_body(&self, refusal: &Refusal, _id: u64) -> Value {
        json!({ "error": refusal.message })
    }
}

/// Writes the lines of a stream: each holds a piece under a key, and the last one ends it.
fn stream(prompt: &Prompt, key: &str, pieces: Vec<Value>, end: Value) -> Vec<String> {
    // a request without a prompt only loads the model
    let pieces = if prompt.messages.is_empty() { vec![] } else { pieces };
    let line = |piece| json!({ "model": prompt.model, "created_at": CREATED, key: piece, "done": false });
    pieces.into_iter().map(line).chain([end]).map(|line| format!("{line}\n")).collect()
}

/// Writes the fields that end an answer. Durations are in nanoseconds.
fn last(prompt: &Prompt, answer: &Answer) -> Value {
    if prompt.messages.is_empty() {
        return json!({ "model": prompt.model, "created_at": CREATED, "done": true, "done_reason": "load" });
    }
    let tokens = TokenCounts::of(prompt, answer);
    json!({
        "model": prompt.model, "created_at": CREATED, "done": true,
        "done_reason": if is_cut(prompt, answer) { "length" } else { "stop" },
        "total_duration": 3_000_000, "load_duration": 1_000_000, "prompt_eval_count": tokens.input,
        "prompt_eval_duration": 1_000_000, "eval_count": tokens.output, "eval_duration": 1_000_000,
    })
}

fn message(text: &str, answer: &Answer) -> Value {
    let mut message = json!({ "role": "assistant", "content": text });
    if !answer.calls.is_empty() {
        let call = |(index, call): (usize, &ToolCall)| {
            let (id, name, arguments) = (&call.id, &call.name, &call.arguments);
            json!({ "id": id, "function": { "index": index, "name": name, "arguments": arguments } })
        };
        message["tool_calls"] = answer.calls.iter().enumerate().map(call).collect();
    }
    message
}

fn details() -> Value {
    json!({
        "parent_model": "", "format": "gguf", "family": "llama", "families": ["llama"], "parameter_size": "8.0B",
        "quantization_level": "Q4_K_M",
    })
}

fn model() -> Value {
    json!({
        "name": "llama3.1:latest", "model": "llama3.1:latest", "modified_at": CREATED, "size": 4_900_000_000_u64,
        "digest": "0".repeat(64), "details": details(),
    })
}

fn show() -> Value {
    json!({
        "license": "", "modelfile": "", "parameters": "", "template": "{{ .Prompt }}", "details": details(),
        "model_info": { "general.architecture": "llama", "llama.context_length": 131_072 },
        "capabilities": ["completion", "tools", "vision"], "modified_at": CREATED,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Message, Role};

    fn lines(dialect: &dyn Dialect, answer: &Answer) -> Vec<Value> {
        let messages = vec![Message::text(Role::User, "hi")];
        let frames = dialect.frames(&Prompt { messages, ..Prompt::default() }, answer, 7);
        frames.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn lines_add_up_to_the_answer() {
        let answer = Answer { text: "Your name is  Zorvane-4417.".into(), calls: vec![] };
        for (dialect, pointer) in
            [(&OllamaChat as &dyn Dialect, "/message/content"), (&OllamaGenerate, "/response")]
        {
            let lines = lines(dialect, &answer);
            let text: String = lines.iter().filter_map(|line| line.pointer(pointer)?.as_str()).collect();
            assert_eq!(text, answer.text);
            let done: Vec<_> = lines.iter().filter(|line| line["done"] == true).collect();
            assert_eq!((done.len(), &done[0]["done_reason"]), (1, &json!("stop")));
        }
    }

    #[test]
    fn arguments_of_calls_are_objects() {
        let call = ToolCall { id: "c".into(), name: "f".into(), arguments: json!({"x": 1}) };
        let lines = lines(&OllamaChat, &Answer { text: String::new(), calls: vec![call] });
        assert_eq!(lines[0]["message"]["tool_calls"][0]["function"]["arguments"], json!({"x": 1}));
    }

    #[test]
    fn request_without_prompt_loads_the_model() {
        let whole = OllamaGenerate.body(&Prompt::default(), &Answer { text: "x".into(), calls: vec![] }, 7);
        assert_eq!((&whole["response"], &whole["done_reason"]), (&json!(""), &json!("load")));
    }
}
