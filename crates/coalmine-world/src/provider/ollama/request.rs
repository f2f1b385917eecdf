//! Reads requests of Ollama as strictly as its Go types do.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::Value;

use super::super::{
    Refusal, Violations, file,
    openai_chat::{stop, tool_call},
};
use crate::{Form, Message, Prompt, PromptFile, Role, ToolCall, ToolOffer};

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

pub(super) fn chat(body: &[u8], violations: &Violations) -> Result<Prompt, Refusal> {
    let request: Chat = parse(body)?;
    let messages = request.messages.unwrap_or_default().into_iter();
    let tools = request.tools.unwrap_or_default().into_iter().map(|tool| tool.function);
    Ok(Prompt {
        model: named(request.model, violations)?,
        messages: messages.map(|given| message(given, violations)).collect::<Result<_, _>>()?,
        tools: tools.map(|f| ToolOffer { name: f.name, parameters: f.parameters }).collect(),
        form: form(request.format),
        stop: stop(option(&request.options, "stop")),
        most_tokens: option(&request.options, "num_predict").and_then(tokens),
        stream: request.stream.unwrap_or(true),
        ..Prompt::default()
    })
}

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
        model: named(request.model, violations)?,
        messages,
        form: form(request.format),
        stop: stop(option(&request.options, "stop")),
        most_tokens: option(&request.options, "num_predict").and_then(tokens),
        stream: request.stream.unwrap_or(true),
        ..Prompt::default()
    })
}

fn option<'a>(options: &'a Option<Value>, name: &str) -> Option<&'a Value> {
    options.as_ref()?.get(name)
}

/// Less than none is as many as it takes.
fn tokens(most: &Value) -> Option<usize> {
    usize::try_from(most.as_i64()?).ok()
}

fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Refusal> {
    match body {
        [] => Err(Refusal::bad("missing request body")),
        _ => serde_json::from_slice(body).map_err(|error| Refusal::bad(error.to_string())),
    }
}

/// `"json"`, or a schema.
fn form(format: Option<Value>) -> Form {
    match format {
        Some(Value::String(kind)) if kind == "json" => Form::Json,
        Some(schema @ Value::Object(_)) => Form::Schema(schema),
        _ => Form::Words,
    }
}

fn named(model: String, violations: &Violations) -> Result<String, Refusal> {
    violations.check(!model.is_empty(), || Refusal::bad("model is required"))?;
    Ok(model)
}

fn message(message: InMessage, violations: &Violations) -> Result<Message, Refusal> {
    let role = match message.role.to_lowercase().as_str() {
        "system" => Role::System,
        "user" => Role::User,
        "assistant" => Role::Assistant,
        "tool" => Role::Tool,
        other => {
            violations.add(Refusal::bad(format!(
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
    Ok(Message { role, text, files: images(message.images, violations)?, calls })
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
        violations
            .check(STANDARD.decode(&image).is_ok(), || Refusal::bad("illegal base64 data at input byte 0"))?;
        Ok(file(&image, None, None))
    };
    images.unwrap_or_default().into_iter().map(read).collect()
}

/// In the words of Go's JSON reader.
fn mistyped(value: &Value, field: &str, wanted: &str) -> Refusal {
    let kind = match value {
        Value::Array(_) => "array",
        Value::Object(_) => "object",
        Value::String(_) => "string",
        Value::Bool(_) => "bool",
        Value::Number(_) | Value::Null => "number",
    };
    Refusal::bad(format!(
        "json: cannot unmarshal {kind} into Go struct field ChatRequest.{field} of type {wanted}"
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Arrival;

    #[test]
    fn a_chat_with_every_kind_of_content_is_read() {
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
        assert_eq!(prompt.memory(), "be brief\n\nok");
        assert_eq!(prompt.calls_since_question().next().unwrap().arguments, json!({"x": 1}));
        assert_eq!((prompt.stop[0].as_str(), prompt.tools.len()), ("x", 1));
        assert!(prompt.stream, "the default");
    }

    #[test]
    fn a_prompt_to_complete_is_read() {
        let strictly = |body: &[u8]| generate(body, &Violations::default()).unwrap();
        let prompt = strictly(br#"{"model":"m","system":"s","prompt":"p","images":["QQ=="],"stream":false}"#);
        assert_eq!((prompt.memory().as_str(), prompt.question().as_str()), ("s", "p\nA"));
        assert!(!prompt.stream);
        assert!(strictly(br#"{"model":"m"}"#).messages.is_empty());
    }

    #[test]
    fn json_is_wanted_with_a_schema_and_without() {
        let wanted = |format: Value| {
            let body = json!({"model": "m", "prompt": "p", "format": format}).to_string();
            let read =
                [chat, generate].map(|read| read(body.as_bytes(), &Violations::default()).unwrap().form);
            assert_eq!(read[0], read[1]);
            read[0].clone()
        };
        assert_eq!(wanted(json!("json")), Form::Json);
        assert_eq!(wanted(json!({"type": "object"})), Form::Schema(json!({"type": "object"})));
        assert_eq!(wanted(json!("")), Form::Words);
        assert_eq!(wanted(Value::Null), Form::Words);
    }

    #[test]
    fn what_the_vendor_refuses_is_refused_in_its_words() {
        let strictly = |body: &str| chat(body.as_bytes(), &Violations::default()).unwrap_err().message;
        let told = |message: Value| strictly(&json!({"model": "m", "messages": [message]}).to_string());
        assert_eq!(strictly("{}"), "model is required");
        assert_eq!(strictly(""), "missing request body");
        assert!(told(json!({"role": "robot"})).starts_with("invalid role: robot"));
        assert!(told(json!({"role": "user", "content": [{"text": "x"}]})).contains("cannot unmarshal array"));
        assert!(told(json!({"role": "user", "images": ["data:image/png;base64,QQ=="]})).contains("base64"));
        let call = json!([{"function": {"name": "f", "arguments": "{}"}}]);
        assert!(told(json!({"role": "assistant", "tool_calls": call})).contains("ToolCallFunctionArguments"));
    }
}
