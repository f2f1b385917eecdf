//! Reads requests of Ollama as read_strict as its Go types do.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    Message, Prompt, PromptFile, ResponseFormat, Role, ToolCall, ToolOffer,
    http::Refusal,
    provider::{
        Violations, file,
        openai_chat::{read_stop, tool_call},
    },
};

#[derive(Deserialize)]
struct Chat {
    #[serde(default)]
    model: String,
    messages: Option<Vec<InMessage>>,
    tools: Option<Vec<InTool>>,
    stream: Option<bool>,
    format: Option<Value>,
    options: Option<Value>,
}

#[derive(Deserialize)]
struct Generate {
    #[serde(default)]
    model: String,
    prompt: Option<String>,
    system: Option<String>,
    images: Option<Vec<String>>,
    stream: Option<bool>,
    format: Option<Value>,
    options: Option<Value>,
}

#[derive(Deserialize)]
struct InMessage {
    #[serde(default)]
    role: String,
    content: Option<Value>,
    images: Option<Vec<String>>,
    tool_calls: Option<Vec<InCall>>,
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
    arguments: Value,
}

#[derive(Deserialize)]
struct InTool {
    function: InFunction,
}

#[derive(Deserialize)]
struct InFunction {
    name: String,
    #[serde(default)]
    parameters: Value,
}

/// Reads a request of `/api/chat`.
pub(super) fn chat(body: &[u8], violations: &Violations) -> Result<Prompt, Refusal> {
    let request: Chat = parse(body)?;
    let messages = request.messages.unwrap_or_default().into_iter();
    let tools = request.tools.unwrap_or_default().into_iter().map(|tool| tool.function);
    Ok(Prompt {
        model: require_model(request.model, violations)?,
        messages: messages.map(|given| message(given, violations)).collect::<Result<_, _>>()?,
        tools: tools.map(|f| ToolOffer { name: f.name, parameters: f.parameters }).collect(),
        response_format: response_format(request.format),
        stop: read_stop(option(&request.options, "stop")),
        max_tokens: option(&request.options, "num_predict").and_then(max_tokens),
        stream: request.stream.unwrap_or(true),
        ..Prompt::default()
    })
}

/// Reads a request of `/api/generate`.
pub(super) fn generate(body: &[u8], violations: &Violations) -> Result<Prompt, Refusal> {
    let request: Generate = parse(body)?;
    let mut messages = vec![];
    if let Some(prompt) = request.prompt.filter(|prompt| !prompt.is_empty()) {
        let system = request.system.filter(|system| !system.is_empty());
        messages.extend(system.map(|system| Message::text(Role::System, system)));
        let files = images(request.images, violations)?;
        messages.push(Message { files, ..Message::text(Role::User, prompt) });
    }
    Ok(Prompt {
        model: require_model(request.model, violations)?,
        messages,
        response_format: response_format(request.format),
        stop: read_stop(option(&request.options, "stop")),
        max_tokens: option(&request.options, "num_predict").and_then(max_tokens),
        stream: request.stream.unwrap_or(true),
        ..Prompt::default()
    })
}

fn option<'a>(options: &'a Option<Value>, name: &str) -> Option<&'a Value> {
    options.as_ref()?.get(name)
}

/// Reads the maximum length of an answer; a negative number means that there is none.
fn max_tokens(limit: &Value) -> Option<usize> {
    usize::try_from(limit.as_i64()?).ok()
}

fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Refusal> {
    match body {
        [] => Err(Refusal::bad_request("missing request body")),
        _ => serde_json::from_slice(body).map_err(|error| Refusal::bad_request(error.to_string())),
    }
}

/// Reads `"json"` or a schema.
fn response_format(format: Option<Value>) -> ResponseFormat {
    match format {
        Some(Value::String(kind)) if kind == "json" => ResponseFormat::Json,
        Some(schema @ Value::Object(_)) => ResponseFormat::Schema(schema),
        _ => ResponseFormat::Text,
    }
}

fn require_model(model: String, violations: &Violations) -> Result<String, Refusal> {
    violations.check(!model.is_empty(), || Refusal::bad_request("model is required"))?;
    Ok(model)
}

fn message(message: InMessage, violations: &Violations) -> Result<Message, Refusal> {
    let role = match message.role.to_lowercase().as_str() {
        "system" => Role::System,
        "user" => Role::User,
        "assistant" => Role::Assistant,
        "tool" => Role::Tool,
        other => {
            violations.add(Refusal::bad_request(format!(
                "invalid role: {other}, must be one of [system, user, assistant, tool]"
            )))?;
            Role::User
        }
    };
    let text = match message.content {
        Some(Value::String(text)) => text,
        None | Some(Value::Null) => String::new(),
        Some(other) => {
            violations.add(mistyped(&other, "messages.content", "string"))?;
            let parts = other.as_array().into_iter().flatten();
            parts.filter_map(|part| part.get("text")?.as_str()).collect::<Vec<_>>().join("\n")
        }
    };
    let calls = message.tool_calls.unwrap_or_default().into_iter().map(|call| call_of(call, violations));
    let calls = calls.collect::<Result<_, _>>()?;
    Ok(Message { files: images(message.images, violations)?, calls, ..Message::text(role, text) })
}

fn call_of(call: InCall, violations: &Violations) -> Result<ToolCall, Refusal> {
    let (id, name) = (call.id, call.function.name);
    match call.function.arguments {
        arguments @ (Value::Object(_) | Value::Null) => Ok(ToolCall { id, name, arguments }),
        other => {
            let place = "messages.tool_calls.function.arguments";
            violations.add(mistyped(&other, place, "api.ToolCallFunctionArguments"))?;
            Ok(tool_call(id, name, other.as_str().map_or_else(|| other.to_string(), str::to_owned)))
        }
    }
}

fn images(images: Option<Vec<String>>, violations: &Violations) -> Result<Vec<PromptFile>, Refusal> {
    let read = |image: String| {
        violations.check(STANDARD.decode(&image).is_ok(), || {
            Refusal::bad_request("illegal base64 data at input byte 0")
        })?;
        Ok(file(&image, None, None))
    };
    images.unwrap_or_default().into_iter().map(read).collect()
}

/// Refuses a value of the wrong type, in the words of Go's JSON decoder.
fn mistyped(value: &Value, field: &str, expected: &str) -> Refusal {
    let kind = match value {
        Value::Array(_) => "array",
        Value::Object(_) => "object",
        Value::String(_) => "string",
        Value::Bool(_) => "bool",
        Value::Number(_) | Value::Null => "number",
    };
    Refusal::bad_request(format!(
        "json: cannot unmarshal {kind} into Go struct field ChatRequest.{field} of type {expected}"
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Arrival;

    #[test]
    fn reads_every_kind_of_content() {
        let body = json!({
            "model": "m", "options": {"stop": ["x"]},
            "messages": [
                {"role": "system", "content": "be brief"},
                {"role": "user", "content": "see", "images": ["Y29kZSA0Mg=="]},
                {"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": {"x": 1}}}]},
                {"role": "tool", "tool_name": "f", "content": "ok"}
            ],
            "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]
        });
        let prompt = chat(body.to_string().as_bytes(), &Violations::default()).unwrap();
        assert_eq!(prompt.messages[1].files[0].arrived, Arrival::Inline);
        assert!(prompt.question().contains("code 42"));
        assert_eq!(prompt.context(), "be brief\n\nok");
        assert_eq!(prompt.calls_since_question().next().unwrap().arguments, json!({"x": 1}));
        assert_eq!((prompt.stop[0].as_str(), prompt.tools.len()), ("x", 1));
        assert!(prompt.stream, "the default");
    }

    #[test]
    fn reads_a_prompt_to_complete() {
        let read_strict = |body: &[u8]| generate(body, &Violations::default()).unwrap();
        let prompt =
            read_strict(br#"{"model":"m","system":"s","prompt":"p","images":["QQ=="],"stream":false}"#);
        assert_eq!((prompt.context().as_str(), prompt.question().as_str()), ("s", "p\nA"));
        assert!(!prompt.stream);
        assert!(read_strict(br#"{"model":"m"}"#).messages.is_empty());
    }

    #[test]
    fn reads_json_with_and_without_a_schema() {
        let format_of = |format: Value| {
            let body = json!({"model": "m", "prompt": "p", "format": format}).to_string();
            let read = [chat, generate]
                .map(|read| read(body.as_bytes(), &Violations::default()).unwrap().response_format);
            assert_eq!(read[0], read[1]);
            read[0].clone()
        };
        assert_eq!(format_of(json!("json")), ResponseFormat::Json);
        assert_eq!(format_of(json!({"type": "object"})), ResponseFormat::Schema(json!({"type": "object"})));
        assert_eq!(format_of(json!("")), ResponseFormat::Text);
        assert_eq!(format_of(Value::Null), ResponseFormat::Text);
    }

    #[test]
    fn refuses_in_the_words_of_the_vendor() {
        let read_strict = |body: &str| chat(body.as_bytes(), &Violations::default()).unwrap_err().message;
        let refusal = |message: Value| read_strict(&json!({"model": "m", "messages": [message]}).to_string());
        assert_eq!(read_strict("{}"), "model is required");
        assert_eq!(read_strict(""), "missing request body");
        assert!(refusal(json!({"role": "robot"})).starts_with("invalid role: robot"));
        assert!(
            refusal(json!({"role": "user", "content": [{"text": "x"}]})).contains("cannot unmarshal array")
        );
        assert!(
            refusal(json!({"role": "user", "images": ["data:image/png;base64,QQ=="]})).contains("base64")
        );
        let call = json!([{"function": {"name": "f", "arguments": "{}"}}]);
        assert!(
            refusal(json!({"role": "assistant", "tool_calls": call})).contains("ToolCallFunctionArguments")
        );
    }
}
