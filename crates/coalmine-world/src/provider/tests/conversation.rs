//! A conversation in no dialect.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::sample;

/// One entry of a conversation, with its text.
#[derive(Debug, Clone)]
pub(super) enum Entry {
    User(String),
    Model(String),
    /// A call of a tool by the model, and its result.
    ToolResult(String),
    TextFile(String),
    Image(String),
    Document(String),
}

/// A conversation, and what the answer must look like.
#[derive(Debug, Clone, Default)]
pub(super) struct Conversation {
    pub(super) system: String,
    pub(super) entries: Vec<Entry>,
    /// Whether tools are offered.
    pub(super) tools: bool,
    /// Whether one of the tools must be called.
    pub(super) must_call: bool,
    /// Whether the answer must fit a schema.
    pub(super) schema: bool,
    /// Whether the answer must be code, which may call functions.
    pub(super) code: bool,
}

/// The content of a file, encoded in base64.
pub(super) struct EncodedFile {
    pub(super) data: String,
    pub(super) mime: &'static str,
}

impl Entry {
    /// Returns the content of the entry, if it is a file.
    pub(super) fn file(&self) -> Option<EncodedFile> {
        let (bytes, mime) = match self {
            Self::TextFile(text) => (text.clone().into_bytes(), "text/plain"),
            Self::Image(text) => (sample::png(text), "image/png"),
            Self::Document(text) => (sample::pdf(text), "application/pdf"),
            Self::User(_) | Self::Model(_) | Self::ToolResult(_) => return None,
        };
        Some(EncodedFile { data: STANDARD.encode(bytes), mime })
    }

    fn text(&self) -> &str {
        match self {
            Self::User(text) | Self::Model(text) | Self::ToolResult(text) => text,
            Self::TextFile(text) | Self::Image(text) | Self::Document(text) => text,
        }
    }
}

impl Conversation {
    /// Returns every text that can state a fact.
    pub(super) fn everything(&self) -> String {
        let texts = self.entries.iter().map(Entry::text);
        texts.chain([self.system.as_str()]).collect::<Vec<_>>().join("\n")
    }
}
