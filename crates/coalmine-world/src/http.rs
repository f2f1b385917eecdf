//! HTTP responses, refusals, and the bound on JSON bodies, as every part of the world uses them.

use axum::{
    body::Body,
    http::{HeaderValue, Response, StatusCode, header::CONTENT_TYPE},
};
use bytes::Bytes;
use serde_json::Value;

/// Maximum number of JSON values in a request: in memory, each takes many times its length.
const MAX_VALUES: usize = 2_000_000;

/// The reason why a request is refused, and the status to refuse it with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Refusal {
    /// HTTP status.
    pub(crate) status: u16,
    /// The reason, in the words of the vendor if the request went to one of its paths.
    pub(crate) message: String,
}

impl Refusal {
    /// Creates a refusal with status 400.
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self { status: 400, message: message.into() }
    }
}

/// Creates a JSON response.
pub(crate) fn json(status: u16, body: &Value) -> Response<Body> {
    respond(status, "application/json", body.to_string().into())
}

/// Creates a response with a content type.
pub(crate) fn respond(status: u16, content_type: &'static str, body: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// Returns whether a JSON text holds more values than a request may.
pub(crate) fn is_too_wide(body: &[u8]) -> bool {
    // a body never holds more values than bytes, so most are not searched
    body.len() > MAX_VALUES && count_value_starts(body) > MAX_VALUES
}

/// Creates the refusal of a request that is too wide.
pub(crate) fn too_wide() -> Refusal {
    Refusal { status: 413, message: "The request holds too many values.".into() }
}

fn count_value_starts(body: &[u8]) -> usize {
    body.iter().filter(|byte| matches!(byte, b',' | b'[' | b'{')).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_status_becomes_500() {
        assert_eq!(respond(429, "text/plain", Bytes::new()).status(), 429);
        assert_eq!(respond(9, "text/plain", Bytes::new()).status(), 500);
    }

    #[test]
    fn only_many_values_are_too_wide() {
        assert!(is_too_wide(&b"[".repeat(MAX_VALUES + 1)));
        assert!(!is_too_wide(&b"[".repeat(MAX_VALUES)));
        assert!(!is_too_wide(&b"x".repeat(2 * MAX_VALUES)));
    }
}
