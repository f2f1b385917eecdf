//! The parts of a message, where the dialects differ most: 0.3 tags a part with `kind`, 1.0 with the name of
//! its field.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Dialect, RpcError};
use crate::{
    attachment::{MAX_FILE_BYTES, decode_base64},
    task::{Content, FilePart, Part, Source},
};

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum PartV0_3 {
    Text { text: String, metadata: Option<Value> },
    File { file: FileV0_3, metadata: Option<Value> },
    Data { data: Value, metadata: Option<Value> },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FileV0_3 {
    name: Option<String>,
    mime_type: Option<String>,
    bytes: Option<String>,
    uri: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PartV1_0 {
    text: Option<String>,
    raw: Option<String>,
    url: Option<String>,
    data: Option<Value>,
    filename: Option<String>,
    media_type: Option<String>,
    metadata: Option<Value>,
}

/// Reads a part and checks the bytes of an inline file.
pub(super) fn parse(dialect: Dialect, part: Value) -> Result<Part, RpcError> {
    let part = match dialect {
        Dialect::V0_3 => parse_v0_3(serde_json::from_value(part).map_err(invalid)?),
        Dialect::V1_0 => parse_v1_0(serde_json::from_value(part).map_err(invalid)?),
    }?;
    if let Content::File(FilePart { source: Source::Inline(base64), .. }) = &part.content {
        check_inline(base64)?;
    }
    Ok(part)
}

/// Writes a part.
pub(super) fn render(dialect: Dialect, part: &Part) -> Value {
    let mut value = match (dialect, &part.content) {
        (Dialect::V0_3, Content::Text(text)) => json!({ "kind": "text", "text": text }),
        (Dialect::V0_3, Content::Data(data)) => json!({ "kind": "data", "data": data }),
        (Dialect::V0_3, Content::File(file)) => json!({ "kind": "file", "file": render_file_v0_3(file) }),
        (Dialect::V1_0, Content::Text(text)) => json!({ "text": text }),
        (Dialect::V1_0, Content::Data(data)) => json!({ "data": data }),
        (Dialect::V1_0, Content::File(file)) => render_file_v1_0(file),
    };
    if let Some(metadata) = &part.metadata {
        value["metadata"] = metadata.clone();
    }
    value
}

fn parse_v0_3(part: PartV0_3) -> Result<Part, RpcError> {
    let (content, metadata) = match part {
        PartV0_3::Text { text, metadata } => (Content::Text(text), metadata),
        PartV0_3::Data { data, metadata } => (Content::Data(data), metadata),
        PartV0_3::File { file, metadata } => {
            let source = match (file.bytes, file.uri) {
                (Some(bytes), None) => Source::Inline(bytes),
                (None, Some(uri)) => Source::Link(uri),
                _ => return Err(RpcError::invalid_params("a file must have either `bytes` or `uri`")),
            };
            (Content::File(FilePart { name: file.name, mime_type: file.mime_type, source }), metadata)
        }
    };
    Ok(Part { content, metadata })
}

fn parse_v1_0(part: PartV1_0) -> Result<Part, RpcError> {
    let PartV1_0 { text, raw, url, data, filename: name, media_type: mime_type, metadata } = part;
    let content = match (text, raw, url, data) {
        (Some(text), None, None, None) => Content::Text(text),
        (None, Some(raw), None, None) => {
            Content::File(FilePart { name, mime_type, source: Source::Inline(raw) })
        }
        (None, None, Some(url), None) => {
            Content::File(FilePart { name, mime_type, source: Source::Link(url) })
        }
        (None, None, None, Some(data)) => Content::Data(data),
        _ => {
            return Err(RpcError::invalid_params(
                "a part must have exactly one of `text`, `raw`, `url` and `data`",
            ));
        }
    };
    Ok(Part { content, metadata })
}

fn check_inline(base64: &str) -> Result<(), RpcError> {
    let bytes = decode_base64(base64)
        .map_err(|error| RpcError::invalid_params(format!("the bytes of a file are not base64: {error}")))?;
    if bytes.len() > MAX_FILE_BYTES {
        return Err(RpcError::invalid_params(format!("a file is larger than {MAX_FILE_BYTES} bytes")));
    }
    Ok(())
}

fn render_file_v0_3(file: &FilePart) -> Value {
    let mut value = match &file.source {
        Source::Inline(bytes) => json!({ "bytes": bytes }),
        Source::Link(uri) => json!({ "uri": uri }),
    };
    set_if_some(&mut value, "name", file.name.as_deref());
    set_if_some(&mut value, "mimeType", file.mime_type.as_deref());
    value
}

fn render_file_v1_0(file: &FilePart) -> Value {
    let mut value = match &file.source {
        Source::Inline(raw) => json!({ "raw": raw }),
        Source::Link(url) => json!({ "url": url }),
    };
    set_if_some(&mut value, "filename", file.name.as_deref());
    set_if_some(&mut value, "mediaType", file.mime_type.as_deref());
    value
}

fn set_if_some(value: &mut Value, key: &str, text: Option<&str>) {
    if let Some(text) = text {
        value[key] = text.into();
    }
}

fn invalid(error: serde_json::Error) -> RpcError {
    RpcError::invalid_params(format!("invalid part: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_part_survives_a_round_trip() {
        for part in [
            json!({"kind":"text","text":"x"}),
            json!({"kind":"data","data":{"a":[1]},"metadata":{"k":"v"}}),
            json!({"kind":"file","file":{"bytes":"aGVsbG8=","name":"a.txt","mimeType":"text/plain"}}),
            json!({"kind":"file","file":{"uri":"workspace:/a.txt"}}),
        ] {
            assert_eq!(render(Dialect::V0_3, &parse(Dialect::V0_3, part.clone()).unwrap()), part);
        }
        for part in [
            json!({"text":"x","metadata":{"k":"v"}}),
            json!({"data":7}),
            json!({"raw":"aGVsbG8=","filename":"a.txt","mediaType":"text/plain"}),
            json!({"url":"workspace:/a.txt"}),
        ] {
            assert_eq!(render(Dialect::V1_0, &parse(Dialect::V1_0, part.clone()).unwrap()), part);
        }
    }

    #[test]
    fn rejects_parts_without_exactly_one_content() {
        assert!(parse(Dialect::V1_0, json!({})).is_err());
        assert!(parse(Dialect::V1_0, json!({"text":"x","url":"y"})).is_err());
        assert!(parse(Dialect::V0_3, json!({"kind":"file","file":{}})).is_err());
        assert!(parse(Dialect::V0_3, json!({"kind":"film"})).is_err());
        assert!(parse(Dialect::V0_3, json!({"kind":"file","file":{"bytes":"%"}})).is_err());
    }
}
