//! The record of one HTTP exchange: the evidence of what was sent and what came back.

use std::time::Duration;

use bytes::Bytes;

/// One request and what came of it.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// JSON-RPC method, or `GET` for a card.
    pub method: String,
    /// Where it went.
    pub url: String,
    /// The body sent, as on the wire; empty for a `GET`.
    pub request: Bytes,
    /// HTTP status, where an answer began.
    pub status: Option<u16>,
    /// `Content-Type` of the answer.
    pub content_type: Option<String>,
    /// The body received, as on the wire, up to the bound.
    pub response: Bytes,
    /// `Retry-After`, where the server sent one in seconds.
    pub retry_after: Option<Duration>,
    /// From the request to the end of the answer.
    pub took: Duration,
    /// Why the answer is not complete or not usable.
    pub error: Option<crate::WireError>,
}
