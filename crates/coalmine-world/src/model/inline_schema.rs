//! A form that is demanded in words alone: a JSON Schema in the instructions or the question.

use serde_json::Value;

use crate::{Prompt, Role};

/// What a JSON Schema of an object has.
const PROPERTIES: &str = "\"properties\"";
/// How many places are looked at where one could begin.
const MOST: usize = 64;

/// The schema to which an answer must keep, where the prompt says so in words: the last one counts.
pub(super) fn schema(prompt: &Prompt) -> Option<Value> {
    let told = |role: Role| matches!(role, Role::System | Role::User);
    let texts = prompt.messages.iter().filter(|m| told(m.role)).map(|m| m.text.as_str());
    texts.filter(|text| text.contains(PROPERTIES) && demands(text)).filter_map(find).next_back()
}

/// Whether a text speaks of JSON to be answered with, and not only of what something looks like.
fn demands(text: &str) -> bool {
    let text = text.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    has(&["json"]) && has(&["schema"]) && has(&["answer", "respon", "output", "return", "reply"])
}

/// The first object in a text that is a schema of an object.
fn find(text: &str) -> Option<Value> {
    let mut rest = text;
    for _ in 0..MOST {
        rest = &rest[rest.find('{')?..];
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        match values.next() {
            Some(Ok(value)) if value.get("properties").is_some_and(Value::is_object) => return Some(value),
            // whatever is inside another object belongs to that
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

    fn told(role: Role, text: &str) -> Option<Value> {
        schema(&Prompt { messages: vec![Message::text(role, text)], ..Prompt::default() })
    }

    #[test]
    fn a_schema_in_words_is_found_and_a_tools_parameters_are_none() {
        let schema = json!({ "type": "object", "properties": { "reply": { "type": "string" } } });
        let asked = format!("Hi {{name}}! Output should be JSON that fits this schema:\n```\n{schema}\n```");
        assert_eq!(told(Role::User, &asked), Some(schema.clone()));
        assert_eq!(told(Role::Assistant, &asked), None);
        assert_eq!(told(Role::System, &format!("Here is one: {schema}")), None);
        let tool = json!({ "name": "read", "parameters": schema });
        assert_eq!(told(Role::System, &format!("Answer in JSON. Tools have a schema: {tool}")), None);
        assert_eq!(told(Role::System, "answer by a json schema: {\"properties\": {{{{"), None);
    }
}
