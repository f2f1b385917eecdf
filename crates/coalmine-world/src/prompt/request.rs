//! What kind of answer a prompt asks for.

use serde::Serialize;
use serde_json::Value;

/// What is requested of the model.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RequestKind {
    /// An answer, as one body or as a stream.
    #[default]
    Answer,
    /// An answer as a JSON list of the chunks of a stream (Gemini without `alt=sse`).
    Chunks,
    /// The number of tokens of the prompt, without an answer.
    Tokens,
}

/// The format that an answer must have.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ResponseFormat {
    /// Plain text.
    #[default]
    Text,
    /// A JSON object.
    Json,
    /// JSON that fits this JSON Schema.
    Schema(Value),
}

impl ResponseFormat {
    pub(crate) fn is_text(&self) -> bool {
        *self == Self::Text
    }
}

impl RequestKind {
    pub(super) fn is_answer(&self) -> bool {
        *self == Self::Answer
    }
}
