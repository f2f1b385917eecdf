//! Reads a request, and refuses what the vendor refuses.

use serde::Deserialize;
use serde_json::Value;

use super::{
    content::{self, Content, Location},
    response_format,
    turns::Turns,
};
use crate::{Message, Prompt, RequestKind, Role, ToolChoice, ToolOffer, http::Refusal, provider::Violations};

#[derive(Deserialize)]
struct Request {
    model: Option<String>,
    max_tokens: Option<usize>,
    messages: Option<Vec<InMessage>>,
    system: Option<Value>,
    tools: Option<Vec<InTool>>,
    tool_choice: Option<InChoice>,
    stop_sequences: Option<Vec<String>>,
    output_config: Option<Value>,
    output_format: Option<Value>,
    stream: Option<bool>,
}

#[derive(Deserialize)]
struct InMessage {
    role: String,
    content: Option<Value>,
}

/// A tool of the client, or (if it has another `type`) one that the vendor itself runs.
#[derive(Deserialize)]
struct InTool {
    name: Option<String>,
    r#type: Option<String>,
    input_schema: Option<Value>,
}

#[derive(Deserialize)]
struct InChoice {
    r#type: String,
    name: Option<String>,
}

/// Reads a request for an answer or for a count of tokens.
pub(super) fn read(body: &[u8], kind: RequestKind, violations: &Violations) -> Result<Prompt, Refusal> {
    let request: Request = serde_json::from_slice(body).map_err(invalid_body)?;
    let model = violations.demand(request.model, || missing("model"))?;
    let is_bounded = kind != RequestKind::Answer || request.max_tokens.is_some();
    violations.check(is_bounded, || missing("max_tokens"))?;
    let given = violations.demand(request.messages, || missing("messages"))?;
    let mut messages = vec![];
    if let Some(system) = request.system.filter(|system| !system.is_null()) {
        messages.push(content::read(&system, Location::System, violations)?.into_message(Role::System));
    }
    read_messages(given, &mut messages, violations)?;
    // the second place is that of its beta
    let formats = [
        (
            "output_config.format",
            request.output_config.and_then(|mut config| Some(config.get_mut("format")?.take())),
        ),
        ("output_format", request.output_format),
    ];
    let response_format = response_format::read(formats, violations)?;
    let given = request.tools.unwrap_or_default();
    let chooses = request.tool_choice.as_ref().is_some_and(|choice| choice.r#type != "none");
    violations.check(!(given.is_empty() && chooses), || {
        Refusal::bad_request("tool_choice: may only be specified while providing `tools`.")
    })?;
    Ok(Prompt {
        model,
        messages,
        tools: read_tools(given, violations)?,
        tool_choice: request
            .tool_choice
            .map_or(Ok(ToolChoice::Auto), |choice| read_tool_choice(choice, violations))?,
        max_tokens: request.max_tokens,
        response_format,
        stop: request.stop_sequences.unwrap_or_default(),
        stream: request.stream.unwrap_or(false) && kind == RequestKind::Answer,
        request_kind: kind,
        ..Prompt::default()
    })
}

fn read_messages(
    given: Vec<InMessage>,
    messages: &mut Vec<Message>,
    violations: &Violations,
) -> Result<(), Refusal> {
    match given.iter().find(|message| message.role != "system").map(|message| message.role.as_str()) {
        None => violations.add(Refusal::bad_request("messages: at least one message is required"))?,
        Some("assistant") => {
            violations.add(Refusal::bad_request("messages: first message must use the \"user\" role"))?;
        }
        Some(_) => {}
    }
    let last = given.len().saturating_sub(1);
    let mut turns = Turns::default();
    for (index, message) in given.into_iter().enumerate() {
        let is_last = index == last;
        let role = role(&message.role, index, violations)?;
        let content = violations.demand(message.content, || missing(format!("messages.{index}.content")))?;
        let content = content::read(&content, Location::Message(index), violations)?;
        violations.check(!(content.is_empty && role == Role::User), || {
            Refusal::bad_request(format!("messages.{index}: user messages must have non-empty content"))
        })?;
        violations.check(!(content.is_empty && role == Role::Assistant) || is_last, || {
            Refusal::bad_request(format!(
                "messages.{index}: all messages must have non-empty content except for the optional final assistant message"
            ))
        })?;
        let ends_in_space = content.texts.last().is_some_and(|text| text.ends_with(char::is_whitespace));
        violations.check(!(is_last && role == Role::Assistant && ends_in_space), || {
            Refusal::bad_request("messages: final assistant content cannot end with trailing whitespace")
        })?;
        turns.add(index, role, &content, violations)?;
        if content.is_empty && role == Role::Assistant {
            // the prefilled beginning of the answer is empty
            continue;
        }
        messages.extend(split(role, content));
    }
    turns.end(violations)
}

/// Splits a message: results of tools become messages of their own, before the text that came with them.
fn split(role: Role, mut content: Content) -> impl Iterator<Item = Message> {
    let results = std::mem::take(&mut content.results);
    let only_results = !results.is_empty() && content.texts.is_empty() && content.files.is_empty();
    let rest = (!only_results).then(|| content.into_message(role));
    results.into_iter().map(|result| result.message).chain(rest)
}

/// Reads a role. `system` is not documented here, but claude-code sends it and the vendor accepts it.
fn role(name: &str, index: usize, violations: &Violations) -> Result<Role, Refusal> {
    match name {
        "user" => Ok(Role::User),
        "assistant" => Ok(Role::Assistant),
        "system" => Ok(Role::System),
        _ => {
            let refusal =
                Refusal::bad_request(format!("messages.{index}.role: Input should be 'user' or 'assistant'"));
            violations.add(refusal).map(|()| Role::User)
        }
    }
}

fn read_tools(given: Vec<InTool>, violations: &Violations) -> Result<Vec<ToolOffer>, Refusal> {
    let mut offered: Vec<ToolOffer> = vec![];
    for (index, tool) in given.into_iter().enumerate() {
        if tool.r#type.as_deref().is_some_and(|kind| kind != "custom") {
            continue;
        }
        let name = violations.demand(tool.name, || missing(format!("tools.{index}.custom.name")))?;
        let no_schema = || missing(format!("tools.{index}.custom.input_schema"));
        let parameters = violations.demand(tool.input_schema, no_schema)?;
        violations.check(offered.iter().all(|other| other.name != name), || {
            Refusal::bad_request("tools: Tool names must be unique.")
        })?;
        offered.push(ToolOffer { name, parameters });
    }
    Ok(offered)
}

fn read_tool_choice(choice: InChoice, violations: &Violations) -> Result<ToolChoice, Refusal> {
    let refusal = match (choice.r#type.as_str(), choice.name) {
        ("auto", _) => return Ok(ToolChoice::Auto),
        ("none", _) => return Ok(ToolChoice::None),
        ("any", _) => return Ok(ToolChoice::Required),
        ("tool", Some(name)) => return Ok(ToolChoice::Named(name)),
        ("tool", None) => missing("tool_choice.tool.name"),
        (other, _) => Refusal::bad_request(format!(
            "tool_choice: Input tag '{other}' found using 'type' does not match any of the expected tags: 'any', 'auto', \
             'none', 'tool'"
        )),
    };
    violations.add(refusal).map(|()| ToolChoice::Auto)
}

fn missing(field: impl AsRef<str>) -> Refusal {
    Refusal::bad_request(format!("{}: Field required", field.as_ref()))
}

fn invalid_body(error: serde_json::Error) -> Refusal {
    let what =
        if error.is_data() { "The request body is invalid" } else { "The request body is not valid JSON" };
    Refusal::bad_request(format!("{what}: {error}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(messages: Value) -> Result<Prompt, Refusal> {
        read_strict(&json!({"model": "m", "max_tokens": 9, "messages": messages}).to_string())
    }

    fn read_strict(body: &str) -> Result<Prompt, Refusal> {
        super::read(body.as_bytes(), RequestKind::Answer, &Violations::default())
    }

    #[test]
    fn tool_results_become_messages_and_come_first() {
        let prompt = read(json!([
            {"role": "user", "content": "what is my color?"},
            {"role": "assistant", "content": [{"type": "text", "text": "I look it up."},
                {"type": "tool_use", "id": "t1", "name": "recall", "input": {"q": "color"}}]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "teal"}]},
                {"type": "text", "text": "go on"}]}
        ]));
        let messages = prompt.as_ref().unwrap().messages.iter().map(|m| (m.role, m.text.as_str()));
        let expected = [
            (Role::User, "what is my color?"),
            (Role::Assistant, "I look it up."),
            (Role::Tool, "teal"),
            (Role::User, "go on"),
        ];
        assert_eq!(messages.collect::<Vec<_>>(), expected);
        assert_eq!(prompt.as_ref().unwrap().messages[1].calls[0].arguments, json!({"q": "color"}));
        assert_eq!(prompt.unwrap().question(), "what is my color?\ngo on");
    }

    #[test]
    fn reads_everything_around_the_messages() {
        let body = json!({
            "model": "m", "max_tokens": 9, "stream": true, "system": [{"type": "text", "text": "be brief"}],
            "tools": [{"name": "f", "input_schema": {"type": "object"}}, {"type": "web_search_20250305", "name": "s"}],
            "tool_choice": {"type": "any"}, "stop_sequences": ["END"],
            "messages": [{"role": "system", "content": "reminder"}, {"role": "user", "content": "hi"}]
        });
        let prompt = read_strict(&body.to_string()).unwrap();
        assert_eq!(prompt.context(), "be brief\nreminder");
        assert_eq!(prompt.tools.len(), 1);
        assert_eq!((prompt.tool_choice, prompt.stop), (ToolChoice::Required, vec!["END".into()]));
        assert!(prompt.stream);
    }

    #[test]
    fn refuses_in_the_words_of_the_vendor() {
        let refused = |messages: Value| read(messages).unwrap_err().message;
        assert_eq!(refused(json!([])), "messages: at least one message is required");
        assert!(refused(json!([{"role": "assistant", "content": "x"}])).contains("first message must use"));
        assert!(refused(json!([{"role": "tool", "content": "x"}])).contains("messages.0.role"));
        assert!(refused(json!([{"role": "user", "content": ""}])).contains("non-empty content"));
        assert!(refused(json!([{"role": "user"}])).contains("messages.0.content: Field required"));
        let without = read_strict(r#"{"model": "m", "messages": []}"#).unwrap_err();
        assert_eq!((without.status, without.message.as_str()), (400, "max_tokens: Field required"));
        let chosen = r#"{"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "x"}],
            "tool_choice": {"type": "any"}}"#;
        assert!(read_strict(chosen).unwrap_err().message.starts_with("tool_choice"));
        let broken = read_strict("{\"model\": ").unwrap_err();
        assert!(broken.message.starts_with("The request body is not valid JSON"));
    }

    #[test]
    fn prefill_may_be_empty() {
        let messages = json!([{"role": "user", "content": "x"}, {"role": "assistant", "content": []}]);
        assert_eq!(read(messages).unwrap().question(), "x");
    }

    #[test]
    fn prefill_does_not_end_the_question() {
        let begun = json!({"role": "assistant", "content": "Your name is"});
        let stated = json!({"role": "user", "content": "my name is Zorvane-4417"});
        let asked = json!({"role": "user", "content": "What is my name?"});
        let prompt = read(json!([stated, {"role": "assistant", "content": "Noted."}, asked, begun])).unwrap();
        assert_eq!(prompt.question(), "What is my name?");
        assert_eq!(prompt.prefill(), Some("Your name is"));
        assert!(prompt.context().contains("Zorvane-4417"));
    }
}
