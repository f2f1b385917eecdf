//! The words in the parts of an artifact or a message.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

/// What one holder of parts says.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Said {
    /// Its text parts.
    pub(super) text: String,
    /// Strings of its data parts, and the text of its files.
    pub(super) data: String,
}

impl Said {
    pub(super) fn of(holder: &Value) -> Self {
        Self { text: parts_text(holder), data: parts_data(holder) }
    }

    /// Goes on where it ended: the next chunk.
    pub(super) fn append(&mut self, more: &Self) {
        self.text.push_str(&more.text);
        self.data.push_str(&more.data);
    }
}

/// All text parts of a holder, joined as they stand: one sentence may come in several parts.
fn parts_text(holder: &Value) -> String {
    let parts = holder.get("parts").and_then(Value::as_array);
    parts.into_iter().flatten().filter_map(part_text).collect()
}

/// All strings of data parts, and the text of text files, a line each.
fn parts_data(holder: &Value) -> String {
    let mut text = String::new();
    for part in holder.get("parts").and_then(Value::as_array).into_iter().flatten() {
        let mut open: Vec<&Value> = part.get("data").into_iter().collect();
        while let Some(value) = open.pop() {
            match value {
                Value::String(string) => text.extend([string, "\n"]),
                Value::Array(items) => open.extend(items.iter().rev()),
                Value::Object(items) => open.extend(items.values().rev()),
                _ => {}
            }
        }
        let file = part.get("file").unwrap_or(part);
        let mime = file.get("mimeType").or_else(|| file.get("mediaType")).and_then(Value::as_str);
        let bytes = file.get("bytes").or_else(|| file.get("raw")).and_then(Value::as_str);
        if let (Some(mime), Some(bytes)) = (mime, bytes)
            && mime.starts_with("text/")
            && let Ok(content) = STANDARD.decode(bytes)
        {
            text.push_str(&String::from_utf8_lossy(&content));
            text.push('\n');
        }
    }
    text
}

/// Text of one part: `{"kind":"text","text":…}`, `{"text":…}` and the older `{"type":"text",…}`.
fn part_text(part: &Value) -> Option<String> {
    let text = part.get("text").or_else(|| part.pointer("/root/text"))?;
    // a nested {"text":{"text":…}} has been seen in hybrids of the two
    text.as_str().or_else(|| text.get("text")?.as_str()).map(str::to_owned)
}
