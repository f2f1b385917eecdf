//! What an answer of failure says.

use std::time::Duration;

use serde_json::Value;

use super::error::ErrorKind;

/// The whole answer of Gitea to a route that it does not have.
const NO_ROUTE: &[u8] = b"404 page not found";

/// The headers of an answer of failure that matter.
#[derive(Debug, Default)]
pub(super) struct RefusalHeaders {
    /// `Location`.
    pub(super) location: String,
    /// `Retry-After`.
    pub(super) retry_after: Option<Duration>,
    /// Whether GitHub says that no request is left.
    pub(super) none_left: bool,
}

/// Returns the kind of a failure and what to say about it.
pub(super) fn read(status: u16, headers: RefusalHeaders, body: &[u8]) -> (ErrorKind, String) {
    let RefusalHeaders { location, retry_after, none_left } = headers;
    match ErrorKind::of_status(status, retry_after) {
        ErrorKind::Redirected => (ErrorKind::Redirected, location),
        ErrorKind::Forbidden if none_left || retry_after.is_some() => {
            (ErrorKind::RateLimited { retry_after }, message(body))
        }
        // a route that the version does not have is answered in plain text, a missing thing in JSON
        ErrorKind::Missing if body.trim_ascii() == NO_ROUTE => (ErrorKind::Unsupported, message(body)),
        ErrorKind::Missing if !is_json(body) => (ErrorKind::NotJson, message(body)),
        kind => (kind, message(body)),
    }
}

fn is_json(body: &[u8]) -> bool {
    serde_json::from_slice::<Value>(body).is_ok()
}

/// Returns what a forge says about a failure: `message` and `errors` if it is JSON, else the beginning.
fn message(body: &[u8]) -> String {
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        return String::from_utf8_lossy(body).trim().to_owned();
    };
    let message = value.get("message").and_then(Value::as_str).unwrap_or("no message");
    let errors: Vec<_> = value.get("errors").and_then(Value::as_array).into_iter().flatten().collect();
    let error = errors
        .iter()
        .find_map(|error| error.as_str().or_else(|| error.get("message").and_then(Value::as_str)));
    error.map_or_else(|| message.to_owned(), |error| format!("{message}: {error}"))
}

/// Reads a `Retry-After` in seconds.
pub(super) fn retry_after(text: &str) -> Option<Duration> {
    let text = text.trim();
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds: u64 = is_number.then(|| text.parse().unwrap_or(u64::MAX))?;
    Some(Duration::from_secs(seconds.min(24 * 60 * 60)))
}

/// Returns an error with its causes, without the URL.
pub(super) fn causes(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "the time for one attempt was up".to_owned();
    }
    let mut text = String::new();
    let mut next: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(cause) = next {
        text = cause.to_string();
        next = cause.source();
    }
    if text.is_empty() { "the request could not be sent".to_owned() } else { text }
}
