//! The model provider: one module per dialect, each a few pure translations around the same model.
//!
//! A dialect is a struct that implements [`Dialect`]; add it to [`ALL`].

mod anthropic;
mod deliver;
mod fault_plan;
mod files;
mod gemini;
#[cfg(test)]
mod grounding;
mod ollama;
mod openai_chat;
mod openai_responses;
mod shared;
mod threads;
mod model_fault;
mod violations;

use axum::{
    body::Body,
    http::{HeaderValue, Method, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
pub(crate) use deliver::deliver;
pub use fault_plan::FaultGuard;
pub(crate) use fault_plan::FaultPlan;
pub(crate) use files::Files;
pub use model_fault::{ModelFault, UnknownModelFault};
use serde_json::Value;
pub(crate) use shared::{client, find, near};
pub(crate) use threads::Threads;
pub(crate) use violations::Violations;

use crate::{Answer, Arrival, Message, Prompt, PromptFile, ToolCall, prompt::BYTES_A_TOKEN, readable};

/// Most JSON values in a request: each takes many times its length in memory.
const MAX_VALUES: usize = 2_000_000;

/// One provider dialect: pure translations to and from the neutral [`Prompt`] and [`Answer`].
pub(crate) trait Dialect: Sync {
    /// The name in the journal.
    fn name(&self) -> &'static str;

    /// What a request to this path is, if it is this dialect's.
    fn route(&self, method: &Method, path: &str) -> Option<Route>;

    /// Reads a request for an answer; whatever the real provider refuses is one of the violations.
    fn prompt(&self, asked: &Asked<'_>, violations: &Violations) -> Result<Prompt, Refusal>;

    /// Writes an answer as one JSON body. No other answer has this `id`.
    fn whole(&self, prompt: &Prompt, answer: &Answer, id: u64) -> Value;

    /// Writes an answer as the frames of a stream, in order, each to the byte as it goes over the wire.
    fn frames(&self, prompt: &Prompt, answer: &Answer, id: u64) -> Vec<String>;

    /// `Content-Type` of a stream.
    fn stream_type(&self) -> &'static str {
        "text/event-stream"
    }

    /// The id under which a response is kept, where the vendor keeps conversations.
    fn kept_as(&self, _id: u64) -> Option<String> {
        None
    }

    /// The body of a refusal, in the vendor's shape. No other answer has this `id`.
    fn refuse(&self, refusal: &Refusal, id: u64) -> Value;

    /// The header in which the vendor sends the id of a request.
    fn id_header(&self) -> Option<&'static str> {
        None
    }
}

/// A request for an answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// Path and query.
    pub(crate) path: &'a str,
    /// The body.
    pub(crate) body: &'a [u8],
}

impl dyn Dialect + '_ {
    /// Reads a request for an answer, with the files that it names and the calls that it tells in words.
    pub(crate) fn read(
        &self,
        asked: &Asked<'_>,
        files: &Files,
        violations: &Violations,
    ) -> Result<Prompt, Refusal> {
        if is_too_wide(asked.body) {
            return Err(Refusal { status: 413, message: "The request holds too many values.".into() });
        }
        let mut prompt = self.prompt(asked, violations)?;
        files.resolve(&mut prompt, violations)?;
        readable::unpack(&mut prompt);
        prompt.parse_inline_calls();
        Ok(prompt)
    }

    /// A refusal with its status.
    pub(crate) fn refusal(&self, refusal: &Refusal, id: u64) -> Response<Body> {
        self.signed(json(refusal.status, &self.refuse(refusal, id)), id)
    }

    /// A response with the id of its request, where the vendor sends one.
    pub(crate) fn signed(&self, mut response: Response<Body>, id: u64) -> Response<Body> {
        if let (Some(name), Ok(value)) = (self.id_header(), HeaderValue::from_str(&request_id(id))) {
            response.headers_mut().insert(name, value);
        }
        response
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

/// Whether a JSON text holds more values than a request should.
pub(crate) fn is_too_wide(body: &[u8]) -> bool {
    let begun = || body.iter().filter(|byte| matches!(byte, b',' | b'[' | b'{')).count();
    // no body holds more values than bytes
    body.len() > MAX_VALUES && begun() > MAX_VALUES
}

/// A JSON response.
pub(crate) fn json(status: u16, body: &Value) -> Response<Body> {
    respond(status, "application/json", body.to_string().into())
}

/// A response of a known type.
pub(crate) fn respond(status: u16, content_type: &'static str, body: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() =
        axum::http::StatusCode::from_u16(status).unwrap_or(axum::http::StatusCode::INTERNAL_SERVER_ERROR);
    let value = HeaderValue::from_static(content_type);
    response.headers_mut().insert(axum::http::header::CONTENT_TYPE, value);
    response
}

/// The id of a request.
fn request_id(id: u64) -> String {
    format!("req_{id:024}")
}

/// An answer in the pieces in which it is streamed: words with their spaces.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(' ').filter(|piece| !piece.is_empty())
}

/// Token counts in the usual proportion of four bytes a token: of the prompt, of the answer.
fn tokens(prompt: &Prompt, answer: &Answer) -> (usize, usize) {
    let count = |bytes: usize| bytes.div_ceil(BYTES_A_TOKEN);
    let of_call = |call: &ToolCall| call.name.len() + call.arguments.to_string().len();
    let of_message = |message: &Message| {
        let files: usize = message.files.iter().map(|file| file.bytes).sum();
        message.text.len() + files + message.calls.iter().map(of_call).sum::<usize>()
    };
    let answered = answer.text.len() + answer.calls.iter().map(of_call).sum::<usize>();
    (count(prompt.messages.iter().map(of_message).sum()), count(answered))
}

/// Whether an answer ends because it may not be longer.
fn is_cut(prompt: &Prompt, answer: &Answer) -> bool {
    answer.calls.is_empty() && prompt.most_tokens.is_some_and(|most| tokens(prompt, answer).1 >= most)
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
            let asked = Asked { path: "/v1beta/models/m:generateContent", body: &body };
            for dialect in ALL {
                let _ = dialect.prompt(&asked, &Violations::new(false));
                let _ = dialect.prompt(&asked, &Violations::new(true));
            }
        }
    }
}
