//! The structure that a request demands: by a schema, by a tool that must be called, or by an example.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Value, json};

use super::{
    SideCallKind,
    field::{FieldMeaning, FieldType},
    request,
};
use crate::{
    Prompt, ResponseFormat, Role, ToolChoice, ToolOffer, model::inline_schema, prompt::FINAL_ANSWER,
};

/// Maximum number of references that are followed to a schema.
const MAX_REFERENCES: usize = 8;

/// A demanded structure.
pub(in crate::model) struct Structure<'a> {
    pub(super) schema: Value,
    /// The tool that takes it, if one must be called.
    pub(super) tool: Option<&'a ToolOffer>,
}

/// A field of a structure.
pub(super) struct Field<'a> {
    pub(super) name: &'a str,
    pub(super) kind: FieldType,
    pub(super) meaning: FieldMeaning,
    /// The values that are listed, if any.
    pub(super) choices: Vec<&'a str>,
    /// The upper bound of a number.
    pub(super) maximum: Option<f64>,
}

impl<'a> Structure<'a> {
    /// Returns the structure that a prompt demands. A tool that has a role does something else.
    pub(super) fn requested_by(prompt: &'a Prompt, has_role: impl Fn(&str) -> bool) -> Option<Self> {
        if let Some(tool) = forced_tool(prompt).filter(|tool| !has_role(&tool.name)) {
            return Some(Self { schema: tool.parameters.clone(), tool: Some(tool) });
        }
        if prompt.tool_choice.demands_call() {
            return None;
        }
        let schema = match &prompt.response_format {
            ResponseFormat::Schema(schema) => schema.clone(),
            _ => inline_schema::find(prompt).or_else(|| example(prompt))?,
        };
        Some(Self { schema, tool: None })
    }

    /// Returns the names of the tool and of the fields.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let tool = self.tool.iter().map(|tool| tool.name.as_str());
        tool.chain(fields(&self.schema).into_iter().map(|field| field.name))
    }

    /// Returns the purpose of the side call that demands this structure. A structure with a place for the
    /// answer belongs to the turn's own call.
    pub(super) fn side_call_kind(&self, prompt: &Prompt) -> Option<SideCallKind> {
        let fields = fields(&self.schema);
        let has = |meaning| fields.iter().any(|field| field.meaning == meaning);
        let is_text = |field: &Field<'_>| matches!(field.kind, FieldType::Text | FieldType::Nested);
        if fields.is_empty() || has(FieldMeaning::Answer) {
            return None;
        }
        let is_verdict = |field: &&Field<'_>| {
            matches!(field.meaning, FieldMeaning::Verdict(_) | FieldMeaning::Decision)
                || (field.meaning == FieldMeaning::Route && field.kind == FieldType::Choice)
        };
        let verdict = fields.iter().find(is_verdict);
        if has(FieldMeaning::Text) && !(verdict.is_some() && request::is_guardrail(prompt)) {
            return None;
        }
        match verdict.map(|field| field.meaning) {
            Some(FieldMeaning::Route) => return Some(SideCallKind::Route),
            Some(_) => return Some(SideCallKind::Guardrail),
            None => {}
        }
        if fields.iter().any(|field| field.meaning == FieldMeaning::Unknown && is_text(field)) {
            return None;
        }
        let soft = [
            (FieldMeaning::Summary, SideCallKind::Summary),
            (FieldMeaning::Title, SideCallKind::Title),
            (FieldMeaning::Questions, SideCallKind::Suggestions),
            (FieldMeaning::Facts, SideCallKind::Extraction),
            (FieldMeaning::Rewrite, SideCallKind::Rewrite),
            (FieldMeaning::Route, SideCallKind::Route),
            (FieldMeaning::Class, SideCallKind::Classification),
        ];
        let soft = soft.into_iter().find(|(meaning, _)| has(*meaning)).map(|(_, kind)| kind);
        let is_classified = || {
            fields
                .iter()
                .any(|field| matches!(field.kind, FieldType::Flag | FieldType::Choice))
                .then_some(SideCallKind::Classification)
        };
        soft.or_else(is_classified)
    }
}

/// Returns the only tool that the model may call, if it must call one.
fn forced_tool(prompt: &Prompt) -> Option<&ToolOffer> {
    if !prompt.tool_choice.demands_call() {
        return None;
    }
    let mut callable = prompt.callable();
    let tool = callable.next().filter(|tool| tool.name != FINAL_ANSWER)?;
    (matches!(prompt.tool_choice, ToolChoice::Named(_)) || callable.next().is_none()).then_some(tool)
}

/// Returns the fields at the top of a schema.
pub(super) fn fields(root: &Value) -> Vec<Field<'_>> {
    let properties = resolve(root, root).get("properties").and_then(Value::as_object);
    let field = |(name, schema)| field(root, name, schema);
    properties.into_iter().flatten().map(field).collect()
}

fn field<'a>(root: &'a Value, name: &'a String, schema: &'a Value) -> Field<'a> {
    let schema = resolve(root, schema);
    let choices: Vec<_> = match (schema.get("enum"), schema.get("const")) {
        (Some(Value::Array(choices)), _) => choices.iter().filter_map(Value::as_str).collect(),
        (_, Some(Value::String(only))) => vec![only.as_str()],
        _ => vec![],
    };
    let kind = match type_of(schema) {
        _ if !choices.is_empty() => FieldType::Choice,
        "boolean" => FieldType::Flag,
        "number" | "integer" => FieldType::Number,
        "array" | "object" => FieldType::Nested,
        _ => FieldType::Text,
    };
    let maximum = schema.get("maximum").and_then(Value::as_f64);
    Field { name, kind, meaning: FieldMeaning::of(name, kind), choices, maximum }
}

fn type_of(schema: &Value) -> &str {
    match schema.get("type") {
        Some(Value::String(kind)) => kind.as_str(),
        Some(Value::Array(kinds)) => {
            kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or_default()
        }
        _ if schema.get("properties").is_some() => "object",
        _ if schema.get("items").is_some() => "array",
        _ => "",
    }
}

/// Follows references, and alternatives to null.
fn resolve<'a>(root: &'a Value, mut schema: &'a Value) -> &'a Value {
    for _ in 0..MAX_REFERENCES {
        let reference = schema.get("$ref").and_then(Value::as_str).and_then(|place| place.strip_prefix('#'));
        let choices = ["anyOf", "oneOf", "allOf"].iter().find_map(|key| schema.get(key)?.as_array());
        let next = match (reference, choices) {
            (Some(pointer), _) => root.pointer(pointer),
            (None, Some(choices)) => choices.iter().find(|choice| type_of(choice) != "null"),
            (None, None) => None,
        };
        match next {
            Some(next) => schema = next,
            None => break,
        }
    }
    schema
}

/// The beginning of an example in JSON.
static EXAMPLE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"\{[ \t\r\n]*""#).ok());

/// A key of an example in JSON, and the beginning of its value.
static EXAMPLE_KEY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#""([A-Za-z][A-Za-z0-9_-]*)" *: *("[^"\n]*"(?: *\| *"[^"\n]*")*|[^",\n}]*)"#).ok()
});

/// Returns the schema of the first example in JSON in the text that asks, if the prompt asks for JSON.
fn example(prompt: &Prompt) -> Option<Value> {
    if !prompt.tools.is_empty() || !prompt.functions.is_empty() {
        return None;
    }
    let asking = prompt.messages.iter().filter(|m| matches!(m.role, Role::System | Role::User));
    let mut asking = asking.map(|message| message.text.as_str());
    asking.find_map(|text| {
        let start = EXAMPLE.as_ref()?.find(text)?.start();
        let is_asked = prompt.response_format == ResponseFormat::Json || requests_json(text);
        is_asked.then(|| example_schema(&text[start..]))?
    })
}

fn requests_json(text: &str) -> bool {
    let text = text.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    has(&["json"]) && has(&["answer", "respon", "output", "return", "reply", "format"])
}

fn example_schema(text: &str) -> Option<Value> {
    let end = text.find('}').map_or(text.len(), |end| end.saturating_add(1));
    let mut properties = serde_json::Map::new();
    for found in EXAMPLE_KEY.as_ref()?.captures_iter(&text[..end]) {
        properties.insert(found[1].to_owned(), example_value(found[2].trim()));
    }
    let required: Vec<_> = properties.keys().cloned().collect();
    (!properties.is_empty())
        .then(|| json!({ "type": "object", "properties": properties, "required": required }))
}

/// Returns the schema of a value in an example, such as `true|false`, `"a" | "b"`, `"a|b"` or `<boolean>`.
fn example_value(text: &str) -> Value {
    let lower = text.to_lowercase();
    let plain = lower.trim_matches(|c: char| !c.is_alphanumeric() && c != '[');
    let choices: Vec<_> = text.split(['|', '/']).map(|choice| choice.trim().trim_matches('"')).collect();
    match plain {
        _ if plain.starts_with("true") || plain.starts_with("false") || plain.starts_with("bool") => {
            json!({ "type": "boolean" })
        }
        _ if lower.starts_with('[') => json!({ "type": "array", "items": { "type": "string" } }),
        _ if plain.starts_with("number") || plain.starts_with("float") || plain.parse::<f64>().is_ok() => {
            json!({ "type": "number" })
        }
        _ if choices.len() > 1 && choices.iter().all(|c| !c.is_empty() && !c.contains(' ')) => {
            json!({ "type": "string", "enum": choices })
        }
        _ => json!({ "type": "string" }),
    }
}
