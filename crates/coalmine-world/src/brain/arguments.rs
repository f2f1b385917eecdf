//! Arguments for a tool whose JSON Schema is all that is known of it.

use serde_json::{Map, Value, json};

/// Names that tell where the text belongs, the likeliest first.
const TEXT_NAMES: [&str; 14] = [
    "content",
    "memory",
    "fact",
    "text",
    "query",
    "value",
    "note",
    "question",
    "message",
    "data",
    "key",
    "input",
    "information",
    "q",
];

/// Fills a tool's arguments: the text goes into the most likely string, everything else that is required gets the least
/// value that its schema allows.
pub(super) fn fill(schema: &Value, text: &str) -> Value {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return json!({});
    };
    let is_required = |name: &str| {
        let required = schema.get("required").and_then(Value::as_array);
        required.is_some_and(|names| names.iter().any(|n| n.as_str() == Some(name)))
    };
    let rank = |name: &str| {
        let known = TEXT_NAMES.iter().position(|n| name.eq_ignore_ascii_case(n)).unwrap_or(TEXT_NAMES.len());
        (!is_required(name), known)
    };
    let strings = properties.iter().filter(|(_, schema)| is_free_text(schema)).map(|(name, _)| name);
    let chosen = strings.min_by_key(|name| rank(name));
    let filled: Map<_, _> = properties
        .iter()
        .filter(|(name, _)| Some(*name) == chosen || is_required(name))
        .map(|(name, schema)| {
            let value =
                if Some(name) == chosen || is_free_text(schema) { json!(text) } else { least(schema) };
            (name.clone(), value)
        })
        .collect();
    Value::Object(filled)
}

fn is_free_text(schema: &Value) -> bool {
    kind(schema) == Some("string") && schema.get("enum").is_none() && schema.get("const").is_none()
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
    let given = schema.get("default").or_else(|| schema.get("const")).or_else(|| schema.get("enum")?.get(0));
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

    #[test]
    fn the_text_goes_where_it_belongs() {
        let schema = json!({"properties": {
            "scope": {"type": "string", "enum": ["LOCAL", "TEAM"]},
            "title": {"type": "string"},
            "content": {"type": "string"},
            "importance": {"type": "integer", "minimum": 3},
            "tags": {"type": "array"}
        }, "required": ["scope", "content", "importance"]});
        assert_eq!(fill(&schema, "teal"), json!({"scope": "LOCAL", "content": "teal", "importance": 3}));
    }

    #[test]
    fn a_tool_without_arguments_gets_none() {
        assert_eq!(fill(&json!({"type": "object"}), "teal"), json!({}));
        assert_eq!(fill(&Value::Null, "teal"), json!({}));
    }
}
