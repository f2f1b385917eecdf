//! Reads a request of the Responses API; refuses what the vendor refuses.

use serde_json::Value;

use super::super::{
    Refusal, Violations, file,
    openai_chat::{Format, choice, tool_call},
};
use crate::{Arrival, Message, Prompt, PromptFile, Role, Thread, ToolOffer};

/// The vendor cuts no answer shorter than this.
const LEAST_TOKENS: i64 = 16;

pub(super) fn read(body: &[u8], violations: &Violations) -> Result<Prompt, Refusal> {
    let request: Value = serde_json::from_slice(body).map_err(|error| {
        Refusal::bad(format!("We could not parse the JSON body of your request: {error}"))
    })?;
    let model = text(&request, "model").filter(|model| !model.is_empty());
    let model = violations.demand(model, || Refusal::bad("Missing required parameter: 'model'."))?;
    let after = text(&request, "previous_response_id").map(str::to_owned);
    if let Some(id) = text(&request, "conversation").or_else(|| text(request.get("conversation")?, "id")) {
        let message = format!("Conversation with id '{id}' not found.");
        violations.add(Refusal { status: 404, message })?;
    }
    let (mut messages, mut named) = (vec![], vec![]);
    if let Some(instructions) = text(&request, "instructions") {
        messages.push(Message::text(Role::System, instructions));
    }
    match request.get("input") {
        Some(Value::String(input)) => messages.push(Message::text(Role::User, input)),
        Some(Value::Array(items)) if !items.is_empty() => {
            named = read_items(items, &mut messages, after.is_some(), violations)?;
        }
        _ if after.is_some() => {}
        _ => violations.add(Refusal::bad(
            "One of \"input\" or \"previous_response_id\" or 'prompt' or 'conversation_id' must be provided.",
        ))?,
    }
    let tools = offers(request.get("tools"), violations)?;
    let format = request.pointer("/text/format").unwrap_or(&Value::Null);
    let format = Format { place: "text.format", given: format, within: None };
    Ok(Prompt {
        model: model.to_owned(),
        form: format.read(&messages, violations)?,
        messages,
        tool_choice: choice(request.get("tool_choice"), &tools, violations)?,
        tools,
        most_tokens: most_tokens(&request, violations)?,
        stream: request.get("stream").and_then(Value::as_bool).unwrap_or(false),
        thread: Some(Thread {
            after,
            keep: request.get("store").and_then(Value::as_bool).unwrap_or(true),
            instructed: text(&request, "instructions").is_some(),
            named,
        }),
        ..Prompt::default()
    })
}

fn most_tokens(request: &Value, violations: &Violations) -> Result<Option<usize>, Refusal> {
    let Some(most) = request.get("max_output_tokens").and_then(Value::as_i64) else { return Ok(None) };
    violations.check(most >= LEAST_TOKENS, || {
        Refusal::bad(format!(
            "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= {LEAST_TOKENS}, but got {most} \
             instead."
        ))
    })?;
    Ok(usize::try_from(most.max(LEAST_TOKENS)).ok())
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str)
}

/// The function tools; those that the vendor runs himself are offered to nobody.
fn offers(tools: Option<&Value>, violations: &Violations) -> Result<Vec<ToolOffer>, Refusal> {
    let all = tools.and_then(Value::as_array).into_iter().flatten().enumerate();
    let functions = all.filter(|(_, tool)| matches!(text(tool, "type"), Some("function" | "custom")));
    let mut offers = vec![];
    for (at, tool) in functions {
        let missing = || Refusal::bad(format!("Missing required parameter: 'tools[{at}].name'."));
        let name = violations.demand(text(tool, "name"), missing)?;
        // else it may be in the shape of Chat Completions
        let tool = if name.is_empty() { tool.get("function").unwrap_or(tool) } else { tool };
        let parameters = tool.get("parameters").cloned().unwrap_or_default();
        offers.extend(text(tool, "name").map(|name| ToolOffer { name: name.to_owned(), parameters }));
    }
    Ok(offers)
}

/// `goes_on`: the calls whose results come may stand in what the vendor has kept. Gives what is only named: the message
/// that it belongs to, and its id.
fn read_items(
    items: &[Value],
    messages: &mut Vec<Message>,
    goes_on: bool,
    violations: &Violations,
) -> Result<Vec<(usize, String)>, Refusal> {
    let ids = |kinds: [&str; 2]| {
        let of_kind =
            items.iter().filter(move |item| kinds.iter().any(|kind| text(item, "type") == Some(kind)));
        of_kind.filter_map(|item| text(item, "call_id")).collect::<Vec<_>>()
    };
    let answered = ids(["function_call_output", "custom_tool_call_output"]);
    let (mut called, mut named) = (vec![], vec![]);
    for (at, item) in items.iter().enumerate() {
        let required = |key: &str| {
            let missing = || Refusal::bad(format!("Missing required parameter: 'input[{at}].{key}'."));
            violations.demand(text(item, key), missing)
        };
        match text(item, "type") {
            None | Some("message") => messages.push(message(item, at, violations)?),
            Some(kind @ ("function_call" | "custom_tool_call")) => {
                let id = required("call_id")?;
                violations.check(answered.contains(&id), || {
                    Refusal::bad(format!("No tool output found for function call {id}."))
                })?;
                called.push(id);
                let arguments = required(if kind == "function_call" { "arguments" } else { "input" })?;
                let call = tool_call(id.to_owned(), required("name")?.to_owned(), arguments.to_owned());
                // what the model says before it calls, and the calls after it, are one turn
                match messages.last_mut() {
                    Some(last) if last.role == Role::Assistant => last.calls.push(call),
                    _ => messages.push(Message { calls: vec![call], ..Message::text(Role::Assistant, "") }),
                }
            }
            Some("function_call_output" | "custom_tool_call_output") => {
                let id = required("call_id")?;
                violations.check(goes_on || !named.is_empty() || called.contains(&id), || {
                    Refusal::bad(format!("No tool call found for function call output with call_id {id}."))
                })?;
                let mut result = Message::text(Role::Tool, "");
                content(item.get("output"), at, &mut result, violations)?;
                messages.push(result);
            }
            Some("item_reference") => {
                if messages.last().is_none_or(|last| last.role != Role::Assistant) {
                    messages.push(Message::text(Role::Assistant, ""));
                }
                named.push((messages.len() - 1, required("id")?.to_owned()));
            }
            // what the vendor's own tools and thoughts left behind
            Some(kind) if kind == "reasoning" || kind == "compaction" || kind.contains("_call") => {}
            Some(kind) if kind.starts_with("mcp_") => {}
            Some(kind) => {
                violations.add(Refusal::bad(format!(
                    "Invalid value: '{kind}'. Supported values are: 'message', 'function_call', \
                     'function_call_output', 'reasoning', and 'item_reference'."
                )))?;
                messages.push(message(item, at, violations)?);
            }
        }
    }
    Ok(named)
}

fn message(item: &Value, at: usize, violations: &Violations) -> Result<Message, Refusal> {
    let role = match text(item, "role") {
        Some("system" | "developer") => Role::System,
        Some("user") => Role::User,
        Some("assistant") => Role::Assistant,
        other => {
            violations.add(Refusal::bad(match other {
                Some(other) => format!(
                    "Invalid value: '{other}'. Supported values are: 'assistant', 'system', 'developer', and 'user'."
                ),
                None => format!("Missing required parameter: 'input[{at}].role'."),
            }))?;
            Role::User
        }
    };
    let mut read = Message::text(role, "");
    content(item.get("content"), at, &mut read, violations)?;
    Ok(read)
}

fn content(
    content: Option<&Value>,
    at: usize,
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
                .add(Refusal::bad(format!("Missing required parameter: 'input[{at}].content'.")));
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
            violations
                .add(Refusal::bad(format!("Invalid value: '{kind}'. Supported values are: {supported}.")))?;
        }
        match text(part, "text").or_else(|| text(part, "refusal")) {
            Some(text) => texts.push(text),
            None => read.files.extend(attachment(part, at, violations)?),
        }
    }
    read.text = texts.join("\n");
    Ok(())
}

/// `input_image{image_url}`, `input_file{filename, file_data | file_url}`, `input_audio{input_audio}`, or a `file_id`.
fn attachment(part: &Value, at: usize, violations: &Violations) -> Result<Option<PromptFile>, Refusal> {
    let name = text(part, "filename").map(str::to_owned);
    let data = ["file_data", "image_url", "file_url"].iter().find_map(|key| text(part, key));
    let audio = || text(part.get("input_audio")?, "data");
    match (data.or_else(audio), text(part, "file_id")) {
        (Some(source), _) => Ok(Some(file(source, name, None))),
        (None, Some(id)) => Ok(Some(PromptFile::at_place(Arrival::Upload, id).named(name, None))),
        (None, None) => {
            let missing = format!("Missing required parameter: 'input[{at}].content[].file_data'.");
            violations.add(Refusal::bad(missing)).map(|()| None)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Form, ToolChoice};

    fn asked(input: Value) -> Result<Prompt, Refusal> {
        strictly(&json!({"model": "m", "input": input}).to_string())
    }

    fn strictly(body: &str) -> Result<Prompt, Refusal> {
        read(body.as_bytes(), &Violations::default())
    }

    #[test]
    fn a_prompt_with_every_kind_of_item_is_read() {
        let body = json!({
            "model": "m", "instructions": "be brief", "stream": true,
            "text": {"format": {"type": "json_schema", "name": "n", "schema": {"type": "object"}}}, "tool_choice": {"type": "function", "name": "f"},
            "tools": [{"type": "web_search"}, {"type": "function", "name": "f", "parameters": {"type": "object"}}],
            "input": [
                {"role": "user", "content": [
                    {"type": "input_text", "text": "see"},
                    {"type": "input_file", "filename": "a.txt", "file_data": "data:text/plain;base64,Y29kZSA0Mg=="},
                    {"type": "input_image", "image_url": "https://example.invalid/x.png"},
                    {"type": "input_file", "file_id": "file-1"}
                ]},
                {"type": "reasoning", "id": "rs_1", "summary": []},
                {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "I look"}]},
                {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{\"x\":1}"},
                {"type": "function_call_output", "call_id": "c1", "output": [{"type": "input_text", "text": "ok"}]}
            ]
        });
        let prompt = strictly(&body.to_string()).unwrap();
        let arrived: Vec<_> = prompt.messages[1].files.iter().map(|file| file.arrived).collect();
        assert_eq!(arrived, [Arrival::DataUri, Arrival::Link, Arrival::Upload]);
        assert_eq!(prompt.messages[2].calls[0].arguments, json!({"x": 1}));
        assert!(prompt.question().contains("code 42"));
        assert_eq!(prompt.memory(), "be brief\nI look\nok");
        assert_eq!(prompt.tools.len(), 1);
        assert_eq!(prompt.form, Form::Schema(json!({"type": "object"})));
        assert_eq!(prompt.tool_choice, ToolChoice::Named("f".into()));
        assert_eq!(asked(json!("hi")).unwrap().question(), "hi");
    }

    #[test]
    fn what_the_vendor_refuses_is_refused_in_its_words() {
        let told = |input: Value| asked(input).unwrap_err().message;
        assert!(told(json!([])).starts_with("One of \"input\""));
        assert!(told(json!([{"role": "robot", "content": ""}])).contains("'robot'"));
        assert!(
            told(json!([{"role": "user", "content": [{"type": "text", "text": ""}]}])).contains("'text'")
        );
        let said = json!([{"role": "assistant", "content": [{"type": "input_text", "text": ""}]}]);
        assert!(told(said).contains("'output_text' and 'refusal'"));
        let result = json!([{"type": "function_call_output", "call_id": "c", "output": ""}]);
        assert_eq!(told(result), "No tool call found for function call output with call_id c.");
        let call = json!([{"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}]);
        assert_eq!(told(call), "No tool output found for function call c.");
        let short = r#"{"model":"m","input":"hi","max_output_tokens":3}"#;
        assert!(strictly(short).unwrap_err().message.contains("Expected a value >= 16, but got 3"));
        let nested = r#"{"model":"m","input":"hi","tools":[{"type":"function","function":{"name":"f"}}]}"#;
        assert_eq!(strictly(nested).unwrap_err().message, "Missing required parameter: 'tools[0].name'.");
    }
}
