//! OpenAI Responses: `POST /v1/responses`, JSON and typed SSE events, with function tools.
//!
//! Responses are stored, so that `previous_response_id` can continue them, unless `store` is false.
//! Conversations with ids of their own are refused as unknown.

mod request;
mod items;
mod events;

use axum::http::Method;
use serde_json::{Value, json};

use super::{Dialect, ModelRequest, Route, TokenCounts, Violations, azure::openai_path, is_cut, openai_chat};
use crate::{Answer, Prompt, ToolCall, ToolChoice, http::Refusal};

/// The dialect of the Responses API.
pub(crate) struct OpenAiResponses;

impl Dialect for OpenAiResponses {
    fn name(&self) -> &'static str {
        "openai-responses"
    }

    fn route(&self, method: &Method, path: &str) -> Option<Route> {
        (method == Method::POST && openai_path(path) == "/responses").then_some(Route::Ask)
    }

    fn parse(&self, request: &ModelRequest<'_>, violations: &Violations) -> Result<Prompt, Refusal> {
        request::read(request.body, violations)
    }

    fn body(&self, prompt: &Prompt, answer: &Answer, id: u64) -> Value {
        response(prompt, Some(answer), id)
    }

    fn frames(&self, prompt: &Prompt, answer: &Answer, id: u64) -> Vec<String> {
        events::events(prompt, answer, id)
    }

    fn stored_response_id(&self, id: u64) -> Option<String> {
        Some(response_id(id))
    }

    fn error_body(&self, refusal: &Refusal, _id: u64) -> Value {
        openai_chat::error(refusal)
    }

    fn request_id_header(&self) -> Option<&'static str> {
        Some(openai_chat::ID_HEADER)
    }
}

fn response_id(id: u64) -> String {
    format!("resp_{id:012}")
}

/// Writes the response object, in progress if there is no answer.
fn response(prompt: &Prompt, answer: Option<&Answer>, id: u64) -> Value {
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
    let thread = prompt.thread.as_ref();
    let status = answer.map_or("in_progress", |answer| status(prompt, answer));
    let is_complete = status == "completed";
    json!({
        "id": response_id(id), "object": "response", "created_at": openai_chat::CREATED, "status": status,
        "background": false, "completed_at": is_complete.then_some(openai_chat::CREATED), "error": null,
        "incomplete_details": (status == "incomplete").then(|| json!({ "reason": "max_output_tokens" })),
        "instructions": null, "max_output_tokens": prompt.max_tokens, "max_tool_calls": null, "model": prompt.model,
        "output": answer.map_or(vec![], |answer| output_items(prompt, answer, id)), "parallel_tool_calls": true,
        "previous_response_id": thread.and_then(|thread| thread.previous_response.as_ref()), "prompt_cache_key": null,
        "prompt_cache_retention": null,
        "reasoning": { "effort": null, "summary": null }, "safety_identifier": null,
        "service_tier": if answer.is_some() { "default" } else { "auto" },
        "store": thread.is_some_and(|thread| thread.store), "temperature": 1.0,
        "text": { "format": { "type": "text" }, "verbosity": "medium" }, "tool_choice": choice,
        "tools": tools.collect::<Vec<_>>(), "top_logprobs": 0, "top_p": 1.0, "truncation": "disabled",
        "usage": answer.map(|answer| usage(prompt, answer)), "user": null, "metadata": {},
    })
}

/// Returns the status of an answer, and of its message.
fn status(prompt: &Prompt, answer: &Answer) -> &'static str {
    if is_cut(prompt, answer) { "incomplete" } else { "completed" }
}

/// Writes the output items of an answer: a message, or calls.
fn output_items(prompt: &Prompt, answer: &Answer, id: u64) -> Vec<Value> {
    if answer.calls.is_empty() {
        return vec![message(id, status(prompt, answer), vec![part(&answer.text)])];
    }
    let calls = answer.calls.iter().enumerate();
    calls
        .map(|(index, call)| function_call(call, id, index, "completed", &call.arguments.to_string()))
        .collect()
}

fn message(id: u64, status: &str, content: Vec<Value>) -> Value {
    let id = format!("msg_{id:012}");
    json!({ "id": id, "type": "message", "status": status, "role": "assistant", "content": content })
}

fn part(text: &str) -> Value {
    json!({ "type": "output_text", "text": text, "annotations": [], "logprobs": [] })
}

fn function_call(call: &ToolCall, id: u64, index: usize, status: &str, arguments: &str) -> Value {
    json!({
        "id": format!("fc_{id:012}_{index}"), "type": "function_call", "status": status, "call_id": call.id,
        "name": call.name, "arguments": arguments,
    })
}

fn usage(prompt: &Prompt, answer: &Answer) -> Value {
    let tokens = TokenCounts::of(prompt, answer);
    json!({
        "input_tokens": tokens.input, "input_tokens_details": { "cached_tokens": 0, "cache_write_tokens": 0 },
        "output_tokens": tokens.output, "output_tokens_details": { "reasoning_tokens": 0 },
        "total_tokens": tokens.total(),
    })
}
