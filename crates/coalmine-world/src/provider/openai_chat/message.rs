//! The messages of a request.

use serde::Deserialize;
use serde_json::Value;

use crate::{
    Arrival, Message, PromptFile, Role, ToolCall,
    http::Refusal,
    provider::{Violations, file},
};

/// A message as it arrives.
#[derive(Deserialize)]
pub(super) struct InMessage {
    pub(super) role: String,
    #[serde(default)]
    pub(super) content: Value,
    pub(super) tool_calls: Option<Vec<InCall>>,
    pub(super) tool_call_id: Option<String>,
    function_call: Option<InFunctionCall>,
}

/// A call of a tool as it arrives.
#[derive(Deserialize)]
pub(super) struct InCall {
    #[serde(default)]
    pub(super) id: String,
    function: InFunctionCall,
}

#[derive(Deserialize)]
struct InFunctionCall {
    name: String,
    #[serde(default)]
    arguments: String,
}

/// Reads the message at an index.
pub(super) fn read(message: InMessage, index: usize, violations: &Violations) -> Result<Message, Refusal> {
    let role = match message.role.as_str() {
        "system" | "developer" => Role::System,
        "user" => Role::User,
        "assistant" => Role::Assistant,
        "tool" | "function" => Role::Tool,
        other => {
            violations.add(Refusal::bad_request(format!(
                "Invalid value: '{other}'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and \
                 'developer'."
            )))?;
            Role::User
        }
    };
    let mut read = Message::text(role, "");
    let calls = message.tool_calls.unwrap_or_default();
    match message.content {
        Value::String(text) => read.text = text,
        Value::Array(parts) => {
            let mut texts = vec![];
            for part in &parts {
                match part.get("text").or_else(|| part.get("refusal")).and_then(Value::as_str) {
                    Some(text) => texts.push(text),
                    None => read.files.extend(attachment(part, index, role, violations)?),
                }
            }
            read.text = texts.join("\n");
        }
        _ if role == Role::Assistant && (!calls.is_empty() || message.function_call.is_some()) => {}
        _ => violations
            .add(Refusal::bad_request("Invalid value for 'content': expected a string, got null."))?,
    }
    let calls = calls.into_iter().map(|call| (call.id, call.function));
    let calls = calls.chain(message.function_call.map(|function| (String::new(), function)));
    read.calls = calls.map(|(id, call)| tool_call(id, call.name, call.arguments)).collect();
    Ok(read)
}

/// Creates a call whose arguments arrived as JSON text.
pub(in crate::provider) fn tool_call(id: String, name: String, arguments: String) -> ToolCall {
    ToolCall { id, name, arguments: serde_json::from_str(&arguments).unwrap_or(Value::String(arguments)) }
}

/// Reads a part that is a file: `{"type":"file","file":{filename,file_data}}`,
/// `{"type":"image_url","image_url":{url}}`, or audio.
fn attachment(
    part: &Value,
    index: usize,
    role: Role,
    violations: &Violations,
) -> Result<Option<PromptFile>, Refusal> {
    let text = |pointer: &str| part.pointer(pointer).and_then(Value::as_str);
    let name = text("/file/filename").map(str::to_owned);
    let mime = text("/file/format").map(str::to_owned);
    if let Some(url) = text("/image_url/url").or_else(|| text("/image_url")) {
        violations.check(role == Role::User, || {
            Refusal::bad_request(format!(
                "Invalid 'messages[{index}]'. Image URLs are only allowed for messages with role 'user', but this message \
                 contains an image URL."
            ))
        })?;
        return Ok(Some(file(url, None, None)));
    }
    if let Some(data) = text("/file/file_data") {
        return Ok(Some(file(data, name, mime)));
    }
    if let Some(data) = text("/input_audio/data") {
        let mime = text("/input_audio/format").map(|format| format!("audio/{format}"));
        return Ok(Some(file(data, None, mime)));
    }
    if let Some(id) = text("/file/file_id") {
        return Ok(Some(PromptFile::at_location(Arrival::Upload, id).named(name, mime)));
    }
    let refusal = Refusal::bad_request(match text("/type") {
        Some(kind @ ("file" | "image_url" | "input_audio" | "text")) => {
            format!("Missing required parameter: 'messages[{index}].content[].{kind}'.")
        }
        kind => format!(
            "Invalid value: '{}'. Supported values are: 'text', 'image_url', 'input_audio', 'refusal', 'audio', and \
             'file'.",
            kind.unwrap_or_default()
        ),
    });
    violations.add(refusal).map(|()| None)
}
