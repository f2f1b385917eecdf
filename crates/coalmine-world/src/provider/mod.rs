//! The model provider: one module per dialect, each a few pure translations around the same model.
//!
//! A dialect is a struct that implements [`Dialect`]; add it to [`ALL`].

mod anthropic;
mod deliver;
mod files;
mod gemini;
mod ollama;
mod openai_chat;
mod openai_responses;
mod shared;
mod trouble;

use axum::{
    body::Body,
    http::{Method, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde_json::Value;

pub(crate) use deliver::deliver;
pub(crate) use files::Files;
pub(crate) use shared::{client, find, near};
pub use trouble::{Trouble, UnknownTrouble};

use crate::{Answer, Arrival, Prompt, PromptFile, readable};

/// Most JSON values in a request: each takes many times its length in memory.
const MOST_VALUES: usize = 2_000_000;

/// One provider dialect: pure translations to and from the neutral [`Prompt`] and [`Answer`].
pub(crate) trait Dialect: Sync {
    /// The name in the journal.
    fn name(&self) -> &'static str;

    /// What a request to this path is, if it is this dialect's.
    fn route(&self, method: &Method, path: &str) -> Option<Route>;

    /// Reads a request for an answer; refuses what the real provider refuses.
    fn prompt(&self, asked: &Asked<'_>) -> Result<Prompt, Refusal>;

    /// Writes an answer as one JSON body. `seq` makes ids unique.
    fn whole(&self, prompt: &Prompt, answer: &Answer, seq: u64) -> Value;

    /// Writes an answer as the frames of a stream, in order, each to the byte as it goes over the wire.
    fn frames(&self, prompt: &Prompt, answer: &Answer, seq: u64) -> Vec<String>;

    /// `Content-Type` of a stream.
    fn stream_type(&self) -> &'static str {
        "text/event-stream"
    }

    /// The body of a refusal, in the vendor's shape.
    fn refuse(&self, refusal: &Refusal) -> Value;
}

/// A request for an answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// Path and query.
    pub(crate) path: &'a str,
    /// The body.
    pub(crate) body: &'a [u8],
}

impl dyn Dialect {
    /// Reads a request for an answer, with the files that it names and the calls that it tells in words.
    pub(crate) fn read(&self, asked: &Asked<'_>, files: &Files) -> Result<Prompt, Refusal> {
        let values = asked.body.iter().filter(|byte| matches!(byte, b',' | b'[' | b'{')).count();
        if values > MOST_VALUES {
            return Err(Refusal { status: 413, message: "The request holds too many values.".into() });
        }
        let mut prompt = self.prompt(asked)?;
        files.resolve(&mut prompt)?;
        readable::unpack(&mut prompt);
        prompt.hear();
        Ok(prompt)
    }

    /// A refusal with its status.
    pub(crate) fn refusal(&self, refusal: &Refusal) -> Response<Body> {
        json(refusal.status, &self.refuse(refusal))
    }
}

/// What a path of a dialect is for.
#[derive(Debug)]
pub(crate) enum Route {
    /// Asks the model.
    Ask,
    /// Uploads a file that prompts can name.
    Upload,
    /// Something else, answered at once: status and JSON body.
    Fixed(u16, Value),
}

/// A request that a real provider refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Refusal {
    /// HTTP status.
    pub(crate) status: u16,
    /// For the person who reads the runtime's log.
    pub(crate) message: String,
}

impl Refusal {
    /// 400.
    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self { status: 400, message: message.into() }
    }
}

/// All dialects. Where their paths overlap, see [`shared`].
pub(crate) const ALL: &[&dyn Dialect] = &[
    &openai_chat::OpenAiChat,
    &openai_responses::OpenAiResponses,
    &anthropic::Anthropic,
    &gemini::Gemini,
    &ollama::OllamaChat,
    &ollama::OllamaGenerate,
];

/// A JSON response.
pub(crate) fn json(status: u16, body: &Value) -> Response<Body> {
    respond(status, "application/json", body.to_string().into())
}

/// A response of a known type.
pub(crate) fn respond(status: u16, content_type: &'static str, body: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() =
        axum::http::StatusCode::from_u16(status).unwrap_or(axum::http::StatusCode::INTERNAL_SERVER_ERROR);
    let value = axum::http::HeaderValue::from_static(content_type);
    response.headers_mut().insert(axum::http::header::CONTENT_TYPE, value);
    response
}

/// An answer in the pieces in which it is streamed: words with their spaces.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(' ').filter(|piece| !piece.is_empty())
}

/// Token counts in the usual proportion of four bytes a token: of the prompt, of the answer.
fn tokens(prompt: &Prompt, answer: &Answer) -> (usize, usize) {
    let count = |bytes: usize| bytes.div_ceil(4);
    (count(prompt.messages.iter().map(|message| message.text.len()).sum()), count(answer.text.len()))
}

/// A file given as a `data:` URI, as bare base64 or as a link.
fn file(source: &str, name: Option<String>, mime: Option<String>) -> PromptFile {
    if source.starts_with("http://") || source.starts_with("https://") {
        return PromptFile::at_place(Arrival::Link, source).named(name, mime);
    }
    let (mime, arrived, data) = match source.strip_prefix("data:").and_then(|rest| rest.split_once(',')) {
        Some((head, data)) => {
            let inner = head.split(';').next().filter(|mime| !mime.is_empty()).map(str::to_owned);
            (inner.or(mime), Arrival::DataUri, data)
        }
        None => (mime, Arrival::Inline, source),
    };
    let bytes = STANDARD.decode(data.trim()).unwrap_or_else(|_| data.as_bytes().to_vec());
    PromptFile::with_content(arrived, bytes).named(name, mime)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_pieces_add_up_to_the_answer(text in "\\PC{0,40}") {
            prop_assert_eq!(pieces(&text).collect::<String>(), text);
        }

        #[test]
        fn any_bytes_are_read_or_refused_in_every_dialect(body in prop::collection::vec(any::<u8>(), 0..256)) {
            for dialect in ALL {
                let _ = dialect.prompt(&Asked { path: "/v1beta/models/m:generateContent", body: &body });
            }
        }
    }
}
