//! The model provider: one module per dialect, each a pair of pure translations around the same model.
//!
//! A dialect is a struct that implements [`Dialect`]; add it to [`ALL`].

mod openai_chat;

use axum::{
    body::Body,
    http::{Method, Response},
};
use bytes::Bytes;

use crate::{Answer, Prompt};

/// One provider dialect.
pub(crate) trait Dialect: Sync {
    /// The name in the journal.
    fn name(&self) -> &'static str;

    /// What a request to this path is, if it is this dialect's.
    fn route(&self, method: &Method, path: &str) -> Option<Route>;

    /// Reads a request for an answer.
    fn prompt(&self, body: &[u8]) -> Result<Prompt, Refusal>;

    /// Writes an answer, whole or as a stream, as the prompt asked.
    fn answer(&self, prompt: &Prompt, answer: &Answer, seq: u64) -> Response<Body>;

    /// Writes a refusal in the vendor's shape.
    fn refuse(&self, refusal: &Refusal) -> Response<Body>;
}

/// What a path of a dialect is for.
#[derive(Debug)]
pub(crate) enum Route {
    /// Asks the model.
    Ask,
    /// Something else, answered at once: status and JSON body.
    Fixed(u16, serde_json::Value),
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

/// All dialects. Their paths do not overlap.
pub(crate) const ALL: &[&dyn Dialect] = &[&openai_chat::OpenAiChat];

/// The dialect that a path belongs to.
pub(crate) fn find(method: &Method, path: &str) -> Option<(&'static dyn Dialect, Route)> {
    ALL.iter().find_map(|dialect| Some((*dialect, dialect.route(method, path)?)))
}

/// A JSON response.
pub(crate) fn json(status: u16, body: &serde_json::Value) -> Response<Body> {
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
