//! The tools the model may call.

use serde_json::{Value, json};

/// Both tools, as function definitions.
pub(super) fn definitions() -> Value {
    json!([
        function(
            "commit_memory",
            "Keep something for later conversations, when the user asks to have it remembered",
            "content",
            "What to keep, in a full sentence",
        ),
        function(
            "recall_memory",
            "Look up what was kept in this or an earlier conversation",
            "query",
            "A few words about what is looked for",
        ),
    ])
}

fn function(name: &str, about: &str, argument: &str, about_argument: &str) -> Value {
    json!({
        "type": "function",
        "function": {
            "name": name,
            "description": about,
            "parameters": {
                "type": "object",
                "properties": { argument: { "type": "string", "description": about_argument } },
                "required": [argument],
                "additionalProperties": false,
            },
        },
    })
}
