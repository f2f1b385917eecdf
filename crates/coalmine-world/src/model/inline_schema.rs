//! A format that is requested in plain text: a JSON Schema in the instructions or in the question.

use serde_json::Value;

use crate::{Prompt, Role};

/// The key that the JSON Schema of an object has.
const PROPERTIES: &str = "\"properties\"";
/// Maximum number of places that are tried as the beginning of a schema.
const MAX_TRIES: usize = 64;

/// Returns the schema that the prompt requests in plain text; the last one counts.
pub(super) fn find(prompt: &Prompt) -> Option<Value> {
    let messages = prompt.messages.iter().filter(|m| matches!(m.role, Role::System | Role::User));
    let texts = messages.map(|message| message.text.as_str());
    texts.filter(|text| text.contains(PROPERTIES) && requests_json(text)).filter_map(find_schema).next_back()
}

/// Returns whether a text requests an answer in JSON, and does not only describe the format of something.
fn requests_json(text: &str) -> bool {
    let text = text.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    has(&["json"]) && has(&["schema"]) && has(&["answer", "respon", "output", "return", "reply"])
}

/// Returns the first object in a text that is the schema of an object.
fn find_schema(text: &str) -> Option<Value> {
    let mut rest = text;
    for _ in 0..MAX_TRIES {
        rest = &rest[rest.find('{')?..];
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        match values.next() {
            Some(Ok(value)) if value.get("properties").is_some_and(Value::is_object) => return Some(value),
            // a schema inside another object is part of that
            Some(Ok(_)) => rest = &rest[values.byte_offset()..],
            _ => rest = &rest[1..],
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Message;

    fn found(role: Role, text: &str) -> Option<Value> {
        find(&Prompt { messages: vec![Message::text(role, text)], ..Prompt::default() })
    }

    #[test]
    fn finds_requested_schemas_but_not_tool_parameters() {
        let schema = json!({ "type": "object", "properties": { "reply": { "type": "string" } } });
        let asked = format!("Hi {{name}}! Output should be JSON that fits this schema:\n```\n{schema}\n```");
        assert_eq!(found(Role::User, &asked), Some(schema.clone()));
        assert_eq!(found(Role::Assistant, &asked), None);
        assert_eq!(found(Role::System, &format!("Here is one: {schema}")), None);
        let tool = json!({ "name": "read", "parameters": schema });
        assert_eq!(found(Role::System, &format!("Answer in JSON. Tools have a schema: {tool}")), None);
        assert_eq!(found(Role::System, "answer by a json schema: {\"properties\": {{{{"), None);
    }
}
