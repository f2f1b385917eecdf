//! Functions that the instructions offer as Python signatures: `def recall_memory(query: string) -> string:`.

use serde_json::{Map, Value, json};

use crate::{Message, Role, ToolOffer, prompt::FINAL_ANSWER};

/// Maximum number of functions that are read.
const MAX_FUNCTIONS: usize = 200;

/// Returns the functions that the instructions offer, if one of them takes the answer.
pub(super) fn offered(messages: &[Message]) -> Vec<ToolOffer> {
    let instructions = messages.iter().filter(|m| m.role == Role::System && m.text.contains(FINAL_ANSWER));
    let lines = instructions.flat_map(|m| m.text.lines());
    let offered: Vec<_> =
        lines.filter_map(|line| read(line.strip_prefix("def ")?)).take(MAX_FUNCTIONS).collect();
    if offered.iter().any(|offer| offer.name == FINAL_ANSWER) { offered } else { vec![] }
}

/// Reads a signature.
fn read(signature: &str) -> Option<ToolOffer> {
    let (name, rest) = signature.split_once('(')?;
    let (arguments, _) = rest.rsplit_once(") ->")?;
    let mut properties = Map::new();
    let mut required = vec![];
    for argument in split(arguments) {
        let (name, kind) = argument.split_once(": ")?;
        properties.insert(name.to_owned(), schema(kind));
        required.push(name.to_owned());
    }
    let parameters = json!({ "type": "object", "properties": properties, "required": required });
    Some(ToolOffer { name: name.to_owned(), parameters })
}

/// Splits arguments at commas that are not within brackets.
fn split(arguments: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    let ends = |c: char| {
        depth = match c {
            '[' | '(' => depth.saturating_add(1),
            ']' | ')' => depth.saturating_sub(1),
            _ => depth,
        };
        c == ',' && depth == 0
    };
    arguments.split(ends).map(str::trim).filter(|argument| !argument.is_empty()).collect()
}

/// Returns the schema of a type, by its name in JSON or in Python.
fn schema(kind: &str) -> Value {
    let is = |names: &[&str]| names.iter().any(|name| kind.contains(name));
    let name = match kind {
        _ if is(&["null", "None"]) && !is(&["str"]) => "null",
        _ if is(&["str", "any", "Any"]) && !is(&["dict", "list", "object", "array"]) => "string",
        _ if is(&["dict", "object"]) => "object",
        _ if is(&["list", "array"]) => "array",
        _ if is(&["int"]) => "integer",
        _ if is(&["float", "number"]) => "number",
        _ if is(&["bool"]) => "boolean",
        _ => "null",
    };
    json!({ "type": name })
}

/// Returns whether code calls a function.
pub(super) fn calls(code: &str, name: &str) -> bool {
    let is_part_of_a_name = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    code.match_indices(name).any(|(index, _)| {
        let (before, from) = code.split_at(index);
        let after = from.strip_prefix(name).unwrap_or_default();
        !before.ends_with(is_part_of_a_name) && after.starts_with('(')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_form_of_signature() {
        let instructions = "You only have access to these tools:\n<code>\ndef recall_memory(query: string) -> string:\n    \
                    \"\"\"def of it\n    \"\"\"\n\ndef helper(task: str, more: dict[str, Any], n: ['integer', 'null']) -> str:\n\
                    def now() -> string:\ndef final_answer(answer: any) -> any:\ndef broken\n</code>";
        let offered = offered(&[Message::text(Role::System, instructions)]);
        let names: Vec<_> = offered.iter().map(|offer| offer.name.as_str()).collect();
        assert_eq!(names, ["recall_memory", "helper", "now", "final_answer"]);
        assert_eq!(offered[0].parameters["properties"], json!({"query": {"type": "string"}}));
        let types =
            offered[1].parameters["properties"].as_object().unwrap().values().map(|schema| &schema["type"]);
        assert_eq!(types.collect::<Vec<_>>(), ["string", "object", "null"]);
        assert_eq!(offered[2].parameters["required"], json!([]));
    }

    #[test]
    fn ignores_code_of_the_user() {
        let code = "def recall_memory(query: string) -> string:\ndef final_answer(answer: any) -> any:";
        assert!(offered(&[Message::text(Role::User, code)]).is_empty());
        assert!(offered(&[Message::text(Role::System, "def f(x: string) -> string:")]).is_empty());
    }

    #[test]
    fn distinguishes_calls_from_similar_names() {
        assert!(calls("x = recall(query=1)", "recall"));
        for other in ["recall_all(1)", "my_recall(1)", "memory.recall(1)", "recall = 1", "print(recall)"] {
            assert!(!calls(other, "recall"), "{other}");
        }
    }
}
