//! Arguments for a tool that is only known by its JSON Schema.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    meaning,
    schema::{Placement, fit},
};
use crate::{Prompt, ToolOffer};

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
/// Names of properties that hold what is looked for, the most likely first.
const QUERY_NAMES: [&str; 6] = ["query", "q", "question", "search", "text", "keywords"];

/// What a tool is called with.
pub(super) struct CallTexts<'a> {
    /// The role for which the tool is called.
    pub(super) role: &'a str,
    /// The text to pass.
    pub(super) text: &'a str,
    /// Texts for arguments by name; `agent` and `message` also go into arguments that mean the same.
    pub(super) named: BTreeMap<String, String>,
}

/// Fills the arguments of a tool that is called for a role, by their names and meaning.
pub(super) fn fill_call(tool: &ToolOffer, call: CallTexts<'_>, prompt: &Prompt) -> Value {
    let CallTexts { role, text, mut named } = call;
    let properties = tool.parameters.get("properties").and_then(Value::as_object);
    let names: Vec<_> = properties.into_iter().flat_map(|properties| properties.keys()).collect();
    let is_taken = |named: &BTreeMap<String, String>, name: &str| {
        named.keys().any(|known| known.eq_ignore_ascii_case(name))
    };
    let agent = named.get("agent").cloned();
    let message = named.get("message").cloned();
    if let (Some(message), false) = (message, names.iter().any(|name| name.eq_ignore_ascii_case("message"))) {
        let tasks = names.iter().filter(|name| !is_taken(&named, name));
        let task = tasks.min_by_key(|name| meaning::task_rank(name).unwrap_or(usize::MAX));
        if let Some(task) = task.filter(|name| meaning::task_rank(name).is_some()) {
            named.insert((*task).clone(), message);
        }
    }
    for (name, schema) in properties.into_iter().flatten() {
        if is_taken(&named, name) {
            continue;
        }
        if let Some(agent) = agent.as_ref().filter(|_| meaning::is_addressee(name)) {
            named.insert(name.clone(), meaning::id_in_prompt(prompt, agent));
        } else if let Some(choice) = meaning::choice_for(role, name, choices(schema)) {
            named.insert(name.clone(), choice.to_owned());
        } else if meaning::is_action(name)
            && choices(schema).next().is_none()
            && let Some(action) = meaning::action_for(role, description(schema))
        {
            named.insert(name.clone(), action.to_owned());
        }
    }
    if let Some(agent) = agent.filter(|_| names.iter().any(|name| name.eq_ignore_ascii_case("agent"))) {
        named.insert("agent".into(), meaning::id_in_prompt(prompt, &agent));
    }
    let likely = if role == "memory-read" { &QUERY_NAMES[..] } else { &TEXT_NAMES[..4] };
    let mut likely =
        likely.iter().filter_map(|known| names.iter().find(|name| name.eq_ignore_ascii_case(known)));
    if let Some(place) = likely.next().filter(|name| role.starts_with("memory") && !is_taken(&named, name)) {
        named.insert((*place).clone(), text.to_owned());
    }
    fill(&tool.parameters, text, &named)
}

/// Returns the values that a property may have, if they are listed.
fn choices(schema: &Value) -> impl Iterator<Item = &str> + Clone {
    let alternatives = ["anyOf", "oneOf"].iter().find_map(|key| schema.get(key)?.as_array());
    let schemas = [schema].into_iter().chain(alternatives.into_iter().flatten());
    schemas
        .flat_map(|schema| schema.get("enum").and_then(Value::as_array).into_iter().flatten())
        .filter_map(Value::as_str)
}

fn description(schema: &Value) -> &str {
    schema.get("description").and_then(Value::as_str).unwrap_or_default()
}

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

    fn called(role: &str, properties: Value, required: Value, named: &[(&str, &str)], listed: &str) -> Value {
        let parameters = json!({"properties": properties, "required": required});
        let tool = ToolOffer { name: "t".into(), parameters };
        let named = named.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        let messages = vec![crate::Message::text(crate::Role::System, listed)];
        let prompt = Prompt { messages, ..Prompt::default() };
        fill_call(&tool, CallTexts { role, text: "rain?", named }, &prompt)
    }

    #[test]
    fn peers_get_the_question_in_one_argument() {
        let text = json!({"type": "string"});
        let (station, to) =
            ("canary-weather-station", [("agent", "canary-weather-station"), ("message", "rain?")]);
        for (task, listed, id) in [
            ("task", "- canary-weather-station: weather", station),
            (
                "task",
                "[{\"name\": \"Weather station\", \"workspace_id\": \"ws-7f3a\"}, {\"name\": \"x\", \"id\": \"y\"}]",
                "ws-7f3a",
            ),
            ("prompt", "nobody is listed", station),
        ] {
            let arguments = called(
                "peer",
                json!({"workspace_id": text, task: text}),
                json!(["workspace_id", task]),
                &to,
                listed,
            );
            assert_eq!(arguments, json!({"workspace_id": id, task: "rain?"}), "{listed}");
        }
        let enumerated = json!({"agent_name": {"enum": ["travel", station]}, "query": text});
        let arguments = called("peer", enumerated, json!(["agent_name", "query"]), &to, "");
        assert_eq!(arguments, json!({"agent_name": station, "query": "rain?"}));
    }

    #[test]
    fn actions_fit_the_role() {
        let memory = json!({
            "action": {"type": "string", "enum": ["remove", "search", "add"]},
            "target": {"type": "string", "enum": ["memory", "user"]},
            "content": {"type": "string"},
            "query": {"type": "string"},
        });
        let required = json!(["action", "target"]);
        let write = called("memory-write", memory.clone(), required.clone(), &[], "");
        assert_eq!(write, json!({"action": "add", "target": "memory", "content": "rain?"}));
        let read = called("memory-read", memory, required, &[], "");
        assert_eq!(read, json!({"action": "search", "target": "memory", "query": "rain?"}));
        let optional = json!({"operation": {"enum": ["list", "store"]}, "text": {"type": "string"}});
        assert_eq!(
            called("memory-write", optional, json!(["text"]), &[], ""),
            json!({"operation": "store", "text": "rain?"})
        );
        let format = json!({"format": {"enum": ["text", "list"]}, "query": {"type": "string"}});
        let read = called("memory-read", format, json!(["query"]), &[], "");
        assert_eq!(read, json!({"query": "rain?"}), "a format is no action");
        let described = json!({"action": {"type": "string", "description": "replace or append"}, "content": {"type": "string"}});
        let filled = called("memory-write", described, json!(["action"]), &[], "");
        assert_eq!(filled, json!({"action": "append", "content": "rain?"}));
    }
}
