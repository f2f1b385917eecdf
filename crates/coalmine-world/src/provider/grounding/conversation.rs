//! A conversation in no dialect.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::sample;

/// One thing in a conversation, with its text.
#[derive(Debug, Clone)]
pub(super) enum Said {
    User(String),
    Model(String),
    /// What a tool gave back that the model called.
    Found(String),
    /// A file of text.
    Text(String),
    Image(String),
    Document(String),
}

/// A conversation, and what is wanted.
#[derive(Debug, Clone, Default)]
pub(super) struct Conversation {
    pub(super) system: String,
    pub(super) said: Vec<Said>,
    /// Tools are offered; one of them must be called.
    pub(super) tools: bool,
    pub(super) must_call: bool,
    /// An answer must fit a schema.
    pub(super) schema: bool,
    /// An answer must be code, which may call functions.
    pub(super) code: bool,
}

/// A file's content in base64 and its type.
pub(super) fn content(said: &Said) -> Option<(String, &'static str)> {
    let (bytes, mime) = match said {
        Said::Text(text) => (text.clone().into_bytes(), "text/plain"),
        Said::Image(text) => (sample::png(text), "image/png"),
        Said::Document(text) => (sample::pdf(text), "application/pdf"),
        Said::User(_) | Said::Model(_) | Said::Found(_) => return None,
    };
    Some((STANDARD.encode(bytes), mime))
}

impl Conversation {
    /// Everything in which a fact can be told.
    pub(super) fn told(&self) -> String {
        let texts = self.said.iter().map(|said| match said {
            Said::User(text) | Said::Model(text) | Said::Found(text) => text,
            Said::Text(text) | Said::Image(text) | Said::Document(text) => text,
        });
        texts.chain([&self.system]).map(String::as_str).collect::<Vec<_>>().join("\n")
    }
}
