//! Parts of a message: the place where the dialects differ most (0.3 tags them with `kind`, 1.0 by the
//! field's name).

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Dialect, RpcError};
use crate::{
    attachment::{MAX_FILE_BYTES, decode_base64},
    task::{Content, FilePart, Part, Source},
};

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Old {
    Text { text: String, metadata: Option<Value> },
    File { file: OldFile, metadata: Option<Value> },
    Data { data: Value, metadata: Option<Value> },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OldFile {
    name: Option<String>,
    mime_type: Option<String>,
    bytes: Option<String>,
    uri: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct New {
    text: Option<String>,
    raw: Option<String>,
    url: Option<String>,
    data: Option<Value>,
    filename: Option<String>,
    media_type: Option<String>,
    metadata: Option<Value>,
}

/// Reads a part.
pub(super) fn parse(dialect: Dialect, part: Value) -> Result<Part, RpcError> {
    let part = match dialect {
        Dialect::V0_3 => parse_old(serde_json::from_value(part).map_err(invalid)?),
        Dialect::V1_0 => parse_new(serde_json::from_value(part).map_err(invalid)?),
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
        (Dialect::V0_3, Content::File(file)) => json!({ "kind": "file", "file": render_old_file(file) }),
        (Dialect::V1_0, Content::Text(text)) => json!({ "text": text }),
        (Dialect::V1_0, Content::Data(data)) => json!({ "data": data }),
        (Dialect::V1_0, Content::File(file)) => render_new_file(file),
    };
    if let Some(metadata) = &part.metadata {
        value["metadata"] = metadata.clone();
    }
    value
}

fn parse_old(part: Old) -> Result<Part, RpcError> {
    let (content, metadata) = match part {
        Old::Text { text, metadata } => (Content::Text(text), metadata),
        Old::Data { data, metadata } => (Content::Data(data), metadata),
        Old::File { file, metadata } => {
            let source = match (file.bytes, file.uri) {
                (Some(bytes), None) => Source::Inline(bytes),
                (None, Some(uri)) => Source::Link(uri),
                _ => return Err(RpcError::invalid_params("a file has either `bytes` or `uri`")),
            };
            (Content::File(FilePart { name: file.name, mime_type: file.mime_type, source }), metadata)
        }
    };
    Ok(Part { content, metadata })
}

fn parse_new(part: New) -> Result<Part, RpcError> {
    let New { text, raw, url, data, filename: name, media_type: mime_type, metadata } = part;
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
                "a part has exactly one of `text`, `raw`, `url` and `data`",
            ));
        }
    };
    Ok(Part { content, metadata })
}

fn check_inline(base64: &str) -> Result<(), RpcError> {
    let bytes = decode_base64(base64)
        .map_err(|error| RpcError::invalid_params(format!("a file's bytes are not base64: {error}")))?;
    if bytes.len() > MAX_FILE_BYTES {
        return Err(RpcError::invalid_params(format!("a file is larger than {MAX_FILE_BYTES} bytes")));
    }
    Ok(())
}

fn render_old_file(file: &FilePart) -> Value {
    let mut value = match &file.source {
        Source::Inline(bytes) => json!({ "bytes": bytes }),
        Source::Link(uri) => json!({ "uri": uri }),
    };
    set(&mut value, "name", file.name.as_deref());
    set(&mut value, "mimeType", file.mime_type.as_deref());
    value
}

fn render_new_file(file: &FilePart) -> Value {
    let mut value = match &file.source {
        Source::Inline(raw) => json!({ "raw": raw }),
        Source::Link(url) => json!({ "url": url }),
    };
    set(&mut value, "filename", file.name.as_deref());
    set(&mut value, "mediaType", file.mime_type.as_deref());
    value
}

fn set(value: &mut Value, key: &str, text: Option<&str>) {
    if let Some(text) = text {
        value[key] = text.into();
    }
}

fn invalid(error: serde_json::Error) -> RpcError {
    RpcError::invalid_params(format!("a part cannot be read: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_part_comes_back_as_it_went_in() {
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
    fn a_part_that_is_nothing_or_two_things_is_refused() {
        assert!(parse(Dialect::V1_0, json!({})).is_err());
        assert!(parse(Dialect::V1_0, json!({"text":"x","url":"y"})).is_err());
        assert!(parse(Dialect::V0_3, json!({"kind":"file","file":{}})).is_err());
        assert!(parse(Dialect::V0_3, json!({"kind":"film"})).is_err());
        assert!(parse(Dialect::V0_3, json!({"kind":"file","file":{"bytes":"%"}})).is_err());
    }
}
