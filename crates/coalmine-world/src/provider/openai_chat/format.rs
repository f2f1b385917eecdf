//! The format that an answer must have: `response_format` in Chat Completions, `text.format` in Responses.

use serde_json::Value;

use crate::{Message, ResponseFormat, http::Refusal, provider::Violations};

/// A format as it arrives, and its place in the request.
pub(in crate::provider) struct Format<'a> {
    /// The path of the format for the vendor's messages, such as `response_format`.
    pub(in crate::provider) path: &'a str,
    /// The format itself.
    pub(in crate::provider) value: &'a Value,
    /// The key inside it that holds name and schema, if they are nested.
    pub(in crate::provider) nested_in: Option<&'a str>,
}

impl Format<'_> {
    /// Reads the format.
    pub(in crate::provider) fn read(
        &self,
        messages: &[Message],
        violations: &Violations,
    ) -> Result<ResponseFormat, Refusal> {
        let path = self.path;
        match self.value.get("type").and_then(Value::as_str) {
            _ if self.value.is_null() => Ok(ResponseFormat::Text),
            Some("text") => Ok(ResponseFormat::Text),
            Some("json_object") => {
                let mentioned = messages.iter().any(|message| message.text.to_lowercase().contains("json"));
                violations.check(mentioned, || {
                    Refusal::bad_request(format!(
                        "'messages' must contain the word 'json' in some form, to use '{path}' of type 'json_object'."
                    ))
                })?;
                Ok(ResponseFormat::Json)
            }
            Some("json_schema") => self.schema(violations),
            Some(other) => {
                violations.add(Refusal::bad_request(format!(
                    "Invalid value: '{other}'. Supported values are: 'json_object', 'json_schema', and 'text'."
                )))?;
                Ok(ResponseFormat::Text)
            }
            None => {
                violations
                    .add(Refusal::bad_request(format!("Missing required parameter: '{path}.type'.")))?;
                Ok(ResponseFormat::Text)
            }
        }
    }

    fn schema(&self, violations: &Violations) -> Result<ResponseFormat, Refusal> {
        let (format, path) = match self.nested_in {
            Some(key) => (self.value.get(key).unwrap_or(&Value::Null), format!("{}.{key}", self.path)),
            None => (self.value, self.path.to_owned()),
        };
        let missing =
            |key: &str| Refusal::bad_request(format!("Missing required parameter: '{path}.{key}'."));
        let name = violations.demand(format.get("name").and_then(Value::as_str), || missing("name"))?;
        let schema = match format.get("schema") {
            Some(schema) => schema.clone(),
            // only Responses requires it
            None => violations.check(self.nested_in.is_some(), || missing("schema")).map(|()| Value::Null)?,
        };
        if format.get("strict") == Some(&Value::Bool(true))
            && let Some(reason) = strict_schema_error(&schema, &mut vec![])
        {
            let message = format!("Invalid schema for response_format '{name}': {reason}");
            violations.add(Refusal::bad_request(message))?;
        }
        Ok(ResponseFormat::Schema(schema))
    }
}

/// Returns what the vendor rejects in a strict schema, in its words.
fn strict_schema_error(schema: &Value, context: &mut Vec<String>) -> Option<String> {
    if let Some(error) = object_error(schema) {
        return Some(format!("In context={}, {error}", python_tuple(context)));
    }
    inner_schemas(schema).find_map(|inner| {
        let depth = context.len();
        context.push(inner.key.to_owned());
        context.extend(inner.name);
        let error = strict_schema_error(inner.schema, context);
        context.truncate(depth);
        error
    })
}

/// Checks that an object lists everything that it holds.
fn object_error(schema: &Value) -> Option<String> {
    let properties = schema.get("properties").and_then(Value::as_object);
    if schema.get("type").and_then(Value::as_str) != Some("object") && properties.is_none() {
        return None;
    }
    if schema.get("additionalProperties") != Some(&Value::Bool(false)) {
        return Some("'additionalProperties' is required to be supplied and to be false.".into());
    }
    let required = schema.get("required").and_then(Value::as_array);
    let is_required = |name: &str| required.is_some_and(|names| names.iter().any(|other| other == name));
    let missing = properties?.keys().find(|name| !is_required(name))?;
    Some(format!(
        "'required' is required to be supplied and to be an array including every key in properties. \
         Missing '{missing}'."
    ))
}

/// A schema within another one, and its place there.
struct InnerSchema<'a> {
    key: &'static str,
    name: Option<String>,
    schema: &'a Value,
}

/// Returns the inner schemas in the order in which the vendor checks them.
fn inner_schemas(schema: &Value) -> impl Iterator<Item = InnerSchema<'_>> {
    let items = schema.get("items").into_iter();
    let choices = schema.get("anyOf").and_then(Value::as_array).into_iter().flatten().enumerate();
    named_schemas(schema, "properties")
        .chain(items.map(|schema| InnerSchema { key: "items", name: None, schema }))
        .chain(choices.map(|(index, schema)| InnerSchema {
            key: "anyOf",
            name: Some(index.to_string()),
            schema,
        }))
        .chain(named_schemas(schema, "$defs"))
}

fn named_schemas<'a>(schema: &'a Value, key: &'static str) -> impl Iterator<Item = InnerSchema<'a>> {
    let schemas = schema.get(key).and_then(Value::as_object).into_iter().flatten();
    schemas.map(move |(name, schema)| InnerSchema { key, name: Some(name.clone()), schema })
}

/// Writes a tuple as Python does.
fn python_tuple(parts: &[String]) -> String {
    let quoted: Vec<_> = parts.iter().map(|part| format!("'{part}'")).collect();
    let comma = if quoted.len() == 1 { "," } else { "" };
    format!("({}{comma})", quoted.join(", "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Role;

    fn read(format: Value, text: &str) -> Result<ResponseFormat, String> {
        let format = Format { path: "response_format", value: &format, nested_in: Some("json_schema") };
        let messages = [Message::text(Role::User, text)];
        format.read(&messages, &Violations::default()).map_err(|refusal| refusal.message)
    }

    fn strict(schema: Value) -> String {
        let inner = json!({"name": "reply", "strict": true, "schema": schema});
        read(json!({"type": "json_schema", "json_schema": inner}), "").unwrap_err()
    }

    #[test]
    fn reads_every_format() {
        assert_eq!(read(Value::Null, ""), Ok(ResponseFormat::Text));
        assert_eq!(read(json!({"type": "text"}), ""), Ok(ResponseFormat::Text));
        assert_eq!(read(json!({"type": "json_object"}), "as JSON, please"), Ok(ResponseFormat::Json));
        let text = json!({"type": "string"});
        let schema = json!({"type": "object", "properties": {"answer": text}, "required": ["answer"], "additionalProperties": false});
        let inner = json!({"name": "reply", "strict": true, "schema": schema});
        assert_eq!(
            read(json!({"type": "json_schema", "json_schema": inner}), ""),
            Ok(ResponseFormat::Schema(schema))
        );
    }

    #[test]
    fn refuses_in_the_words_of_the_vendor() {
        let refusal = |format| read(format, "hi").unwrap_err();
        assert!(refusal(json!({"type": "json_object"})).contains("must contain the word 'json'"));
        assert!(refusal(json!({"type": "xml"})).contains("'xml'"));
        assert!(refusal(json!({})).contains("'response_format.type'"));
        assert!(refusal(json!({"type": "json_schema"})).contains("'response_format.json_schema.name'"));
    }

    #[test]
    fn strict_schemas_list_all_properties() {
        let text = json!({"type": "string"});
        let open = json!({"type": "object", "properties": {}});
        let refusal = strict(open.clone());
        let start = "Invalid schema for response_format 'reply': In context=";
        assert_eq!(
            refusal,
            format!("{start}(), 'additionalProperties' is required to be supplied and to be false.")
        );
        let holding = |inner: Value| json!({"type": "object", "properties": {"a": inner}, "required": ["a"], "additionalProperties": false});
        assert!(strict(holding(open.clone())).contains("context=('properties', 'a'),"));
        assert!(strict(json!({"type": "array", "items": open})).contains("context=('items',),"));
        let lacks = json!({"type": "object", "properties": {"b": text}, "required": [], "additionalProperties": false});
        assert!(strict(holding(json!({"anyOf": [text, lacks]}))).ends_with("Missing 'b'."));
    }
}
