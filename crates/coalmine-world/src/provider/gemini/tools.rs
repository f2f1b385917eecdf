//! Offered functions, the tool choice, and the limits of an answer.

use serde_json::Value;

use super::part::{either, one_or_many};
use crate::{ToolChoice, ToolOffer, http::Refusal, provider::Violations};

/// Reads the declared functions. The tools that the vendor itself runs are not offered to the model of this
/// world.
pub(super) fn read_offers(tools: &Value, violations: &Violations) -> Result<Vec<ToolOffer>, Refusal> {
    let mut offers: Vec<ToolOffer> = vec![];
    for (tool_index, tool) in one_or_many(tools).iter().enumerate() {
        let declared = either(tool, "functionDeclarations", "function_declarations");
        for (index, function) in declared.map(one_or_many).unwrap_or_default().iter().enumerate() {
            let name = function.get("name").and_then(Value::as_str).unwrap_or_default();
            violations.check(is_name(name), || {
                Refusal::bad_request(format!(
                    "* GenerateContentRequest.tools[{tool_index}].function_declarations[{index}].name: Invalid function name. Must \
                     start with a letter or an underscore. Must be alphanumeric (a-z, A-Z, 0-9), underscores (_), dots \
                     (.), colons (:), or dashes (-).\n"
                ))
            })?;
            violations.check(offers.iter().all(|other| other.name != name), || {
                Refusal::bad_request(format!("Duplicate function declaration found: {name}"))
            })?;
            let json_schema = either(function, "parametersJsonSchema", "parameters_json_schema");
            let parameters = match (json_schema, function.get("parameters")) {
                (Some(schema), _) => schema.clone(),
                (None, Some(schema)) => with_json_types(schema),
                (None, None) => Value::Null,
            };
            offers.push(ToolOffer { name: name.to_owned(), parameters });
        }
    }
    Ok(offers)
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.:-".contains(&byte))
}

/// Converts the vendor's own schemas, in which types are in upper case, to JSON Schema.
pub(super) fn with_json_types(schema: &Value) -> Value {
    match schema {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| match value {
                Value::String(kind) if name == "type" => (name.clone(), kind.to_lowercase().into()),
                _ => (name.clone(), with_json_types(value)),
            })
            .collect(),
        Value::Array(items) => items.iter().map(with_json_types).collect(),
        other => other.clone(),
    }
}

/// Reads `toolConfig`.
pub(super) fn read_choice(config: &Value) -> ToolChoice {
    let Some(calling) = either(config, "functionCallingConfig", "function_calling_config") else {
        return ToolChoice::Auto;
    };
    let allowed = either(calling, "allowedFunctionNames", "allowed_function_names");
    let allowed = allowed.map(one_or_many).unwrap_or_default();
    match (calling.get("mode").and_then(Value::as_str), allowed) {
        (Some("NONE"), _) => ToolChoice::None,
        (Some("ANY"), [Value::String(name)]) => ToolChoice::Named(name.clone()),
        (Some("ANY"), _) => ToolChoice::Required,
        _ => ToolChoice::Auto,
    }
}

/// Reads `generationConfig.stopSequences`.
pub(super) fn stop_words(config: &Value) -> Vec<String> {
    let words = either(config, "stopSequences", "stop_sequences").map(one_or_many).unwrap_or_default();
    words.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Reads `generationConfig.maxOutputTokens`.
pub(super) fn max_tokens(config: &Value) -> Option<usize> {
    let most = either(config, "maxOutputTokens", "max_output_tokens")?;
    usize::try_from(most.as_u64()?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn converts_schemas_to_json_schema() {
        let tools = json!([
            {"functionDeclarations": [{"name": "a", "parameters": {
                "type": "OBJECT", "properties": {"type": {"type": "STRING"}, "n": {"anyOf": [{"type": "NUMBER"}]}}
            }}]},
            {"googleSearch": {}},
            {"function_declarations": [{"name": "b", "parametersJsonSchema": {"type": "object"}}, {"name": "c"}]},
        ]);
        let offered = read_offers(&tools, &Violations::default()).unwrap();
        let schema = json!({"type": "object",
            "properties": {"type": {"type": "string"}, "n": {"anyOf": [{"type": "number"}]}}});
        assert_eq!(offered[0].parameters, schema);
        assert_eq!(offered[1].parameters, json!({"type": "object"}));
        assert_eq!((offered[2].name.as_str(), &offered[2].parameters), ("c", &Value::Null));
    }

    #[test]
    fn refuses_invalid_and_duplicate_names() {
        let refused = |names: &[&str]| {
            let functions: Vec<_> = names.iter().map(|name| json!({ "name": name })).collect();
            let tools = json!([{ "functionDeclarations": functions }]);
            read_offers(&tools, &Violations::default()).unwrap_err().message
        };
        assert!(refused(&["ok", "9x"]).contains("function_declarations[1].name: Invalid function name"));
        assert!(refused(&["a", "a"]).contains("Duplicate function declaration found: a"));
    }

    #[test]
    fn reads_choice_and_limits() {
        let read = |config: Value| read_choice(&json!({ "functionCallingConfig": config }));
        assert_eq!(
            read(json!({"mode": "ANY", "allowedFunctionNames": ["f"]})),
            ToolChoice::Named("f".into())
        );
        assert_eq!(read(json!({"mode": "ANY"})), ToolChoice::Required);
        assert_eq!(read(json!({"mode": "NONE"})), ToolChoice::None);
        assert_eq!(read(json!({"mode": "AUTO"})), ToolChoice::Auto);
        assert_eq!(read_choice(&Value::Null), ToolChoice::Auto);
        assert_eq!(stop_words(&json!({"stopSequences": ["END"]})), ["END"]);
        assert_eq!(max_tokens(&json!({"maxOutputTokens": 9})), Some(9));
    }
}
