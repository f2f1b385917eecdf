//! A JSON answer over HTTP, in bounds.

use std::time::Duration;

use futures_util::StreamExt as _;
use reqwest::RequestBuilder;
use serde_json::Value;
use tokio::time::timeout;

use crate::cause::cause;

/// Largest answer, in bytes.
const MAX_ANSWER: usize = 4 << 20;

/// Sends a request and reads its answer, both within this time.
pub(super) async fn fetch(request: RequestBuilder, patience: Duration) -> Result<Value, String> {
    let answered = timeout(patience, read(request)).await;
    answered.unwrap_or_else(|_| Err(format!("there was no answer within {} s", patience.as_secs())))
}

async fn read(request: RequestBuilder) -> Result<Value, String> {
    let response = request.send().await.map_err(|error| cause(&error))?;
    if !response.status().is_success() {
        return Err(format!("the answer was {}", response.status()));
    }
    let mut body = Vec::new();
    let mut stream = response.bytes_stream();
    while let Some(bytes) = stream.next().await {
        body.extend_from_slice(&bytes.map_err(|error| cause(&error))?);
        if body.len() > MAX_ANSWER {
            return Err(format!("the answer is larger than {MAX_ANSWER} bytes"));
        }
    }
    serde_json::from_slice(&body).map_err(|error| format!("the answer is not JSON: {error}"))
}
