//! The form that an answer must have: `output_config.format`.

use serde_json::Value;

use crate::{
    Form,
    provider::{Refusal, Violations},
};

/// Reads the first format that is given at one of the places.
pub(super) fn read<'a>(
    formats: impl IntoIterator<Item = (&'a str, Option<Value>)>,
    violations: &Violations,
) -> Result<Form, Refusal> {
    let mut given = formats.into_iter().filter_map(|(place, format)| Some((place, format?)));
    let Some((place, format)) = given.find(|(_, format)| !format.is_null()) else { return Ok(Form::Words) };
    let kind = format.get("type").and_then(Value::as_str);
    violations.check(kind == Some("json_schema"), || {
        Refusal::bad(format!("{place}.type: Input should be 'json_schema'"))
    })?;
    let Some(schema) = format.get("schema") else {
        violations.add(Refusal::bad(format!("{place}.schema: Field required")))?;
        return Ok(Form::Json);
    };
    violations.check(is_closed(schema), || {
        Refusal::bad(format!(
            "{place}.schema: For 'object' type, 'additionalProperties' must be explicitly set to false"
        ))
    })?;
    Ok(Form::Schema(schema.clone()))
}

/// Whether every object in a schema holds nothing but what is listed.
fn is_closed(schema: &Value) -> bool {
    let is_open = schema.get("type").and_then(Value::as_str) == Some("object")
        && schema.get("additionalProperties") != Some(&Value::Bool(false));
    let named = ["properties", "$defs"].iter().filter_map(|key| schema.get(key)?.as_object());
    let choices = ["anyOf", "allOf"].iter().filter_map(|key| schema.get(key)?.as_array());
    !is_open
        && named.flat_map(|all| all.values()).all(is_closed)
        && choices.flatten().all(is_closed)
        && schema.get("items").is_none_or(is_closed)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(format: Value) -> Result<Form, String> {
        let formats = [("output_config.format", None), ("output_format", Some(format))];
        super::read(formats, &Violations::default()).map_err(|refusal| refusal.message)
    }

    #[test]
    fn a_schema_is_read() {
        let schema =
            json!({"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": false});
        assert_eq!(read(json!({"type": "json_schema", "schema": schema})), Ok(Form::Schema(schema)));
        assert_eq!(read(Value::Null), Ok(Form::Words));
    }

    #[test]
    fn formats_that_the_vendor_refuses_are_refused_in_its_words() {
        let told = |format| read(format).unwrap_err();
        assert_eq!(told(json!({"type": "json_object"})), "output_format.type: Input should be 'json_schema'");
        assert_eq!(told(json!({"type": "json_schema"})), "output_format.schema: Field required");
        let inner = json!({"type": "object", "properties": {}});
        let schema = json!({"type": "object", "properties": {"a": inner}, "additionalProperties": false});
        assert!(
            told(json!({"type": "json_schema", "schema": schema})).contains("'additionalProperties' must be")
        );
    }
}
