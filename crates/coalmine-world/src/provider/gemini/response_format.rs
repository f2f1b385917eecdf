//! The format that an answer must have: `responseMimeType`, and a schema of either kind.

use serde_json::Value;

use super::{part::either, tools::with_json_types};
use crate::ResponseFormat;

/// Reads `generationConfig`.
pub(super) fn read(config: &Value) -> ResponseFormat {
    let json_schema = either(config, "responseJsonSchema", "response_json_schema").cloned();
    let own_schema = || either(config, "responseSchema", "response_schema").map(with_json_types);
    let kind = either(config, "responseMimeType", "response_mime_type").and_then(Value::as_str);
    match (json_schema.or_else(own_schema), kind) {
        (Some(schema), _) => ResponseFormat::Schema(schema),
        (None, Some("application/json")) => ResponseFormat::Json,
        (None, _) => ResponseFormat::Text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_json_with_and_without_a_schema() {
        let mime = "application/json";
        assert_eq!(read(&json!({"responseMimeType": mime})), ResponseFormat::Json);
        let schema = ResponseFormat::Schema(json!({"type": "object"}));
        assert_eq!(read(&json!({"responseMimeType": mime, "responseSchema": {"type": "OBJECT"}})), schema);
        assert_eq!(
            read(&json!({"response_mime_type": mime, "responseJsonSchema": {"type": "object"}})),
            schema
        );
        assert_eq!(read(&json!({"responseMimeType": "text/plain"})), ResponseFormat::Text);
        assert_eq!(read(&Value::Null), ResponseFormat::Text);
    }
}
