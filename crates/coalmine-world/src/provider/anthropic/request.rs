//! Reading a request, and refusing one that the vendor refuses.

use serde::Deserialize;
use serde_json::Value;

use super::{
    content::{self, Content, Place},
    turns::Turns,
};
use crate::{Message, Prompt, Role, ToolChoice, ToolOffer, Wanted, provider::Refusal};

#[derive(Deserialize)]
struct Request {
    model: Option<String>,
    max_tokens: Option<usize>,
    messages: Option<Vec<InMessage>>,
    system: Option<Value>,
    tools: Option<Vec<InTool>>,
    tool_choice: Option<InChoice>,
    stop_sequences: Option<Vec<String>>,
    stream: Option<bool>,
}

#[derive(Deserialize)]
struct InMessage {
    role: String,
    content: Option<Value>,
}

/// A tool of the client, or (with a `type` of its own) one that the vendor would run.
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
pub(super) fn read(body: &[u8], wanted: Wanted) -> Result<Prompt, Refusal> {
    let request: Request = serde_json::from_slice(body).map_err(unreadable)?;
    let model = request.model.ok_or_else(|| missing("model"))?;
    if wanted == Wanted::Answer && request.max_tokens.is_none() {
        return Err(missing("max_tokens"));
    }
    let given = request.messages.ok_or_else(|| missing("messages"))?;
    let mut messages = vec![];
    if let Some(system) = request.system.filter(|system| !system.is_null()) {
        messages.push(content::read(&system, Place::System)?.into_message(Role::System));
    }
    read_messages(given, &mut messages)?;
    let given = request.tools.unwrap_or_default();
    if given.is_empty() && request.tool_choice.as_ref().is_some_and(|choice| choice.r#type != "none") {
        return Err(Refusal::bad("tool_choice: may only be specified while providing `tools`."));
    }
    Ok(Prompt {
        model,
        messages,
        tools: tools(given)?,
        tool_choice: request.tool_choice.map_or(Ok(ToolChoice::Auto), tool_choice)?,
        most_tokens: request.max_tokens,
        stop: request.stop_sequences.unwrap_or_default(),
        stream: request.stream.unwrap_or(false) && wanted == Wanted::Answer,
        wanted,
        ..Prompt::default()
    })
}

fn read_messages(given: Vec<InMessage>, messages: &mut Vec<Message>) -> Result<(), Refusal> {
    match given.iter().find(|message| message.role != "system").map(|message| message.role.as_str()) {
        None => return Err(Refusal::bad("messages: at least one message is required")),
        Some("assistant") => {
            return Err(Refusal::bad("messages: first message must use the \"user\" role"));
        }
        Some(_) => {}
    }
    let last = given.len() - 1;
    let mut turns = Turns::default();
    for (at, message) in given.into_iter().enumerate() {
        let role = role(&message.role, at)?;
        let content = message.content.ok_or_else(|| missing(format!("messages.{at}.content")))?;
        let content = content::read(&content, Place::Message(at))?;
        if content.is_empty && role == Role::User {
            return Err(Refusal::bad(format!("messages.{at}: user messages must have non-empty content")));
        }
        if content.is_empty && role == Role::Assistant && at != last {
            return Err(Refusal::bad(format!(
                "messages.{at}: all messages must have non-empty content except for the optional final assistant message"
            )));
        }
        turns.add(at, role, &content)?;
        if content.is_empty && role == Role::Assistant {
            // the beginning of the answer is prefilled with nothing
            continue;
        }
        messages.extend(split(role, content));
    }
    turns.end()
}

/// Results of tools are messages of their own, before whatever the user says with them.
fn split(role: Role, mut content: Content) -> impl Iterator<Item = Message> {
    let results = std::mem::take(&mut content.results);
    let only_results = !results.is_empty() && content.texts.is_empty() && content.files.is_empty();
    let rest = (!only_results).then(|| content.into_message(role));
    results.into_iter().map(|result| result.message).chain(rest)
}

/// `system` is none of the documented roles, but claude-code sends it and is answered.
fn role(name: &str, at: usize) -> Result<Role, Refusal> {
    match name {
        "user" => Ok(Role::User),
        "assistant" => Ok(Role::Assistant),
        "system" => Ok(Role::System),
        _ => Err(Refusal::bad(format!("messages.{at}.role: Input should be 'user' or 'assistant'"))),
    }
}

fn tools(given: Vec<InTool>) -> Result<Vec<ToolOffer>, Refusal> {
    let mut offered: Vec<ToolOffer> = vec![];
    for (at, tool) in given.into_iter().enumerate() {
        if tool.r#type.as_deref().is_some_and(|kind| kind != "custom") {
            continue;
        }
        let name = tool.name.ok_or_else(|| missing(format!("tools.{at}.custom.name")))?;
        let parameters =
            tool.input_schema.ok_or_else(|| missing(format!("tools.{at}.custom.input_schema")))?;
        if offered.iter().any(|other| other.name == name) {
            return Err(Refusal::bad("tools: Tool names must be unique."));
        }
        offered.push(ToolOffer { name, parameters });
    }
    Ok(offered)
}

fn tool_choice(choice: InChoice) -> Result<ToolChoice, Refusal> {
    match (choice.r#type.as_str(), choice.name) {
        ("auto", _) => Ok(ToolChoice::Auto),
        ("none", _) => Ok(ToolChoice::None),
        ("any", _) => Ok(ToolChoice::Required),
        ("tool", Some(name)) => Ok(ToolChoice::Named(name)),
        ("tool", None) => Err(missing("tool_choice.tool.name")),
        (other, _) => Err(Refusal::bad(format!(
            "tool_choice: Input tag '{other}' found using 'type' does not match any of the expected tags: 'any', 'auto', \
             'none', 'tool'"
        ))),
    }
}

fn missing(field: impl AsRef<str>) -> Refusal {
    Refusal::bad(format!("{}: Field required", field.as_ref()))
}

fn unreadable(error: serde_json::Error) -> Refusal {
    let what =
        if error.is_data() { "The request body is invalid" } else { "The request body is not valid JSON" };
    Refusal::bad(format!("{what}: {error}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(messages: Value) -> Result<Prompt, Refusal> {
        let body = json!({"model": "m", "max_tokens": 9, "messages": messages});
        super::read(body.to_string().as_bytes(), Wanted::Answer)
    }

    #[test]
    fn results_of_tools_are_messages_of_their_own_and_come_first() {
        let prompt = read(json!([
            {"role": "user", "content": "what is my colour?"},
            {"role": "assistant", "content": [{"type": "text", "text": "I look it up."},
                {"type": "tool_use", "id": "t1", "name": "recall", "input": {"q": "colour"}}]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "teal"}]},
                {"type": "text", "text": "go on"}]}
        ]));
        let messages = prompt.as_ref().unwrap().messages.iter().map(|m| (m.role, m.text.as_str()));
        let expected = [
            (Role::User, "what is my colour?"),
            (Role::Assistant, "I look it up."),
            (Role::Tool, "teal"),
            (Role::User, "go on"),
        ];
        assert_eq!(messages.collect::<Vec<_>>(), expected);
        assert_eq!(prompt.as_ref().unwrap().messages[1].calls[0].arguments, json!({"q": "colour"}));
        assert_eq!(prompt.unwrap().question(), "what is my colour?\ngo on");
    }

    #[test]
    fn everything_around_the_messages_is_read() {
        let body = json!({
            "model": "m", "max_tokens": 9, "stream": true, "system": [{"type": "text", "text": "be brief"}],
            "tools": [{"name": "f", "input_schema": {"type": "object"}}, {"type": "web_search_20250305", "name": "s"}],
            "tool_choice": {"type": "any"}, "stop_sequences": ["END"],
            "messages": [{"role": "system", "content": "reminder"}, {"role": "user", "content": "hi"}]
        });
        let prompt = super::read(body.to_string().as_bytes(), Wanted::Answer).unwrap();
        assert_eq!(prompt.memory(), "be brief\nreminder");
        assert_eq!(prompt.tools.len(), 1);
        assert_eq!((prompt.tool_choice, prompt.stop), (ToolChoice::Required, vec!["END".into()]));
        assert!(prompt.stream);
    }

    #[test]
    fn what_the_vendor_refuses_is_refused_in_its_words() {
        let refused = |messages: Value| read(messages).unwrap_err().message;
        assert_eq!(refused(json!([])), "messages: at least one message is required");
        assert!(refused(json!([{"role": "assistant", "content": "x"}])).contains("first message must use"));
        assert!(refused(json!([{"role": "tool", "content": "x"}])).contains("messages.0.role"));
        assert!(refused(json!([{"role": "user", "content": ""}])).contains("non-empty content"));
        assert!(refused(json!([{"role": "user"}])).contains("messages.0.content: Field required"));
        let without = super::read(br#"{"model": "m", "messages": []}"#, Wanted::Answer).unwrap_err();
        assert_eq!((without.status, without.message.as_str()), (400, "max_tokens: Field required"));
        let chosen = br#"{"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "x"}],
            "tool_choice": {"type": "any"}}"#;
        assert!(super::read(chosen, Wanted::Answer).unwrap_err().message.starts_with("tool_choice"));
        let broken = super::read(b"{\"model\": ", Wanted::Answer).unwrap_err();
        assert!(broken.message.starts_with("The request body is not valid JSON"));
    }

    #[test]
    fn a_prefilled_answer_may_be_empty() {
        let messages = json!([{"role": "user", "content": "x"}, {"role": "assistant", "content": []}]);
        assert_eq!(read(messages).unwrap().question(), "x");
    }

    #[test]
    fn a_prefilled_answer_is_no_turn_of_its_own() {
        let begun = json!({"role": "assistant", "content": "Your name is"});
        let told = json!({"role": "user", "content": "my name is Zorvane-4417"});
        let asked = json!({"role": "user", "content": "What is my name?"});
        let prompt = read(json!([told, {"role": "assistant", "content": "Noted."}, asked, begun])).unwrap();
        assert_eq!(prompt.question(), "What is my name?");
        assert_eq!(prompt.prefill(), Some("Your name is"));
        assert!(prompt.memory().contains("Zorvane-4417"));
    }
}
