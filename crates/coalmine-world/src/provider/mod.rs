//! The model provider: one module for each dialect, and around them what all dialects share.
//!
//! A dialect is a type that implements [`Dialect`]; to add one, list it in [`ALL`].

mod routing;
mod violations;
mod azure;
mod openai_chat;
mod openai_completions;
mod openai_responses;
mod anthropic;
mod gemini;
mod ollama;
mod bedrock;
mod embeddings;
pub(crate) mod moderations;
mod uploaded_files;
mod stored_responses;
mod model_fault;
mod fault_plan;
mod deliver;
#[cfg(test)]
mod tests;

use axum::{
    body::Body,
    http::{HeaderValue, Method, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
pub(crate) use deliver::{check_length, delay_of_head, deliver};
pub(crate) use embeddings::{EmbeddingForm, answer as embed};
pub use fault_plan::FaultGuard;
pub(crate) use fault_plan::FaultPlan;
pub use model_fault::{ModelFault, UnknownModelFault};
pub(crate) use routing::{client_dialect, closest_dialect, find_route};
use serde_json::Value;
pub(crate) use stored_responses::StoredResponses;
pub(crate) use uploaded_files::UploadedFiles;
pub(crate) use violations::Violations;

use crate::{
    Answer, Arrival, Message, Prompt, PromptFile, ToolCall,
    http::{self, Refusal, is_too_wide},
    prompt::BYTES_PER_TOKEN,
    readable,
};

/// A provider dialect: pure translations to and from the neutral [`Prompt`] and [`Answer`].
pub(crate) trait Dialect: Sync {
    /// Returns the name used in the journal.
    fn name(&self) -> &'static str;

    /// Returns what a request to this path is, if the path belongs to this dialect.
    fn route(&self, method: &Method, path: &str) -> Option<Route>;

    /// Parses a request for an answer. Everything that the real provider refuses is reported as a violation.
    fn parse(&self, request: &ModelRequest<'_>, violations: &Violations) -> Result<Prompt, Refusal>;

    /// Writes an answer as one JSON body. The `id` is unique to this response.
    fn body(&self, prompt: &Prompt, answer: &Answer, id: u64) -> Value;

    /// Writes an answer as the frames of a stream, in order, as [`Self::encode`] takes them.
    fn frames(&self, prompt: &Prompt, answer: &Answer, id: u64) -> Vec<String>;

    /// Encodes a frame as it is sent.
    fn encode(&self, frame: String) -> Bytes {
        frame.into()
    }

    /// Returns the `Content-Type` of a stream.
    fn stream_type(&self) -> &'static str {
        "text/event-stream"
    }

    /// Returns the id under which a response is stored, if the vendor stores responses.
    fn stored_response_id(&self, _id: u64) -> Option<String> {
        None
    }

    /// Writes the body of a refusal in the vendor's shape. The `id` is unique to this response.
    fn error_body(&self, refusal: &Refusal, id: u64) -> Value;

    /// Returns the header in which the vendor sends the id of a request.
    fn request_id_header(&self) -> Option<&'static str> {
        None
    }
}

/// A request for an answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ModelRequest<'a> {
    /// Path and query.
    pub(crate) path: &'a str,
    /// The body.
    pub(crate) body: &'a [u8],
}

impl dyn Dialect + '_ {
    /// Reads a request for an answer: parses it, fetches and unpacks its files, and parses calls written in
    /// plain text.
    pub(crate) fn read(
        &self,
        request: &ModelRequest<'_>,
        files: &UploadedFiles,
        violations: &Violations,
    ) -> Result<Prompt, Refusal> {
        if is_too_wide(request.body) {
            return Err(http::too_wide());
        }
        let mut prompt = self.parse(request, violations)?;
        files.resolve(&mut prompt, violations)?;
        readable::unpack(&mut prompt);
        prompt.parse_inline_calls();
        prompt.mark_failed_results();
        Ok(prompt)
    }

    /// Creates the response to a refused request.
    pub(crate) fn refusal_response(&self, refusal: &Refusal, id: u64) -> Response<Body> {
        self.with_request_id(http::json(refusal.status, &self.error_body(refusal, id)), id)
    }

    /// Adds the id of its request to a response, if the vendor sends one.
    pub(crate) fn with_request_id(&self, mut response: Response<Body>, id: u64) -> Response<Body> {
        if let (Some(name), Ok(value)) = (self.request_id_header(), HeaderValue::from_str(&request_id(id))) {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

/// What a path of a dialect does.
#[derive(Debug)]
pub(crate) enum Route {
    /// Asks the model.
    Ask,
    /// Uploads a file that prompts can refer to.
    Upload,
    /// Asks for embeddings of texts.
    Embed(EmbeddingForm),
    /// Asks whether texts have to be moderated.
    Moderate,
    /// Looks up models: always gives the same response: a status and a JSON body.
    Fixed(u16, Value),
}

/// All dialects. For paths that several of them have, see [`routing`].
pub(crate) const ALL: &[&dyn Dialect] = &[
    &openai_chat::OpenAiChat,
    &openai_responses::OpenAiResponses,
    &openai_completions::OpenAiCompletions,
    &anthropic::Anthropic,
    &gemini::Gemini,
    &ollama::OllamaChat,
    &ollama::OllamaGenerate,
    &bedrock::Bedrock,
];

/// Returns the id of a request as vendors write it.
fn request_id(id: u64) -> String {
    format!("req_{id:024}")
}

/// Splits an answer into the pieces that a stream sends: words with the space after them.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(' ').filter(|piece| !piece.is_empty())
}

/// The token counts of a prompt and its answer, at the usual proportion of four bytes a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct TokenCounts {
    input: usize,
    output: usize,
}

impl TokenCounts {
    fn of(prompt: &Prompt, answer: &Answer) -> Self {
        let input_bytes = prompt.messages.iter().map(message_bytes).fold(0, usize::saturating_add);
        let output_bytes = text_and_calls(&answer.text, &answer.calls);
        Self { input: input_bytes.div_ceil(BYTES_PER_TOKEN), output: output_bytes.div_ceil(BYTES_PER_TOKEN) }
    }

    fn total(self) -> usize {
        self.input.saturating_add(self.output)
    }
}

fn message_bytes(message: &Message) -> usize {
    let files = message.files.iter().map(|file| file.bytes);
    files.fold(text_and_calls(&message.text, &message.calls), usize::saturating_add)
}

fn text_and_calls(text: &str, calls: &[ToolCall]) -> usize {
    let calls = calls.iter().flat_map(|call| [call.name.len(), call.arguments.to_string().len()]);
    calls.fold(text.len(), usize::saturating_add)
}

/// Returns whether an answer ends because it has reached its maximum length.
fn is_cut(prompt: &Prompt, answer: &Answer) -> bool {
    answer.calls.is_empty()
        && prompt.max_tokens.is_some_and(|max| TokenCounts::of(prompt, answer).output >= max)
}

/// Reads a file that is given as a `data:` URI, as bare base64 or as a link.
fn file(source: &str, name: Option<String>, mime: Option<String>) -> PromptFile {
    if source.starts_with("http://") || source.starts_with("https://") {
        return PromptFile::at_location(Arrival::Link, source).named(name, mime);
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
