//! The conversation: a list of contents, each with a role and parts.

use serde_json::Value;

use super::part::{self, Content, one_or_many};
use crate::{Message, Role, http::Refusal, provider::Violations};

/// Reads the instructions and the conversation.
pub(super) fn read(
    system: &Value,
    contents: &Value,
    violations: &Violations,
) -> Result<Vec<Message>, Refusal> {
    let mut messages = vec![];
    if !system.is_null() {
        let path = "GenerateContentRequest.system_instruction";
        messages.push(match system {
            Value::String(text) => {
                violations.add(Refusal::bad_request(format!("Invalid value at '{path}', {system}")))?;
                Message::text(Role::System, text)
            }
            given => part::read(given, path, violations)?.into_message(Role::System),
        });
    }
    let contents = one_or_many(contents);
    violations.check(!contents.is_empty(), || {
        Refusal::bad_request("* GenerateContentRequest.contents: contents is not specified\n")
    })?;
    let mut turns = Turns::default();
    for (index, given) in contents.iter().enumerate() {
        let role = role(given, violations)?;
        let content = part::read(given, &format!("GenerateContentRequest.contents[{index}]"), violations)?;
        turns.add(role, &content, violations)?;
        messages.extend(split(role, content));
    }
    Ok(messages)
}

fn role(content: &Value, violations: &Violations) -> Result<Role, Refusal> {
    let refusal = match content.get("role").unwrap_or(&Value::Null) {
        Value::Null => return Ok(Role::User),
        Value::String(role) => match role.as_str() {
            "" | "user" | "function" => return Ok(Role::User),
            "model" => return Ok(Role::Assistant),
            _ => Refusal::bad_request("Please use a valid role: user, model."),
        },
        other => Refusal::bad_request(format!("Invalid value at 'contents.role' (TYPE_STRING), {other}")),
    };
    let role = match content.get("role").and_then(Value::as_str) {
        Some("assistant") => Role::Assistant,
        Some("system") => Role::System,
        _ => Role::User,
    };
    violations.add(refusal).map(|()| role)
}

/// Splits a content: responses of functions become messages of their own, before the text that came with them.
fn split(role: Role, mut content: Content) -> impl Iterator<Item = Message> {
    let results = std::mem::take(&mut content.results);
    let only_results = !results.is_empty() && content.texts.is_empty() && content.files.is_empty();
    let rest = (!only_results).then(|| content.into_message(role));
    results.into_iter().chain(rest)
}

/// Follows the turns of a conversation. Consecutive contents of one role are one turn.
#[derive(Default)]
struct Turns {
    speaker: Option<Role>,
    /// Calls of the last model turn.
    calls: usize,
    /// Responses to them so far.
    results: usize,
}

impl Turns {
    fn add(&mut self, role: Role, content: &Content, violations: &Violations) -> Result<(), Refusal> {
        let refuse = |why: &str| violations.add(Refusal::bad_request(format!("Please ensure that {why}.")));
        if self.speaker.is_none() && !content.calls.is_empty() {
            refuse(
                "function call turn comes immediately after a user turn or after a function response turn",
            )?;
        }
        if role == Role::Assistant {
            if self.speaker == Some(Role::User) {
                (self.calls, self.results) = (0, 0);
            }
            self.calls = self.calls.saturating_add(content.calls.len());
        } else {
            let begins = self.speaker == Some(Role::Assistant);
            self.results = self.results.saturating_add(content.results.len());
            if self.calls == 0 && !content.results.is_empty() {
                refuse("function response turn comes immediately after a function call turn")?;
            } else if self.results > self.calls || (begins && self.calls > 0 && content.results.is_empty()) {
                // responses may come in several contents, but only right after the calls
                refuse(
                    "the number of function response parts is equal to the number of function call parts of the function \
                     call turn",
                )?;
            }
        }
        self.speaker = Some(role);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(contents: Value) -> String {
        read_strict(&Value::Null, &contents).unwrap_err().message
    }

    fn read_strict(system: &Value, contents: &Value) -> Result<Vec<Message>, Refusal> {
        read(system, contents, &Violations::default())
    }

    fn turn(role: &str, part: Value) -> Value {
        json!({"role": role, "parts": [part]})
    }

    fn call() -> Value {
        turn("model", json!({"functionCall": {"id": "c1", "name": "recall", "args": {"q": "color"}}}))
    }

    fn result(role: &str) -> Value {
        turn(
            role,
            json!({"functionResponse": {"id": "c1", "name": "recall", "response": {"result": "teal"}}}),
        )
    }

    #[test]
    fn responses_become_messages_and_come_first() {
        let mut answered = result("user");
        answered["parts"].as_array_mut().unwrap().insert(0, json!({"text": "go on"}));
        let system = json!({"parts": {"text": "be brief"}});
        let messages =
            read_strict(&system, &json!([turn("user", json!({"text": "color?"})), call(), answered]))
                .unwrap();
        let read: Vec<_> = messages.iter().map(|m| (m.role, m.text.as_str())).collect();
        let expected = [
            (Role::System, "be brief"),
            (Role::User, "color?"),
            (Role::Assistant, ""),
            (Role::Tool, "teal"),
            (Role::User, "go on"),
        ];
        assert_eq!(read, expected);
        assert_eq!(messages[2].calls[0].arguments, json!({"q": "color"}));
    }

    #[test]
    fn refuses_in_the_words_of_the_vendor() {
        assert!(refused(json!([])).contains("contents is not specified"));
        assert!(refused(Value::Null).contains("contents is not specified"));
        assert!(refused(json!([{"role": "user", "parts": []}])).contains("contents[0].parts"));
        assert!(refused(json!([turn("system", json!({"text": "x"}))])).contains("valid role"));
        assert!(read_strict(&json!("be brief"), &json!([turn("user", json!({"text": "x"}))])).is_err());
    }

    #[test]
    fn demands_a_response_for_each_call() {
        let user = || turn("user", json!({"text": "x"}));
        for fine in [
            json!([user(), call(), result("function"), user()]),
            json!([user(), call(), call(), result("user"), result("user"), call(), result("user")]),
            json!([user(), call()]),
        ] {
            assert!(read_strict(&Value::Null, &fine).is_ok(), "{fine}");
        }
        assert!(refused(json!([call()])).contains("after a user turn"));
        assert!(refused(json!([user(), result("user")])).contains("after a function call turn"));
        assert!(refused(json!([user(), call(), result("user"), result("user")])).contains("the number of"));
        assert!(refused(json!([user(), call(), user()])).contains("the number of"));
    }
}
