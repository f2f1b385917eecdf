//! Arguments for a tool of which only the JSON Schema is known.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::schema::{Placing, fit};

/// Names that tell where the text belongs, the likeliest first.
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

/// Fills a tool's arguments. A text of an argument's own name goes there, the text into the likeliest of the others and
/// into every one that is required, and everything else that is required gets the least value that its schema allows.
pub(super) fn fill(schema: &Value, text: &str, own: &BTreeMap<String, String>) -> Value {
    match fit(schema, text, Placing { names: &TEXT_NAMES, own, repeat: true }) {
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
    fn the_text_goes_where_it_belongs() {
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
    fn every_text_that_is_required_is_filled() {
        let text = json!({"type": ["string", "null"]});
        let schema = json!({"properties": {"key": text, "value": text}, "required": ["key", "value"]});
        assert_eq!(filled(&schema, "teal", &[]), json!({"key": "teal", "value": "teal"}));
    }

    #[test]
    fn a_tool_without_arguments_gets_none() {
        assert_eq!(filled(&json!({"type": "object"}), "teal", &[]), json!({}));
        assert_eq!(filled(&Value::Null, "teal", &[("agent", "weather")]), json!({}));
    }

    #[test]
    fn a_text_of_an_arguments_own_name_goes_there_and_the_other_where_it_belongs() {
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
    fn of_a_choice_the_equal_one_is_taken_else_the_first() {
        let agent = json!({"type": "string", "enum": ["travel", "Weather"]});
        let schema = |agent: &Value| json!({"properties": {"agent": agent, "message": {"type": "string"}}, "required": ["agent", "message"]});
        let asked = |agent: &str| json!({"agent": agent, "message": "rain?"});
        assert_eq!(filled(&schema(&agent), "rain?", &[("agent", "weather")]), asked("Weather"));
        assert_eq!(filled(&schema(&agent), "rain?", &[("agent", "moon")]), asked("travel"));
        assert_eq!(filled(&schema(&agent), "rain?", &[]), asked("travel"));
        let optional = json!({"anyOf": [{"type": "null"}, agent]});
        assert_eq!(filled(&schema(&optional), "rain?", &[]), asked("travel"));
        let skill = json!({"properties": {"name": agent}, "required": ["name"]});
        assert_eq!(filled(&skill, "weather", &[]), json!({"name": "Weather"}));
    }
}
