//! The content of a message: a string or blocks.

use std::fmt;

use serde_json::Value;

use super::attachment;
use crate::{Message, PromptFile, Role, ToolCall, http::Refusal, provider::Violations};

/// Blocks with nothing that the simulated model could read: reasoning, and traces of the vendor's own tools.
const IGNORED: [&str; 4] = ["thinking", "redacted_thinking", "container_upload", "tool_reference"];

/// The location of a content, for the vendor's messages.
#[derive(Clone, Copy)]
pub(super) enum Location {
    System,
    Message(usize),
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System => f.write_str("system"),
            Self::Message(index) => write!(f, "messages.{index}.content"),
        }
    }
}

/// A content that was read.
#[derive(Default)]
pub(super) struct Content {
    pub(super) texts: Vec<String>,
    pub(super) files: Vec<PromptFile>,
    pub(super) calls: Vec<ToolCall>,
    pub(super) results: Vec<ToolResult>,
    /// Whether it is an empty string or list.
    pub(super) is_empty: bool,
}

/// The result of one tool call.
pub(super) struct ToolResult {
    pub(super) id: String,
    /// The index of the block in its message.
    pub(super) block: usize,
    pub(super) message: Message,
}

impl Content {
    /// Creates a message from everything except the results.
    pub(super) fn into_message(self, role: Role) -> Message {
        Message { files: self.files, calls: self.calls, ..Message::text(role, self.texts.join("\n")) }
    }
}

/// Reads a content.
pub(super) fn read(content: &Value, location: Location, violations: &Violations) -> Result<Content, Refusal> {
    let mut read = Content::default();
    match content {
        Value::String(text) => {
            read.is_empty = text.is_empty();
            read.texts.push(text.clone());
        }
        Value::Array(blocks) => {
            read.is_empty = blocks.is_empty();
            for (index, block) in blocks.iter().enumerate() {
                read_block(block, index, location, &mut read, violations)?;
            }
        }
        _ => violations
            .add(Refusal::bad_request(format!("{location}: Input should be a valid string or list")))?,
    }
    Ok(read)
}

fn read_block(
    block: &Value,
    index: usize,
    location: Location,
    read: &mut Content,
    violations: &Violations,
) -> Result<(), Refusal> {
    let kind = violations.demand(text_of(block, "type"), || missing(location, index, "type"))?;
    let required = |field: &str| {
        violations.demand(text_of(block, field), || missing(location, index, &format!("{kind}.{field}")))
    };
    match kind {
        "text" => {
            let text = required("text")?;
            let whole = if matches!(location, Location::System) { "system" } else { "messages" };
            violations.check(!text.trim().is_empty(), || {
                let must = if text.is_empty() { "be non-empty" } else { "contain non-whitespace text" };
                Refusal::bad_request(format!("{whole}: text content blocks must {must}"))
            })?;
            read.texts.push(text.to_owned());
        }
        "image" | "document" => {
            read.files.extend(attachment::read(
                block,
                kind,
                &format!("{location}.{index}.{kind}"),
                violations,
            )?);
        }
        "search_result" => {
            let inner =
                super::content::read(block.get("content").unwrap_or(&Value::Null), location, violations)?;
            read.texts.extend(text_of(block, "title").map(str::to_owned).into_iter().chain(inner.texts));
        }
        "tool_use" => {
            let (id, name) = (required("id")?.to_owned(), required("name")?.to_owned());
            let input = block.get("input").cloned();
            let arguments = violations.demand(input, || missing(location, index, "tool_use.input"))?;
            read.calls.push(ToolCall { id, name, arguments });
        }
        "tool_result" => {
            let id = required("tool_use_id")?.to_owned();
            let inner = match block.get("content") {
                None | Some(Value::Null) => Content { is_empty: true, ..Content::default() },
                Some(content) => super::content::read(content, location, violations)?,
            };
            let is_error = block.get("is_error") == Some(&Value::Bool(true));
            violations.check(!(inner.is_empty && is_error), || {
                Refusal::bad_request(format!(
                    "{location}.{index}.tool_result: content cannot be empty if `is_error` is true"
                ))
            })?;
            let message = Message { is_error, ..inner.into_message(Role::Tool) };
            read.results.push(ToolResult { id, block: index, message });
        }
        // the vendor's own tools, whatever their names
        _ if IGNORED.contains(&kind) || kind.ends_with("_tool_use") || kind.ends_with("_tool_result") => {}
        _ => {
            violations.add(Refusal::bad_request(format!(
                "{location}.{index}: Input tag '{kind}' found using 'type' does not match any of the expected tags: \
                 'document', 'image', 'redacted_thinking', 'search_result', 'text', 'thinking', 'tool_result', 'tool_use'"
            )))?;
            read.texts.extend(text_of(block, "text").map(str::to_owned));
        }
    }
    Ok(())
}

/// Returns a string field.
pub(super) fn text_of<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    value.get(field).and_then(Value::as_str)
}

fn missing(location: Location, index: usize, field: &str) -> Refusal {
    Refusal::bad_request(format!("{location}.{index}.{field}: Field required"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Arrival;

    fn refused(blocks: Value) -> String {
        read_strict(&blocks).err().unwrap().message
    }

    fn read_strict(blocks: &Value) -> Result<Content, Refusal> {
        read(blocks, Location::Message(0), &Violations::default())
    }

    #[test]
    fn reads_every_kind_of_block() {
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
        let read = read_strict(&blocks).unwrap();
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
    fn refuses_in_the_words_of_the_vendor() {
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
    fn results_are_text_or_blocks_or_empty() {
        let result =
            |content: Value| json!([{"type": "tool_result", "tool_use_id": "a", "content": content}]);
        let text = |content| read_strict(&result(content)).unwrap().results[0].message.text.clone();
        assert_eq!(text(json!("teal")), "teal");
        assert_eq!(text(json!([{"type": "text", "text": "teal"}])), "teal");
        assert_eq!(text(Value::Null), "");
        let failed = json!([{"type": "tool_result", "tool_use_id": "a", "content": "", "is_error": true}]);
        assert!(refused(failed).contains("cannot be empty if `is_error`"));
        assert!(refused(result(json!([{"type": "text", "text": ""}]))).contains("must be non-empty"));
    }
}
