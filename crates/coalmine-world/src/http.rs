//! HTTP responses, refusals, and the bound on JSON bodies, as every part of the world uses them.

use axum::{
    body::Body,
    http::{HeaderValue, Response, StatusCode, header::CONTENT_TYPE},
};
use bytes::Bytes;
use serde_json::Value;

/// Maximum number of JSON values in a request: in memory, each takes many times its length. No provider accepts more
/// tokens for embeddings.
const MAX_VALUES: usize = 300_000;
/// The depth at which `serde_json` refuses a text.
const MAX_DEPTH: usize = 128;

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
    body.len() > MAX_VALUES
        // commas of texts are counted apart from those of values only if there are many of both
        && body.iter().filter(|byte| starts_value(**byte)).count() > MAX_VALUES
        && count_values(body) > MAX_VALUES
}

/// Parses a JSON text, unless it is invalid or too wide.
pub(crate) fn read_value(body: &[u8]) -> Option<Value> {
    if is_too_wide(body) { None } else { serde_json::from_slice(body).ok() }
}

/// Creates the refusal of a request that is too wide.
pub(crate) fn too_wide() -> Refusal {
    Refusal { status: 413, message: "The request holds too many values.".into() }
}

fn starts_value(byte: u8) -> bool {
    matches!(byte, b',' | b'[' | b'{')
}

/// Counts the values of a JSON text, outside of its strings. Values that are nested deeper than any parser reads are
/// not counted, because nothing is kept of them.
fn count_values(body: &[u8]) -> usize {
    let (mut count, mut depth) = (0_usize, 0_usize);
    let (mut in_string, mut escaped) = (false, false);
    for byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' => depth = depth.saturating_add(1),
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if !in_string && starts_value(*byte) && depth <= MAX_DEPTH {
            count = count.saturating_add(1);
        }
    }
    count
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
        assert!(is_too_wide(&b",0".repeat(MAX_VALUES + 1)));
        assert!(!is_too_wide(&b",0".repeat(MAX_VALUES)));
        let deep = b"[".repeat(2 * MAX_VALUES);
        assert!(!is_too_wide(&deep) && serde_json::from_slice::<Value>(&deep).is_err());
        assert!(!is_too_wide(&b"x".repeat(2 * MAX_VALUES)));
        let text = |end: &str| format!("[\"{}\\\"{end}\"]", ",".repeat(2 * MAX_VALUES));
        assert!(!is_too_wide(text("").as_bytes()), "a text may hold any number of commas");
        assert!(is_too_wide((text("") + &",".repeat(MAX_VALUES)).as_bytes()));
    }
}
