//! Arguments for a tool whose JSON Schema is all that is known of it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

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

/// Fills a tool's arguments. A text of an argument's own name goes there, the text into the most likely string of the
/// others, and everything else that is required gets the least value that its schema allows.
pub(super) fn fill(schema: &Value, text: &str, named: &BTreeMap<String, String>) -> Value {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return json!({});
    };
    let is_required = |name: &str| {
        let required = schema.get("required").and_then(Value::as_array);
        required.is_some_and(|names| names.iter().any(|n| n.as_str() == Some(name)))
    };
    let own = |name: &str| named.iter().find(|(key, _)| name.eq_ignore_ascii_case(key)).map(|(_, text)| text);
    let rank = |name: &str| {
        let known = TEXT_NAMES.iter().position(|n| name.eq_ignore_ascii_case(n)).unwrap_or(TEXT_NAMES.len());
        (!is_required(name), known)
    };
    let strings = || properties.iter().filter(|(_, schema)| is_free_text(schema)).map(|(name, _)| name);
    let is_placed = strings().any(|name| own(name).is_some() && rank(name).1 < TEXT_NAMES.len());
    let chosen =
        strings().filter(|name| !is_placed && own(name).is_none()).min_by_key(|name| rank(name.as_str()));
    let filled: Map<_, _> = properties
        .iter()
        .filter(|(name, schema)| {
            Some(*name) == chosen
                || is_required(name)
                || (own(name).is_some() && kind(schema) == Some("string"))
        })
        .map(|(name, schema)| (name.clone(), fitting(schema, own(name).map_or(text, String::as_str))))
        .collect();
    Value::Object(filled)
}

/// The text, where the schema takes it; of a choice the equal one; else the least value.
fn fitting(schema: &Value, text: &str) -> Value {
    if is_free_text(schema) {
        return json!(text);
    }
    let equal = |choice: &&Value| choice.as_str().is_some_and(|choice| choice.eq_ignore_ascii_case(text));
    choices(schema).and_then(|choices| choices.iter().find(equal)).cloned().unwrap_or_else(|| least(schema))
}

fn is_free_text(schema: &Value) -> bool {
    kind(schema) == Some("string") && choices(schema).is_none() && schema.get("const").is_none()
}

/// The values of an `enum`, one in an `anyOf` included.
fn choices(schema: &Value) -> Option<&Vec<Value>> {
    let inner = || schema.get("anyOf")?.as_array()?.iter().find_map(|schema| schema.get("enum"));
    schema.get("enum").or_else(inner)?.as_array()
}

/// The schema's type; of several (a union, an `anyOf`) the first that is not null.
fn kind(schema: &Value) -> Option<&str> {
    match schema.get("type") {
        Some(Value::String(kind)) => Some(kind),
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null"),
        _ => schema.get("anyOf")?.as_array()?.iter().filter_map(kind).find(|kind| *kind != "null"),
    }
}

fn least(schema: &Value) -> Value {
    let given = schema.get("default").or_else(|| schema.get("const")).or_else(|| choices(schema)?.first());
    if let Some(value) = given {
        return value.clone();
    }
    match kind(schema) {
        Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or(json!(1)),
        Some("boolean") => json!(false),
        Some("array") => json!([]),
        Some("object") => json!({}),
        _ => Value::Null,
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
