//! Reads a request of Chat Completions; refuses what the vendor refuses.

use serde::Deserialize;
use serde_json::Value;

use super::{
    super::{Refusal, Violations, file},
    choice::{choice, stop},
    conversation,
    format::Format,
};
use crate::{Arrival, Message, Prompt, PromptFile, Role, ToolCall, ToolOffer};

#[derive(Deserialize)]
struct Request {
    model: Option<String>,
    messages: Option<Vec<InMessage>>,
    tools: Option<Vec<InTool>>,
    tool_choice: Option<Value>,
    stop: Option<Value>,
    #[serde(default)]
    response_format: Value,
    max_tokens: Option<usize>,
    max_completion_tokens: Option<usize>,
    stream: Option<bool>,
    stream_options: Option<StreamOptions>,
}

#[derive(Deserialize)]
struct StreamOptions {
    #[serde(default)]
    include_usage: bool,
}

#[derive(Deserialize)]
pub(super) struct InMessage {
    pub(super) role: String,
    #[serde(default)]
    pub(super) content: Value,
    pub(super) tool_calls: Option<Vec<InCall>>,
    pub(super) tool_call_id: Option<String>,
    function_call: Option<InFunctionCall>,
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

pub(super) fn read(body: &[u8], violations: &Violations) -> Result<Prompt, Refusal> {
    let request: Request = serde_json::from_slice(body).map_err(|error| {
        Refusal::bad(format!("We could not parse the JSON body of your request: {error}"))
    })?;
    let model = request.model.filter(|model| !model.is_empty());
    let model = violations.demand(model, || Refusal::bad("you must provide a model parameter"))?;
    let missing = || Refusal::bad("Missing required parameter: 'messages'.");
    let messages = violations.demand(request.messages, missing)?;
    conversation::check(&messages, violations)?;
    let tools = match request.tools {
        Some(tools) => offers(tools, violations)?,
        None => vec![],
    };
    let message = |(at, given)| message(given, at, violations);
    let messages: Vec<_> = messages.into_iter().enumerate().map(message).collect::<Result<_, _>>()?;
    let format =
        Format { place: "response_format", given: &request.response_format, within: Some("json_schema") };
    Ok(Prompt {
        model,
        tool_choice: choice(request.tool_choice.as_ref(), &tools, violations)?,
        form: format.read(&messages, violations)?,
        messages,
        tools,
        stop: stop(request.stop.as_ref()),
        most_tokens: request.max_completion_tokens.or(request.max_tokens),
        stream: request.stream.unwrap_or(false),
        stream_usage: request.stream_options.is_some_and(|options| options.include_usage),
        ..Prompt::default()
    })
}

fn offers(tools: Vec<InTool>, violations: &Violations) -> Result<Vec<ToolOffer>, Refusal> {
    let mut offers = vec![];
    for (at, tool) in tools.into_iter().enumerate() {
        violations.check(tool.function.is_some(), || {
            Refusal::bad(format!("Missing required parameter: 'tools[{at}].function'."))
        })?;
        let offer = |function: InFunction| ToolOffer { name: function.name, parameters: function.parameters };
        offers.extend(tool.function.map(offer));
    }
    Ok(offers)
}

fn message(message: InMessage, at: usize, violations: &Violations) -> Result<Message, Refusal> {
    let role = match message.role.as_str() {
        "system" | "developer" => Role::System,
        "user" => Role::User,
        "assistant" => Role::Assistant,
        "tool" | "function" => Role::Tool,
        other => {
            violations.add(Refusal::bad(format!(
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
                    None => read.files.extend(attachment(part, at, role, violations)?),
                }
            }
            read.text = texts.join("\n");
        }
        _ if role == Role::Assistant && (!calls.is_empty() || message.function_call.is_some()) => {}
        _ => violations.add(Refusal::bad("Invalid value for 'content': expected a string, got null."))?,
    }
    let calls = calls.into_iter().map(|call| (call.id, call.function));
    let calls = calls.chain(message.function_call.map(|function| (String::new(), function)));
    read.calls = calls.map(|(id, call)| tool_call(id, call.name, call.arguments)).collect();
    Ok(read)
}

/// A call whose arguments came as JSON text.
pub(in crate::provider) fn tool_call(id: String, name: String, arguments: String) -> ToolCall {
    ToolCall { id, name, arguments: serde_json::from_str(&arguments).unwrap_or(Value::String(arguments)) }
}

/// A file part: `{"type":"file","file":{filename,file_data}}`, `{"type":"image_url","image_url":{url}}`, audio.
fn attachment(
    part: &Value,
    at: usize,
    role: Role,
    violations: &Violations,
) -> Result<Option<PromptFile>, Refusal> {
    let text = |pointer: &str| part.pointer(pointer).and_then(Value::as_str);
    let name = text("/file/filename").map(str::to_owned);
    let mime = text("/file/format").map(str::to_owned);
    if let Some(url) = text("/image_url/url").or_else(|| text("/image_url")) {
        violations.check(role == Role::User, || {
            Refusal::bad(format!(
                "Invalid 'messages[{at}]'. Image URLs are only allowed for messages with role 'user', but this message \
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
        return Ok(Some(PromptFile::at_place(Arrival::Upload, id).named(name, mime)));
    }
    let refusal = Refusal::bad(match text("/type") {
        Some(kind @ ("file" | "image_url" | "input_audio" | "text")) => {
            format!("Missing required parameter: 'messages[{at}].content[].{kind}'.")
        }
        kind => format!(
            "Invalid value: '{}'. Supported values are: 'text', 'image_url', 'input_audio', 'refusal', 'audio', and \
             'file'.",
            kind.unwrap_or_default()
        ),
    });
    violations.add(refusal).map(|()| None)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ToolChoice;

    fn told(request: &Value) -> String {
        read(request.to_string().as_bytes(), &Violations::default()).unwrap_err().message
    }

    #[test]
    fn a_prompt_with_every_kind_of_content_is_read() {
        let body = json!({
            "model": "m", "stop": "</code>", "tool_choice": {"type": "function", "function": {"name": "f"}},
            "messages": [
                {"role": "system", "content": "be brief"},
                {"role": "user", "content": [
                    {"type": "text", "text": "see"},
                    {"type": "file", "file": {"filename": "a.txt", "file_data": "data:text/plain;base64,Y29kZSA0Mg=="}},
                    {"type": "file", "file": {"file_id": "file-1"}},
                    {"type": "input_audio", "input_audio": {"data": "Y29kZSA0Mg==", "format": "wav"}},
                    {"type": "image_url", "image_url": {"url": "https://example.invalid/x.png"}}
                ]},
                {"role": "assistant", "content": null, "tool_calls": [
                    {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{\"x\":1}"}}]},
                {"role": "tool", "tool_call_id": "c1", "content": "ok"}
            ],
            "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]
        });
        let prompt = read(body.to_string().as_bytes(), &Violations::default()).unwrap();
        let files = &prompt.messages[1].files;
        let arrived: Vec<_> = files.iter().map(|file| file.arrived).collect();
        assert_eq!(files[0].text, "code 42");
        assert_eq!(arrived, [Arrival::DataUri, Arrival::Upload, Arrival::Inline, Arrival::Link]);
        assert_eq!(prompt.messages[2].calls[0].arguments, json!({"x": 1}));
        assert!(prompt.question().contains("code 42"), "{}", prompt.question());
        assert_eq!(prompt.memory(), "be brief\n\nok");
        assert_eq!((prompt.stop[0].as_str(), prompt.tool_choice), ("</code>", ToolChoice::Named("f".into())));
    }

    #[test]
    fn what_the_vendor_refuses_is_refused_in_its_words() {
        let user = json!({"role": "user", "content": "hi"});
        assert_eq!(told(&json!({"messages": [user]})), "you must provide a model parameter");
        assert_eq!(told(&json!({"model": "m"})), "Missing required parameter: 'messages'.");
        let required = json!({"model": "m", "messages": [user], "tool_choice": "required"});
        assert!(told(&required).contains("only allowed when 'tools' are specified"));
        let message = |message: Value| told(&json!({"model": "m", "messages": [message]}));
        assert!(message(json!({"role": "robot", "content": ""})).contains("'robot'"));
        assert!(message(json!({"role": "user", "content": null})).contains("expected a string, got null"));
        assert!(message(json!({"role": "user", "content": [{"type": "document"}]})).contains("'document'"));
        let image = json!([{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}]);
        assert!(message(json!({"role": "system", "content": image})).contains("only allowed for messages"));
    }
}
