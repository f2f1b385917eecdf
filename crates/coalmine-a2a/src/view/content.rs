//! The content of the parts of an artifact or a message.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

/// The content of one artifact or message.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Content {
    /// Its text parts.
    pub(super) text: String,
    /// The strings of its data parts, and the text of its files.
    pub(super) data: String,
}

impl Content {
    /// Reads the parts of an artifact or a message.
    pub(super) fn of(holder: &Value) -> Self {
        Self { text: parts_text(holder), data: parts_data(holder) }
    }

    /// Returns whether there is nothing to read.
    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty() && self.data.is_empty()
    }

    /// Appends the next chunk.
    pub(super) fn append(&mut self, more: &Self) {
        self.text.push_str(&more.text);
        self.data.push_str(&more.data);
    }
}

/// Returns all text parts, joined without separators: one sentence may come in several parts.
fn parts_text(holder: &Value) -> String {
    parts(holder).filter_map(part_text).collect()
}

/// Returns all strings of data parts and the text of text files, a line each.
fn parts_data(holder: &Value) -> String {
    let mut text = String::new();
    for part in parts(holder) {
        let mut open: Vec<&Value> = part.get("data").into_iter().collect();
        while let Some(value) = open.pop() {
            match value {
                Value::String(string) => text.extend([string, "\n"]),
                Value::Array(items) => open.extend(items.iter().rev()),
                Value::Object(items) => open.extend(items.values().rev()),
                _ => {}
            }
        }
        if let Some(content) = file_text(part) {
            text.push_str(&content);
            text.push('\n');
        }
    }
    text
}

fn parts(holder: &Value) -> impl Iterator<Item = &Value> {
    holder.get("parts").and_then(Value::as_array).into_iter().flatten()
}

/// Returns the text of a part: `{"kind":"text","text":…}`, `{"text":…}` and the older `{"type":"text",…}`.
fn part_text(part: &Value) -> Option<String> {
    let text = part.get("text").or_else(|| part.pointer("/root/text"))?;
    // a nested {"text":{"text":…}} has been seen in hybrids of the two
    text.as_str().or_else(|| text.get("text")?.as_str()).map(str::to_owned)
}

/// Returns the content of a part that holds a text file inline, in either dialect's shape.
fn file_text(part: &Value) -> Option<String> {
    let file = part.get("file").unwrap_or(part);
    let mime = file.get("mimeType").or_else(|| file.get("mediaType"))?.as_str()?;
    let bytes = file.get("bytes").or_else(|| file.get("raw"))?.as_str()?;
    if !mime.starts_with("text/") {
        return None;
    }
    Some(String::from_utf8_lossy(&STANDARD.decode(bytes).ok()?).into_owned())
}
