//! The format that an answer must have: `output_config.format`.

use serde_json::Value;

use crate::{ResponseFormat, http::Refusal, provider::Violations};

/// Reads the first format that is given, of several paths at which it may be.
pub(super) fn read<'a>(
    formats: impl IntoIterator<Item = (&'a str, Option<Value>)>,
    violations: &Violations,
) -> Result<ResponseFormat, Refusal> {
    let mut given = formats.into_iter().filter_map(|(path, format)| Some((path, format?)));
    let Some((path, format)) = given.find(|(_, format)| !format.is_null()) else {
        return Ok(ResponseFormat::Text);
    };
    let kind = format.get("type").and_then(Value::as_str);
    violations.check(kind == Some("json_schema"), || {
        Refusal::bad_request(format!("{path}.type: Input should be 'json_schema'"))
    })?;
    let Some(schema) = format.get("schema") else {
        violations.add(Refusal::bad_request(format!("{path}.schema: Field required")))?;
        return Ok(ResponseFormat::Json);
    };
    violations.check(is_closed(schema), || {
        Refusal::bad_request(format!(
            "{path}.schema: For 'object' type, 'additionalProperties' must be explicitly set to false"
        ))
    })?;
    Ok(ResponseFormat::Schema(schema.clone()))
}

/// Returns whether no object in a schema allows additional properties.
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

    fn read(format: Value) -> Result<ResponseFormat, String> {
        let formats = [("output_config.format", None), ("output_format", Some(format))];
        super::read(formats, &Violations::default()).map_err(|refusal| refusal.message)
    }

    #[test]
    fn reads_a_schema() {
        let schema =
            json!({"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": false});
        assert_eq!(
            read(json!({"type": "json_schema", "schema": schema})),
            Ok(ResponseFormat::Schema(schema))
        );
        assert_eq!(read(Value::Null), Ok(ResponseFormat::Text));
    }

    #[test]
    fn refuses_in_the_words_of_the_vendor() {
        let refusal = |format| read(format).unwrap_err();
        assert_eq!(
            refusal(json!({"type": "json_object"})),
            "output_format.type: Input should be 'json_schema'"
        );
        assert_eq!(refusal(json!({"type": "json_schema"})), "output_format.schema: Field required");
        let inner = json!({"type": "object", "properties": {}});
        let schema = json!({"type": "object", "properties": {"a": inner}, "additionalProperties": false});
        assert!(
            refusal(json!({"type": "json_schema", "schema": schema}))
                .contains("'additionalProperties' must be")
        );
    }
}
