//! What is wanted of an answer.

use serde::Serialize;
use serde_json::Value;

/// What is wanted of a model.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Wanted {
    /// An answer, whole or streamed.
    #[default]
    Answer,
    /// An answer as a JSON list of the chunks of a stream (Gemini without `alt=sse`).
    Chunks,
    /// The number of tokens of the prompt, and no answer.
    Tokens,
}

/// The form of an answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// As it likes.
    #[default]
    Words,
    /// A JSON object.
    Json,
    /// JSON that fits this JSON Schema.
    Schema(Value),
}

impl Form {
    pub(super) fn is_words(&self) -> bool {
        *self == Self::Words
    }
}

impl Wanted {
    pub(super) fn is_answer(&self) -> bool {
        *self == Self::Answer
    }
}
