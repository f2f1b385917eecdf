//! OpenAI Responses: `POST /v1/responses`, JSON and typed SSE events, with function tools.
//!
//! Responses are kept to go on with by `previous_response_id`, unless `store` is false; conversations with ids of their own
//! are refused as unknown.

mod events;
mod request;

use axum::http::Method;
use serde_json::{Value, json};

use super::{Asked, Dialect, Refusal, Route, Violations, is_cut, openai_chat, tokens};
use crate::{Answer, Prompt, ToolCall, ToolChoice};

pub(crate) struct OpenAiResponses;

impl Dialect for OpenAiResponses {
    fn name(&self) -> &'static str {
        "openai-responses"
    }

    fn route(&self, method: &Method, path: &str) -> Option<Route> {
        // base URLs are given with and without `/v1`
        let path = path.strip_prefix("/v1").unwrap_or(path);
        (method == Method::POST && path == "/responses").then_some(Route::Ask)
    }

    fn prompt(&self, asked: &Asked<'_>, violations: &Violations) -> Result<Prompt, Refusal> {
        request::read(asked.body, violations)
    }

    fn whole(&self, prompt: &Prompt, answer: &Answer, seq: u64) -> Value {
        response(prompt, Some(answer), seq)
    }

    fn frames(&self, prompt: &Prompt, answer: &Answer, seq: u64) -> Vec<String> {
        events::events(prompt, answer, seq)
    }

    fn kept_as(&self, seq: u64) -> Option<String> {
        Some(id(seq))
    }

    fn refuse(&self, refusal: &Refusal, _id: u64) -> Value {
        openai_chat::error(refusal)
    }

    fn id_header(&self) -> Option<&'static str> {
        Some(openai_chat::ID_HEADER)
    }
}

fn id(seq: u64) -> String {
    format!("resp_{seq:012}")
}

/// The response object: with its answer, or in progress.
fn response(prompt: &Prompt, answer: Option<&Answer>, seq: u64) -> Value {
    let tools = prompt.tools.iter().map(|tool| {
        let (name, parameters) = (&tool.name, &tool.parameters);
        json!({ "type": "function", "name": name, "description": null, "parameters": parameters, "strict": true })
    });
    let choice = match &prompt.tool_choice {
        ToolChoice::Auto => json!("auto"),
        ToolChoice::None => json!("none"),
        ToolChoice::Required => json!("required"),
        ToolChoice::Named(name) => json!({ "type": "function", "name": name }),
    };
    let status = answer.map_or("in_progress", |answer| status(prompt, answer));
    let is_complete = status == "completed";
    json!({
        "id": id(seq), "object": "response", "created_at": openai_chat::CREATED, "status": status,
        "background": false, "completed_at": is_complete.then_some(openai_chat::CREATED), "error": null,
        "incomplete_details": (status == "incomplete").then(|| json!({ "reason": "max_output_tokens" })),
        "instructions": null, "max_output_tokens": prompt.most_tokens, "max_tool_calls": null, "model": prompt.model,
        "output": answer.map_or(vec![], |answer| items(prompt, answer, seq)), "parallel_tool_calls": true,
        "previous_response_id": prompt.thread.as_ref().and_then(|thread| thread.after.as_ref()), "prompt_cache_key": null, "prompt_cache_retention": null,
        "reasoning": { "effort": null, "summary": null }, "safety_identifier": null,
        "service_tier": if answer.is_some() { "default" } else { "auto" }, "store": prompt.thread.as_ref().is_some_and(|thread| thread.keep), "temperature": 1.0,
        "text": { "format": { "type": "text" }, "verbosity": "medium" }, "tool_choice": choice,
        "tools": tools.collect::<Vec<_>>(), "top_logprobs": 0, "top_p": 1.0, "truncation": "disabled",
        "usage": answer.map(|answer| usage(prompt, answer)), "user": null, "metadata": {},
    })
}

/// Of an answer, and of its message.
fn status(prompt: &Prompt, answer: &Answer) -> &'static str {
    if is_cut(prompt, answer) { "incomplete" } else { "completed" }
}

/// What an answer puts out: a message, or calls.
fn items(prompt: &Prompt, answer: &Answer, seq: u64) -> Vec<Value> {
    if answer.calls.is_empty() {
        return vec![message(seq, status(prompt, answer), vec![part(&answer.text)])];
    }
    let calls = answer.calls.iter().enumerate();
    calls.map(|(at, call)| function_call(call, seq, at, "completed", &call.arguments.to_string())).collect()
}

fn message(seq: u64, status: &str, content: Vec<Value>) -> Value {
    let id = format!("msg_{seq:012}");
    json!({ "id": id, "type": "message", "status": status, "role": "assistant", "content": content })
}

fn part(text: &str) -> Value {
    json!({ "type": "output_text", "text": text, "annotations": [], "logprobs": [] })
}

fn function_call(call: &ToolCall, seq: u64, at: usize, status: &str, arguments: &str) -> Value {
    json!({
        "id": format!("fc_{seq:012}_{at}"), "type": "function_call", "status": status, "call_id": call.id,
        "name": call.name, "arguments": arguments,
    })
}

fn usage(prompt: &Prompt, answer: &Answer) -> Value {
    let (asked, answered) = tokens(prompt, answer);
    json!({
        "input_tokens": asked, "input_tokens_details": { "cached_tokens": 0, "cache_write_tokens": 0 },
        "output_tokens": answered, "output_tokens_details": { "reasoning_tokens": 0 },
        "total_tokens": asked + answered,
    })
}
