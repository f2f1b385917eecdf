//! Reads a request of Chat Completions, and refuses what the vendor refuses.

use serde::Deserialize;
use serde_json::Value;

use super::{
    format::Format,
    message::{self, InMessage},
    tool_choice::{read_choice, read_stop},
    turns,
};
use crate::{Prompt, ToolOffer, http::Refusal, provider::Violations};

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
struct InTool {
    function: Option<InFunction>,
}

#[derive(Deserialize)]
struct InFunction {
    name: String,
    #[serde(default)]
    parameters: Value,
}

/// Reads the body of a request. A deployment in the path stands for the model.
pub(super) fn read(
    body: &[u8],
    deployment: Option<&str>,
    violations: &Violations,
) -> Result<Prompt, Refusal> {
    let request: Request = serde_json::from_slice(body).map_err(|error| {
        Refusal::bad_request(format!("We could not parse the JSON body of your request: {error}"))
    })?;
    let model = request.model.or_else(|| deployment.map(str::to_owned)).filter(|model| !model.is_empty());
    let model = violations.demand(model, || Refusal::bad_request("you must provide a model parameter"))?;
    let missing = || Refusal::bad_request("Missing required parameter: 'messages'.");
    let messages = violations.demand(request.messages, missing)?;
    turns::check(&messages, violations)?;
    let tools = match request.tools {
        Some(tools) => offers(tools, violations)?,
        None => vec![],
    };
    let messages = messages.into_iter().enumerate();
    let messages: Vec<_> =
        messages.map(|(index, given)| message::read(given, index, violations)).collect::<Result<_, _>>()?;
    let format =
        Format { path: "response_format", value: &request.response_format, nested_in: Some("json_schema") };
    Ok(Prompt {
        model,
        tool_choice: read_choice(request.tool_choice.as_ref(), &tools, violations)?,
        response_format: format.read(&messages, violations)?,
        messages,
        tools,
        stop: read_stop(request.stop.as_ref()),
        max_tokens: request.max_completion_tokens.or(request.max_tokens),
        stream: request.stream.unwrap_or(false),
        stream_usage: request.stream_options.is_some_and(|options| options.include_usage),
        ..Prompt::default()
    })
}

fn offers(tools: Vec<InTool>, violations: &Violations) -> Result<Vec<ToolOffer>, Refusal> {
    let mut offers = vec![];
    for (index, tool) in tools.into_iter().enumerate() {
        match tool.function {
            Some(InFunction { name, parameters }) => offers.push(ToolOffer { name, parameters }),
            None => violations.add(Refusal::bad_request(format!(
                "Missing required parameter: 'tools[{index}].function'."
            )))?,
        }
    }
    Ok(offers)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Arrival, ToolChoice};

    fn refusal(request: &Value) -> String {
        read(request.to_string().as_bytes(), None, &Violations::default()).unwrap_err().message
    }

    #[test]
    fn reads_every_kind_of_content() {
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
        let prompt = read(body.to_string().as_bytes(), None, &Violations::default()).unwrap();
        let files = &prompt.messages[1].files;
        let arrived: Vec<_> = files.iter().map(|file| file.arrived).collect();
        assert_eq!(files[0].text, "code 42");
        assert_eq!(arrived, [Arrival::DataUri, Arrival::Upload, Arrival::Inline, Arrival::Link]);
        assert_eq!(prompt.messages[2].calls[0].arguments, json!({"x": 1}));
        assert!(prompt.question().contains("code 42"), "{}", prompt.question());
        assert_eq!(prompt.context(), "be brief\n\nok");
        assert_eq!((prompt.stop[0].as_str(), prompt.tool_choice), ("</code>", ToolChoice::Named("f".into())));
    }

    #[test]
    fn refuses_in_the_words_of_the_vendor() {
        let user = json!({"role": "user", "content": "hi"});
        assert_eq!(refusal(&json!({"messages": [user]})), "you must provide a model parameter");
        assert_eq!(refusal(&json!({"model": "m"})), "Missing required parameter: 'messages'.");
        let required = json!({"model": "m", "messages": [user], "tool_choice": "required"});
        assert!(refusal(&required).contains("only allowed when 'tools' are specified"));
        let message = |message: Value| refusal(&json!({"model": "m", "messages": [message]}));
        assert!(message(json!({"role": "robot", "content": ""})).contains("'robot'"));
        assert!(message(json!({"role": "user", "content": null})).contains("expected a string, got null"));
        assert!(message(json!({"role": "user", "content": [{"type": "document"}]})).contains("'document'"));
        let image = json!([{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}]);
        assert!(message(json!({"role": "system", "content": image})).contains("only allowed for messages"));
    }
}
