//! The form that an answer must have: `responseMimeType`, and a schema of either kind.

use serde_json::Value;

use super::{part::either, tools::with_json_types};
use crate::Form;

/// Reads `generationConfig`.
pub(super) fn read(config: &Value) -> Form {
    let json_schema = either(config, "responseJsonSchema", "response_json_schema").cloned();
    let own_schema = || either(config, "responseSchema", "response_schema").map(with_json_types);
    let kind = either(config, "responseMimeType", "response_mime_type").and_then(Value::as_str);
    match (json_schema.or_else(own_schema), kind) {
        (Some(schema), _) => Form::Schema(schema),
        (None, Some("application/json")) => Form::Json,
        (None, _) => Form::Words,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_is_wanted_with_a_schema_of_either_kind_and_without() {
        let mime = "application/json";
        assert_eq!(read(&json!({"responseMimeType": mime})), Form::Json);
        let schema = Form::Schema(json!({"type": "object"}));
        assert_eq!(read(&json!({"responseMimeType": mime, "responseSchema": {"type": "OBJECT"}})), schema);
        assert_eq!(
            read(&json!({"response_mime_type": mime, "responseJsonSchema": {"type": "object"}})),
            schema
        );
        assert_eq!(read(&json!({"responseMimeType": "text/plain"})), Form::Words);
        assert_eq!(read(&Value::Null), Form::Words);
    }
}
