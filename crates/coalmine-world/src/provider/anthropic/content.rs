//! The content of a message: a string, or blocks.

use std::fmt;

use serde_json::Value;

use super::attached::attached;
use crate::{
    Message, PromptFile, Role, ToolCall,
    provider::{Refusal, Violations},
};

/// Blocks that carry nothing for the model of this world to read: thoughts, and the vendor's own tools.
const SILENT: [&str; 4] = ["thinking", "redacted_thinking", "container_upload", "tool_reference"];

/// Where a content stands, for the vendor's words.
#[derive(Clone, Copy)]
pub(super) enum Place {
    System,
    Message(usize),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System => f.write_str("system"),
            Self::Message(at) => write!(f, "messages.{at}.content"),
        }
    }
}

/// What was read.
#[derive(Default)]
pub(super) struct Content {
    pub(super) texts: Vec<String>,
    pub(super) files: Vec<PromptFile>,
    pub(super) calls: Vec<ToolCall>,
    pub(super) results: Vec<ToolResult>,
    /// An empty string or list.
    pub(super) is_empty: bool,
}

/// The result of one call.
pub(super) struct ToolResult {
    pub(super) id: String,
    /// The block's position in its message.
    pub(super) block: usize,
    pub(super) message: Message,
}

impl Content {
    /// Everything but the results.
    pub(super) fn into_message(self, role: Role) -> Message {
        Message { files: self.files, calls: self.calls, ..Message::text(role, self.texts.join("\n")) }
    }
}

/// Reads a content.
pub(super) fn read(content: &Value, place: Place, violations: &Violations) -> Result<Content, Refusal> {
    let mut read = Content::default();
    match content {
        Value::String(text) => {
            read.is_empty = text.is_empty();
            read.texts.push(text.clone());
        }
        Value::Array(blocks) => {
            read.is_empty = blocks.is_empty();
            for (at, block) in blocks.iter().enumerate() {
                read_block(block, at, place, &mut read, violations)?;
            }
        }
        _ => violations.add(Refusal::bad(format!("{place}: Input should be a valid string or list")))?,
    }
    Ok(read)
}

fn read_block(
    block: &Value,
    at: usize,
    place: Place,
    read: &mut Content,
    violations: &Violations,
) -> Result<(), Refusal> {
    let kind = violations.demand(text_of(block, "type"), || missing(place, at, "type"))?;
    let required = |field: &str| {
        violations.demand(text_of(block, field), || missing(place, at, &format!("{kind}.{field}")))
    };
    match kind {
        "text" => {
            let text = required("text")?;
            let whole = if matches!(place, Place::System) { "system" } else { "messages" };
            violations.check(!text.trim().is_empty(), || {
                let must = if text.is_empty() { "be non-empty" } else { "contain non-whitespace text" };
                Refusal::bad(format!("{whole}: text content blocks must {must}"))
            })?;
            read.texts.push(text.to_owned());
        }
        "image" | "document" => {
            read.files.extend(attached(block, kind, &format!("{place}.{at}.{kind}"), violations)?);
        }
        "search_result" => {
            let inner =
                super::content::read(block.get("content").unwrap_or(&Value::Null), place, violations)?;
            read.texts.extend(text_of(block, "title").map(str::to_owned).into_iter().chain(inner.texts));
        }
        "tool_use" => {
            let (id, name) = (required("id")?.to_owned(), required("name")?.to_owned());
            let input = block.get("input").cloned();
            let arguments = violations.demand(input, || missing(place, at, "tool_use.input"))?;
            read.calls.push(ToolCall { id, name, arguments });
        }
        "tool_result" => {
            let id = required("tool_use_id")?.to_owned();
            let inner = match block.get("content") {
                None | Some(Value::Null) => Content { is_empty: true, ..Content::default() },
                Some(content) => super::content::read(content, place, violations)?,
            };
            let is_error = block.get("is_error") == Some(&Value::Bool(true));
            violations.check(!(inner.is_empty && is_error), || {
                Refusal::bad(format!(
                    "{place}.{at}.tool_result: content cannot be empty if `is_error` is true"
                ))
            })?;
            read.results.push(ToolResult { id, block: at, message: inner.into_message(Role::Tool) });
        }
        // the vendor's own tools, by whatever name
        _ if SILENT.contains(&kind) || kind.ends_with("_tool_use") || kind.ends_with("_tool_result") => {}
        _ => {
            violations.add(Refusal::bad(format!(
                "{place}.{at}: Input tag '{kind}' found using 'type' does not match any of the expected tags: \
                 'document', 'image', 'redacted_thinking', 'search_result', 'text', 'thinking', 'tool_result', 'tool_use'"
            )))?;
            read.texts.extend(text_of(block, "text").map(str::to_owned));
        }
    }
    Ok(())
}

pub(super) fn text_of<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    value.get(field).and_then(Value::as_str)
}

fn missing(place: Place, at: usize, field: &str) -> Refusal {
    Refusal::bad(format!("{place}.{at}.{field}: Field required"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Arrival;

    fn refused(blocks: Value) -> String {
        strictly(&blocks).err().unwrap().message
    }

    fn strictly(blocks: &Value) -> Result<Content, Refusal> {
        read(blocks, Place::Message(0), &Violations::default())
    }

    #[test]
    fn every_kind_of_block_is_read() {
        let source = |kind: &str, field: &str, data: &str| json!({"type": kind, field: data, "media_type": "application/pdf"});
        let blocks = json!([
            {"type": "text", "text": "see"},
            {"type": "thinking", "thinking": "hm", "signature": "x"},
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "Y29kZSA0Mg=="}},
            {"type": "image", "source": {"type": "url", "url": "https://example.invalid/x.png"}},
            {"type": "document", "title": "a.pdf", "context": "a bill", "source": source("base64", "data", "Y29kZSA0Mg==")},
            {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "code 43"}},
            {"type": "document", "source": {"type": "content", "content": [{"type": "text", "text": "code 44"}]}},
            {"type": "document", "source": {"type": "file", "file_id": "file_1"}},
            {"type": "search_result", "title": "T", "source": "s", "content": [{"type": "text", "text": "found"}]},
            {"type": "web_search_tool_result", "tool_use_id": "x", "content": []},
        ]);
        let read = strictly(&blocks).unwrap();
        assert_eq!(read.texts, ["see", "T", "found"]);
        let files: Vec<_> = read.files.iter().map(|f| (f.arrived, f.bytes, f.text.as_str())).collect();
        assert_eq!(
            files,
            [
                (Arrival::Inline, 7, "code 42"),
                (Arrival::Link, 0, "https://example.invalid/x.png"),
                (Arrival::Inline, 7, "a bill\ncode 42"),
                (Arrival::Inline, 7, "code 43"),
                (Arrival::Inline, 7, "code 44"),
                (Arrival::Upload, 0, "file_1"),
            ]
        );
        assert_eq!(read.files[2].name.as_deref(), Some("a.pdf"));
    }

    #[test]
    fn blocks_that_the_vendor_refuses_are_refused_in_its_words() {
        assert_eq!(
            refused(json!([{"type": "text", "text": ""}])),
            "messages: text content blocks must be non-empty"
        );
        assert!(refused(json!([{"type": "text", "text": " \n"}])).contains("non-whitespace"));
        assert!(refused(json!([{"type": "image_url", "image_url": {}}])).contains("Input tag 'image_url'"));
        assert_eq!(refused(json!([{"text": "x"}])), "messages.0.content.0.type: Field required");
        let source = |mime: &str, data: &str| json!({"type": "base64", "media_type": mime, "data": data});
        assert_eq!(
            refused(json!([{"type": "document", "source": source("text/csv", "eHh4")}])),
            "messages.0.content.0.document.source.base64.media_type: Input should be 'application/pdf'"
        );
        assert!(
            refused(json!([{"type": "image", "source": source("image/png", "a-_=")}])).contains("base64")
        );
        assert!(refused(json!(7)).contains("valid string or list"));
    }

    #[test]
    fn a_result_is_text_or_blocks_or_nothing() {
        let result =
            |content: Value| json!([{"type": "tool_result", "tool_use_id": "a", "content": content}]);
        let text = |content| strictly(&result(content)).unwrap().results[0].message.text.clone();
        assert_eq!(text(json!("teal")), "teal");
        assert_eq!(text(json!([{"type": "text", "text": "teal"}])), "teal");
        assert_eq!(text(Value::Null), "");
        let failed = json!([{"type": "tool_result", "tool_use_id": "a", "content": "", "is_error": true}]);
        assert!(refused(failed).contains("cannot be empty if `is_error`"));
        assert!(refused(result(json!([{"type": "text", "text": ""}]))).contains("must be non-empty"));
    }
}
