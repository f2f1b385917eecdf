//! Arguments for a tool that is only known by its JSON Schema.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::schema::{Placement, fit};

/// Names of properties that a text belongs in, the most likely first.
const TEXT_NAMES: [&str; 18] = [
    "content",
    "memory",
    "fact",
    "text",
    "query",
    "value",
    "note",
    "question",
    "message",
    "task",
    "request",
    "prompt",
    "instruction",
    "data",
    "key",
    "input",
    "information",
    "q",
];

/// Fills a tool's arguments. Each of the `named` texts goes into the argument of its name, the `text` into
/// the most likely of the others and into all required ones, and other required arguments get the minimal
/// value that their schema allows.
pub(super) fn fill(schema: &Value, text: &str, named: &BTreeMap<String, String>) -> Value {
    match fit(schema, text, Placement { names: &TEXT_NAMES, named, repeat: true }) {
        arguments @ Value::Object(_) => arguments,
        _ => json!({}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(schema: &Value, text: &str, named: &[(&str, &str)]) -> Value {
        let named = named.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        fill(schema, text, &named)
    }

    #[test]
    fn text_goes_into_the_most_likely_argument() {
        let schema = json!({"properties": {
            "scope": {"type": "string", "enum": ["LOCAL", "TEAM"]},
            "title": {"type": "string"},
            "content": {"type": "string"},
            "importance": {"type": "integer", "minimum": 3},
            "tags": {"type": "array"}
        }, "required": ["scope", "content", "importance"]});
        let expected = json!({"scope": "LOCAL", "content": "teal", "importance": 3});
        assert_eq!(filled(&schema, "teal", &[]), expected);
    }

    #[test]
    fn text_goes_into_all_required_arguments() {
        let text = json!({"type": ["string", "null"]});
        let schema = json!({"properties": {"key": text, "value": text}, "required": ["key", "value"]});
        assert_eq!(filled(&schema, "teal", &[]), json!({"key": "teal", "value": "teal"}));
    }

    #[test]
    fn tool_without_arguments_gets_none() {
        assert_eq!(filled(&json!({"type": "object"}), "teal", &[]), json!({}));
        assert_eq!(filled(&Value::Null, "teal", &[("agent", "weather")]), json!({}));
    }

    #[test]
    fn named_texts_go_into_their_arguments() {
        let schema = json!({"properties": {
            "Agent": {"type": "string"},
            "message": {"type": "string"},
            "title": {"type": "string"},
            "wait": {"type": "boolean"}
        }, "required": ["Agent", "message"]});
        let to = ("agent", "weather");
        let expected = json!({"Agent": "weather", "message": "rain?"});
        assert_eq!(filled(&schema, "rain?", &[to, ("wait", "yes"), ("peer", "x")]), expected);
        assert_eq!(filled(&schema, "else", &[to, ("message", "rain?")]), expected);
    }

    #[test]
    fn enum_takes_the_equal_or_the_first_choice() {
        let agent = json!({"type": "string", "enum": ["travel", "Weather"]});
        let schema = |agent: &Value| json!({"properties": {"agent": agent, "message": {"type": "string"}}, "required": ["agent", "message"]});
        let expected = |agent: &str| json!({"agent": agent, "message": "rain?"});
        assert_eq!(filled(&schema(&agent), "rain?", &[("agent", "weather")]), expected("Weather"));
        assert_eq!(filled(&schema(&agent), "rain?", &[("agent", "moon")]), expected("travel"));
        assert_eq!(filled(&schema(&agent), "rain?", &[]), expected("travel"));
        let optional = json!({"anyOf": [{"type": "null"}, agent]});
        assert_eq!(filled(&schema(&optional), "rain?", &[]), expected("travel"));
        let skill = json!({"properties": {"name": agent}, "required": ["name"]});
        assert_eq!(filled(&skill, "weather", &[]), json!({"name": "Weather"}));
    }
}
