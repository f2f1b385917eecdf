//! The record of one HTTP exchange: the evidence of what was sent and what came back.

use std::time::Duration;

use bytes::Bytes;

use crate::WireError;

/// One request and its answer.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The operation as the binding names it, or `GET` for a card.
    pub method: String,
    /// The address.
    pub url: String,
    /// The body sent, as on the wire; empty for a `GET`.
    pub request: Bytes,
    /// The HTTP status, if an answer began.
    pub status: Option<u16>,
    /// The `Content-Type` of the answer.
    pub content_type: Option<String>,
    /// The body received, as on the wire, up to the limit.
    pub response: Bytes,
    /// The `Retry-After`, if the server sent one in seconds.
    pub retry_after: Option<Duration>,
    /// The time from the request to the end of the answer.
    pub took: Duration,
    /// The reason why the answer is not complete or not usable.
    pub error: Option<WireError>,
}
