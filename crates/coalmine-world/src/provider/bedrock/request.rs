//! Reads a request of Converse, and refuses what the vendor refuses.

use serde::Deserialize;
use serde_json::Value;

use crate::{
    Message, Prompt, PromptFile, Role, ToolCall, ToolChoice, ToolOffer,
    http::Refusal,
    provider::{Violations, file},
};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Request {
    messages: Vec<InMessage>,
    system: Vec<Value>,
    inference_config: InferenceConfig,
    tool_config: Option<ToolConfig>,
}

#[derive(Deserialize)]
struct InMessage {
    role: String,
    content: Vec<Value>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct InferenceConfig {
    max_tokens: Option<usize>,
    stop_sequences: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ToolConfig {
    tools: Vec<Value>,
    tool_choice: Value,
}

/// Reads the body of a request.
pub(super) fn read(
    model: String,
    stream: bool,
    body: &[u8],
    violations: &Violations,
) -> Result<Prompt, Refusal> {
    let request: Request =
        serde_json::from_slice(body).map_err(|error| Refusal::bad_request(error.to_string()))?;
    violations.check(!request.messages.is_empty(), || {
        Refusal::bad_request(
            "The value at messages is empty. Add at least one message and try your request again.",
        )
    })?;
    let mut messages = vec![];
    for part in &request.system {
        let text = part.get("text").and_then(Value::as_str).unwrap_or_default();
        messages.push(Message::text(Role::System, text));
    }
    let has_tools = request.tool_config.is_some();
    let mut speaker = Role::Assistant;
    for (index, message) in request.messages.iter().enumerate() {
        let role = if message.role == "assistant" { Role::Assistant } else { Role::User };
        violations.check(index > 0 || role == Role::User, || {
            Refusal::bad_request("A conversation must start with a user message. Try again with a conversation that starts with a user message.")
        })?;
        violations.check(role != speaker, || {
            Refusal::bad_request("A conversation must alternate between user and assistant roles. Make sure the conversation alternates between user and assistant roles and try again.")
        })?;
        speaker = role;
        messages.extend(read_message(index, role, &message.content, has_tools, violations)?);
    }
    let tools = request.tool_config.unwrap_or_default();
    Ok(Prompt {
        model,
        messages,
        tool_choice: tool_choice(&tools.tool_choice),
        tools: tools.tools.iter().filter_map(offer).collect(),
        stop: request.inference_config.stop_sequences,
        max_tokens: request.inference_config.max_tokens,
        stream,
        ..Prompt::default()
    })
}

/// Reads the blocks of a message. Results of tools become messages of their own, before the text beside them.
fn read_message(
    index: usize,
    role: Role,
    blocks: &[Value],
    has_tools: bool,
    violations: &Violations,
) -> Result<Vec<Message>, Refusal> {
    violations.check(!blocks.is_empty(), || {
        Refusal::bad_request(format!(
            "The content field in the Message object at messages.{index} is empty. Add a ContentBlock object to the \
             content field and try again."
        ))
    })?;
    let (mut results, mut texts) = (vec![], vec![]);
    let mut message = Message::text(role, "");
    for (place, block) in blocks.iter().enumerate() {
        if let Some(text) = block.get("text").and_then(Value::as_str) {
            violations.check(!text.trim().is_empty(), || {
                Refusal::bad_request(format!(
                    "The text field in the ContentBlock object at messages.{index}.content.{place} is blank. Add text to \
                     the text field, and try again."
                ))
            })?;
            texts.push(text);
        } else if let Some(call) = block.get("toolUse") {
            message.calls.push(ToolCall {
                id: text_at(call, "toolUseId"),
                name: text_at(call, "name"),
                arguments: call.get("input").cloned().unwrap_or_default(),
            });
        } else if let Some(result) = block.get("toolResult") {
            results.push(read_result(result));
        } else if let Some(file) = block.get("image").or_else(|| block.get("document")) {
            message.files.extend(attachment(file, block.get("image").is_some()));
        }
    }
    violations.check(has_tools || (message.calls.is_empty() && results.is_empty()), || {
        Refusal::bad_request(
            "The toolConfig field must be defined when using toolUse and toolResult content blocks.",
        )
    })?;
    message.text = texts.join("\n");
    let only_results = !results.is_empty() && message.text.is_empty() && message.files.is_empty();
    results.extend((!only_results).then_some(message));
    Ok(results)
}

fn read_result(result: &Value) -> Message {
    let parts = result.get("content").and_then(Value::as_array).into_iter().flatten();
    let mut message = Message::text(Role::Tool, "");
    let mut texts = vec![];
    for part in parts {
        match (part.get("text").and_then(Value::as_str), part.get("json")) {
            (Some(text), _) => texts.push(text.to_owned()),
            (None, Some(json)) => texts.push(json.to_string()),
            (None, None) => {
                let file = part.get("image").or_else(|| part.get("document"));
                message.files.extend(file.and_then(|file| attachment(file, part.get("image").is_some())));
            }
        }
    }
    message.text = texts.join("\n");
    message.is_error = result.get("status").and_then(Value::as_str) == Some("error");
    message
}

fn attachment(block: &Value, is_image: bool) -> Option<PromptFile> {
    let data = block.pointer("/source/bytes")?.as_str()?;
    let format = block.get("format").and_then(Value::as_str).unwrap_or_default();
    let mime = match format {
        _ if is_image => format!("image/{format}"),
        "pdf" => "application/pdf".to_owned(),
        "txt" => "text/plain".to_owned(),
        other => format!("text/{other}"),
    };
    let name = block.get("name").and_then(Value::as_str).map(str::to_owned);
    Some(file(data, name, Some(mime)))
}

fn offer(tool: &Value) -> Option<ToolOffer> {
    let tool = tool.get("toolSpec")?;
    let parameters = tool.pointer("/inputSchema/json").cloned().unwrap_or_default();
    Some(ToolOffer { name: text_at(tool, "name"), parameters })
}

fn tool_choice(choice: &Value) -> ToolChoice {
    if let Some(name) = choice.pointer("/tool/name").and_then(Value::as_str) {
        return ToolChoice::Named(name.to_owned());
    }
    if choice.get("any").is_some() { ToolChoice::Required } else { ToolChoice::Auto }
}

fn text_at(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}
