//! Reads a request of the Responses API, and refuses what the vendor refuses.

use serde_json::Value;

use super::items::{read_items, text};
use crate::{
    Message, Prompt, Role, Thread, ToolOffer,
    http::Refusal,
    provider::{
        Violations,
        openai_chat::{Format, read_choice},
    },
};

/// The lowest bound that the vendor accepts for the length of an answer.
const MIN_TOKENS: i64 = 16;

/// Reads the body of a request.
pub(super) fn read(body: &[u8], violations: &Violations) -> Result<Prompt, Refusal> {
    let request: Value = serde_json::from_slice(body).map_err(|error| {
        Refusal::bad_request(format!("We could not parse the JSON body of your request: {error}"))
    })?;
    let model = text(&request, "model").filter(|model| !model.is_empty());
    let model = violations.demand(model, || Refusal::bad_request("Missing required parameter: 'model'."))?;
    let previous_response = text(&request, "previous_response_id").map(str::to_owned);
    if let Some(id) = text(&request, "conversation").or_else(|| text(request.get("conversation")?, "id")) {
        let message = format!("Conversation with id '{id}' not found.");
        violations.add(Refusal { status: 404, message })?;
    }
    let instructions = text(&request, "instructions");
    let mut messages: Vec<_> =
        instructions.map(|text| Message::text(Role::System, text)).into_iter().collect();
    let mut referenced_items = vec![];
    match request.get("input") {
        Some(Value::String(input)) => messages.push(Message::text(Role::User, input)),
        Some(Value::Array(items)) if !items.is_empty() => {
            referenced_items = read_items(items, &mut messages, previous_response.is_some(), violations)?;
        }
        _ if previous_response.is_some() => {}
        _ => violations.add(Refusal::bad_request(
            "One of \"input\" or \"previous_response_id\" or 'prompt' or 'conversation_id' must be provided.",
        ))?,
    }
    let tools = offers(request.get("tools"), violations)?;
    let format = request.pointer("/text/format").unwrap_or(&Value::Null);
    let format = Format { path: "text.format", value: format, nested_in: None };
    Ok(Prompt {
        model: model.to_owned(),
        response_format: format.read(&messages, violations)?,
        messages,
        tool_choice: read_choice(request.get("tool_choice"), &tools, violations)?,
        tools,
        max_tokens: max_tokens(&request, violations)?,
        stream: request.get("stream").and_then(Value::as_bool).unwrap_or(false),
        thread: Some(Thread {
            previous_response,
            store: request.get("store").and_then(Value::as_bool).unwrap_or(true),
            has_instructions: instructions.is_some(),
            referenced_items,
        }),
        ..Prompt::default()
    })
}

fn max_tokens(request: &Value, violations: &Violations) -> Result<Option<usize>, Refusal> {
    let Some(max) = request.get("max_output_tokens").and_then(Value::as_i64) else { return Ok(None) };
    violations.check(max >= MIN_TOKENS, || {
        Refusal::bad_request(format!(
            "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= {MIN_TOKENS}, but got {max} \
             instead."
        ))
    })?;
    Ok(usize::try_from(max.max(MIN_TOKENS)).ok())
}

/// Reads the function tools. The tools that the vendor itself runs are not offered to the model of this world.
fn offers(tools: Option<&Value>, violations: &Violations) -> Result<Vec<ToolOffer>, Refusal> {
    let all = tools.and_then(Value::as_array).into_iter().flatten().enumerate();
    let functions = all.filter(|(_, tool)| matches!(text(tool, "type"), Some("function" | "custom")));
    let mut offers = vec![];
    for (index, tool) in functions {
        let missing = || Refusal::bad_request(format!("Missing required parameter: 'tools[{index}].name'."));
        let name = violations.demand(text(tool, "name"), missing)?;
        // in a lenient world, the tool may have the shape of Chat Completions
        let tool = if name.is_empty() { tool.get("function").unwrap_or(tool) } else { tool };
        let parameters = tool.get("parameters").cloned().unwrap_or_default();
        offers.extend(text(tool, "name").map(|name| ToolOffer { name: name.to_owned(), parameters }));
    }
    Ok(offers)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Arrival, ResponseFormat, ToolChoice};

    fn read_input(input: Value) -> Result<Prompt, Refusal> {
        read_strict(&json!({"model": "m", "input": input}).to_string())
    }

    fn read_strict(body: &str) -> Result<Prompt, Refusal> {
        read(body.as_bytes(), &Violations::default())
    }

    #[test]
    fn reads_every_kind_of_item() {
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
        let prompt = read_strict(&body.to_string()).unwrap();
        let arrived: Vec<_> = prompt.messages[1].files.iter().map(|file| file.arrived).collect();
        assert_eq!(arrived, [Arrival::DataUri, Arrival::Link, Arrival::Upload]);
        assert_eq!(prompt.messages[2].calls[0].arguments, json!({"x": 1}));
        assert!(prompt.question().contains("code 42"));
        assert_eq!(prompt.context(), "be brief\nI look\nok");
        assert_eq!(prompt.tools.len(), 1);
        assert_eq!(prompt.response_format, ResponseFormat::Schema(json!({"type": "object"})));
        assert_eq!(prompt.tool_choice, ToolChoice::Named("f".into()));
        assert_eq!(read_input(json!("hi")).unwrap().question(), "hi");
    }

    #[test]
    fn refuses_in_the_words_of_the_vendor() {
        let refusal = |input: Value| read_input(input).unwrap_err().message;
        assert!(refusal(json!([])).starts_with("One of \"input\""));
        assert!(refusal(json!([{"role": "robot", "content": ""}])).contains("'robot'"));
        assert!(
            refusal(json!([{"role": "user", "content": [{"type": "text", "text": ""}]}])).contains("'text'")
        );
        let assistant = json!([{"role": "assistant", "content": [{"type": "input_text", "text": ""}]}]);
        assert!(refusal(assistant).contains("'output_text' and 'refusal'"));
        let result = json!([{"type": "function_call_output", "call_id": "c", "output": ""}]);
        assert_eq!(refusal(result), "No tool call found for function call output with call_id c.");
        let call = json!([{"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}]);
        assert_eq!(refusal(call), "No tool output found for function call c.");
        let short = r#"{"model":"m","input":"hi","max_output_tokens":3}"#;
        assert!(read_strict(short).unwrap_err().message.contains("Expected a value >= 16, but got 3"));
        let nested = r#"{"model":"m","input":"hi","tools":[{"type":"function","function":{"name":"f"}}]}"#;
        assert_eq!(read_strict(nested).unwrap_err().message, "Missing required parameter: 'tools[0].name'.");
    }
}
