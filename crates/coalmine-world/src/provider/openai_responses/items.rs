//! The items of a request's input: messages, calls, results, and references to stored items.

use serde_json::Value;

use crate::{
    Arrival, ItemReference, Message, PromptFile, Role,
    http::Refusal,
    provider::{Violations, file, openai_chat::tool_call},
};

/// Reads items into messages, and returns the references to stored items. If the prompt continues a stored
/// response, the calls that its results belong to may be in there.
pub(super) fn read_items(
    items: &[Value],
    messages: &mut Vec<Message>,
    continues_response: bool,
    violations: &Violations,
) -> Result<Vec<ItemReference>, Refusal> {
    let answered = answered_calls(items);
    let (mut called, mut references) = (vec![], vec![]);
    for (index, item) in items.iter().enumerate() {
        let required = |key: &str| {
            let missing =
                || Refusal::bad_request(format!("Missing required parameter: 'input[{index}].{key}'."));
            violations.demand(text(item, key), missing)
        };
        match text(item, "type") {
            None | Some("message") => messages.push(message(item, index, violations)?),
            Some(kind @ ("function_call" | "custom_tool_call")) => {
                let id = required("call_id")?;
                violations.check(answered.contains(&id), || {
                    Refusal::bad_request(format!("No tool output found for function call {id}."))
                })?;
                called.push(id);
                let arguments = required(if kind == "function_call" { "arguments" } else { "input" })?;
                let call = tool_call(id.to_owned(), required("name")?.to_owned(), arguments.to_owned());
                // text before a call, and further calls after it, are one turn of the model
                match messages.last_mut() {
                    Some(last) if last.role == Role::Assistant => last.calls.push(call),
                    _ => messages.push(Message { calls: vec![call], ..Message::text(Role::Assistant, "") }),
                }
            }
            Some("function_call_output" | "custom_tool_call_output") => {
                let id = required("call_id")?;
                violations.check(
                    continues_response || !references.is_empty() || called.contains(&id),
                    || {
                        Refusal::bad_request(format!(
                            "No tool call found for function call output with call_id {id}."
                        ))
                    },
                )?;
                let mut result = Message::text(Role::Tool, "");
                content(item.get("output"), index, &mut result, violations)?;
                messages.push(result);
            }
            Some("item_reference") => {
                if messages.last().is_none_or(|last| last.role != Role::Assistant) {
                    messages.push(Message::text(Role::Assistant, ""));
                }
                let id = required("id")?.to_owned();
                references.push(ItemReference { message: messages.len().saturating_sub(1), id });
            }
            // traces of the vendor's own tools and of reasoning
            Some(kind) if kind == "reasoning" || kind == "compaction" || kind.contains("_call") => {}
            Some(kind) if kind.starts_with("mcp_") => {}
            Some(kind) => {
                violations.add(Refusal::bad_request(format!(
                    "Invalid value: '{kind}'. Supported values are: 'message', 'function_call', \
                     'function_call_output', 'reasoning', and 'item_reference'."
                )))?;
                messages.push(message(item, index, violations)?);
            }
        }
    }
    Ok(references)
}

/// Returns the ids of the calls that have a result.
fn answered_calls(items: &[Value]) -> Vec<&str> {
    let is_result = |item: &&Value| {
        matches!(text(item, "type"), Some("function_call_output" | "custom_tool_call_output"))
    };
    items.iter().filter(is_result).filter_map(|item| text(item, "call_id")).collect()
}

/// Returns a string field.
pub(super) fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str)
}

fn message(item: &Value, index: usize, violations: &Violations) -> Result<Message, Refusal> {
    let role = match text(item, "role") {
        Some("system" | "developer") => Role::System,
        Some("user") => Role::User,
        Some("assistant") => Role::Assistant,
        other => {
            violations.add(Refusal::bad_request(match other {
                Some(other) => format!(
                    "Invalid value: '{other}'. Supported values are: 'assistant', 'system', 'developer', and 'user'."
                ),
                None => format!("Missing required parameter: 'input[{index}].role'."),
            }))?;
            Role::User
        }
    };
    let mut read = Message::text(role, "");
    content(item.get("content"), index, &mut read, violations)?;
    Ok(read)
}

fn content(
    content: Option<&Value>,
    index: usize,
    read: &mut Message,
    violations: &Violations,
) -> Result<(), Refusal> {
    let parts = match content {
        Some(Value::String(text)) => {
            read.text.clone_from(text);
            return Ok(());
        }
        Some(Value::Array(parts)) => parts,
        _ => {
            return violations
                .add(Refusal::bad_request(format!("Missing required parameter: 'input[{index}].content'.")));
        }
    };
    let mut texts = vec![];
    for part in parts {
        let kind = text(part, "type").unwrap_or_default();
        let fits = match read.role {
            Role::Assistant => matches!(kind, "output_text" | "refusal"),
            _ => matches!(kind, "input_text" | "output_text" | "input_image" | "input_file" | "input_audio"),
        };
        if !fits {
            let supported = match read.role {
                Role::Assistant => "'output_text' and 'refusal'",
                _ => "'input_text', 'input_image', and 'input_file'",
            };
            violations.add(Refusal::bad_request(format!(
                "Invalid value: '{kind}'. Supported values are: {supported}."
            )))?;
        }
        match text(part, "text").or_else(|| text(part, "refusal")) {
            Some(text) => texts.push(text),
            None => read.files.extend(attachment(part, index, violations)?),
        }
    }
    read.text = texts.join("\n");
    Ok(())
}

/// Reads `input_image{image_url}`, `input_file{filename, file_data | file_url}`, `input_audio{input_audio}`,
/// or a part with a `file_id`.
fn attachment(part: &Value, index: usize, violations: &Violations) -> Result<Option<PromptFile>, Refusal> {
    let name = text(part, "filename").map(str::to_owned);
    let data = ["file_data", "image_url", "file_url"].iter().find_map(|key| text(part, key));
    let audio = || text(part.get("input_audio")?, "data");
    match (data.or_else(audio), text(part, "file_id")) {
        (Some(source), _) => Ok(Some(file(source, name, None))),
        (None, Some(id)) => Ok(Some(PromptFile::at_location(Arrival::Upload, id).named(name, None))),
        (None, None) => {
            let missing = format!("Missing required parameter: 'input[{index}].content[].file_data'.");
            violations.add(Refusal::bad_request(missing)).map(|()| None)
        }
    }
}
