//! The form that an answer must have, as Chat Completions (`response_format`) and Responses (`text.format`) write it.

use serde_json::Value;

use super::{Refusal, Violations};
use crate::{Form, Message};

/// Where the parts of a format stand, for the vendor's words.
pub(in crate::provider) struct Format<'a> {
    /// Such as `response_format`.
    pub(in crate::provider) place: &'a str,
    /// What is said of the form.
    pub(in crate::provider) given: &'a Value,
    /// Where name and schema stand within it, in one of them.
    pub(in crate::provider) within: Option<&'a str>,
}

impl Format<'_> {
    /// Reads what is said of the form.
    pub(in crate::provider) fn read(
        &self,
        messages: &[Message],
        violations: &Violations,
    ) -> Result<Form, Refusal> {
        let place = self.place;
        match self.given.get("type").and_then(Value::as_str) {
            _ if self.given.is_null() => Ok(Form::Words),
            Some("text") => Ok(Form::Words),
            Some("json_object") => {
                let mentioned = messages.iter().any(|message| message.text.to_lowercase().contains("json"));
                violations.check(mentioned, || {
                    Refusal::bad(format!(
                        "'messages' must contain the word 'json' in some form, to use '{place}' of type 'json_object'."
                    ))
                })?;
                Ok(Form::Json)
            }
            Some("json_schema") => self.schema(violations),
            Some(other) => {
                violations.add(Refusal::bad(format!(
                    "Invalid value: '{other}'. Supported values are: 'json_object', 'json_schema', and 'text'."
                )))?;
                Ok(Form::Words)
            }
            None => {
                violations.add(Refusal::bad(format!("Missing required parameter: '{place}.type'.")))?;
                Ok(Form::Words)
            }
        }
    }

    fn schema(&self, violations: &Violations) -> Result<Form, Refusal> {
        let (given, place) = match self.within {
            Some(key) => (self.given.get(key).unwrap_or(&Value::Null), format!("{}.{key}", self.place)),
            None => (self.given, self.place.to_owned()),
        };
        let missing = |key: &str| Refusal::bad(format!("Missing required parameter: '{place}.{key}'."));
        let name = violations.demand(given.get("name").and_then(Value::as_str), || missing("name"))?;
        let schema = match given.get("schema") {
            Some(schema) => schema.clone(),
            // the vendor wants it in Responses alone
            None => violations.check(self.within.is_some(), || missing("schema")).map(|()| Value::Null)?,
        };
        if given.get("strict") == Some(&Value::Bool(true)) {
            let fault = fault(&schema, &mut vec![]);
            violations.check(fault.is_none(), || {
                let fault = fault.unwrap_or_default();
                Refusal::bad(format!("Invalid schema for response_format '{name}': {fault}"))
            })?;
        }
        Ok(Form::Schema(schema))
    }
}

/// What the vendor minds in a strict schema, in its words: an object must list all that it holds.
fn fault(schema: &Value, context: &mut Vec<String>) -> Option<String> {
    let told = |context: &[String], what: &str| {
        let path: Vec<_> = context.iter().map(|part| format!("'{part}'")).collect();
        let comma = if path.len() == 1 { "," } else { "" };
        Some(format!("In context=({}{comma}), {what}", path.join(", ")))
    };
    let properties = schema.get("properties").and_then(Value::as_object);
    if schema.get("type").and_then(Value::as_str) == Some("object") || properties.is_some() {
        if schema.get("additionalProperties") != Some(&Value::Bool(false)) {
            return told(context, "'additionalProperties' is required to be supplied and to be false.");
        }
        let required = schema.get("required").and_then(Value::as_array);
        let is_required = |name: &str| required.is_some_and(|all| all.iter().any(|other| other == name));
        if let Some((name, _)) = properties.into_iter().flatten().find(|(name, _)| !is_required(name)) {
            let what =
                "'required' is required to be supplied and to be an array including every key in properties.";
            return told(context, &format!("{what} Missing '{name}'."));
        }
    }
    let mut inner = |path: [&str; 2], schema: &Value| {
        let path = path.into_iter().filter(|part| !part.is_empty());
        let depth = context.len();
        context.extend(path.map(str::to_owned));
        let found = fault(schema, context);
        context.truncate(depth);
        found
    };
    let named = |key| schema.get(key).and_then(Value::as_object).into_iter().flatten();
    let choices = schema.get("anyOf").and_then(Value::as_array).into_iter().flatten().enumerate();
    named("properties")
        .find_map(|(name, schema)| inner(["properties", name], schema))
        .or_else(|| inner(["items", ""], schema.get("items")?))
        .or_else(|| choices.into_iter().find_map(|(at, schema)| inner(["anyOf", &at.to_string()], schema)))
        .or_else(|| named("$defs").find_map(|(name, schema)| inner(["$defs", name], schema)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Role;

    fn read(given: Value, said: &str) -> Result<Form, String> {
        let format = Format { place: "response_format", given: &given, within: Some("json_schema") };
        let messages = [Message::text(Role::User, said)];
        format.read(&messages, &Violations::default()).map_err(|refusal| refusal.message)
    }

    fn strict(schema: Value) -> String {
        let inner = json!({"name": "reply", "strict": true, "schema": schema});
        read(json!({"type": "json_schema", "json_schema": inner}), "").unwrap_err()
    }

    #[test]
    fn every_form_is_read() {
        assert_eq!(read(Value::Null, ""), Ok(Form::Words));
        assert_eq!(read(json!({"type": "text"}), ""), Ok(Form::Words));
        assert_eq!(read(json!({"type": "json_object"}), "as JSON, please"), Ok(Form::Json));
        let text = json!({"type": "string"});
        let schema = json!({"type": "object", "properties": {"answer": text}, "required": ["answer"], "additionalProperties": false});
        let inner = json!({"name": "reply", "strict": true, "schema": schema});
        assert_eq!(read(json!({"type": "json_schema", "json_schema": inner}), ""), Ok(Form::Schema(schema)));
    }

    #[test]
    fn forms_that_the_vendor_refuses_are_refused_in_its_words() {
        let told = |given| read(given, "hi").unwrap_err();
        assert!(told(json!({"type": "json_object"})).contains("must contain the word 'json'"));
        assert!(told(json!({"type": "xml"})).contains("'xml'"));
        assert!(told(json!({})).contains("'response_format.type'"));
        assert!(told(json!({"type": "json_schema"})).contains("'response_format.json_schema.name'"));
    }

    #[test]
    fn a_strict_schema_lists_all_that_it_holds() {
        let text = json!({"type": "string"});
        let open = json!({"type": "object", "properties": {}});
        let told = strict(open.clone());
        let start = "Invalid schema for response_format 'reply': In context=";
        assert_eq!(
            told,
            format!("{start}(), 'additionalProperties' is required to be supplied and to be false.")
        );
        let holding = |inner: Value| json!({"type": "object", "properties": {"a": inner}, "required": ["a"], "additionalProperties": false});
        assert!(strict(holding(open.clone())).contains("context=('properties', 'a'),"));
        assert!(strict(json!({"type": "array", "items": open})).contains("context=('items',),"));
        let lacks = json!({"type": "object", "properties": {"b": text}, "required": [], "additionalProperties": false});
        assert!(strict(holding(json!({"anyOf": [text, lacks]}))).ends_with("Missing 'b'."));
    }
}
