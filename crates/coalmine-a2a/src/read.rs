//! From received bytes to JSON-RPC results, within bounds.

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use serde_json::Value;
use sse_stream::SseByteStream;

use crate::{Dialect, Drift, Flow, Limits, View, WireError, scan};

/// Parses one JSON-RPC answer: its result, or the error that it carries. Pure.
pub(crate) fn answer(body: &[u8], id: &str, limits: Limits, view: &mut View) -> Result<Value, WireError> {
    let malformed = |reason: String| WireError::Malformed { reason, body: excerpt(body) };
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(malformed("the body is empty".into()));
    }
    scan(body, limits).map_err(|error| malformed(error.to_string()))?;
    let mut json: Value =
        serde_json::from_slice(body).map_err(|error| malformed(format!("the body is not JSON ({error})")))?;
    if json.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
        view.note(Drift::NoJsonRpc);
    }
    if let Some(error) = json.get("error").filter(|error| !error.is_null()) {
        let message = error.get("message").and_then(Value::as_str).unwrap_or_default();
        return Err(WireError::Rpc {
            code: error.get("code").and_then(Value::as_i64).unwrap_or_default(),
            message: message.chars().take(400).collect(),
        });
    }
    if json.get("id").and_then(Value::as_str) != Some(id) {
        view.note(Drift::ResponseId);
    }
    match json.get_mut("result").map(Value::take) {
        Some(result) if result.is_object() => Ok(result),
        _ => Err(malformed("the body is JSON, but no JSON-RPC answer with a `result` object".into())),
    }
}

/// Reads an event stream to the event that settles the turn, to its end, or until `watch` hangs up.
pub(crate) async fn events<S>(
    body: S,
    dialect: Dialect,
    id: &str,
    limits: Limits,
    view: &mut View,
    watch: &mut (dyn FnMut(&View) -> Flow + Send),
) -> Result<Flow, WireError>
where
    S: Stream<Item = Result<Bytes, WireError>> + Unpin,
{
    let mut stream = std::pin::pin!(SseByteStream::new(body));
    while let Some(event) = stream.next().await {
        let event = event.map_err(broken)?;
        let Some(data) = event.data.filter(|data| !data.trim().is_empty()) else { continue };
        let result = answer(data.as_bytes(), id, limits, view)?;
        view.absorb(dialect, &result, true);
        if view.is_settled() {
            break;
        }
        if watch(view) == Flow::HangUp {
            return Ok(Flow::HangUp);
        }
    }
    Ok(Flow::GoOn)
}

/// The parser boxes its source's errors: ours is taken out again.
fn broken(error: sse_stream::Error) -> WireError {
    let reason = format!("the event stream cannot be read ({error})");
    match error {
        sse_stream::Error::Body(inner) => match inner.downcast::<WireError>() {
            Ok(ours) => *ours,
            Err(_) => WireError::Malformed { reason, body: String::new() },
        },
        _ => WireError::Malformed { reason, body: String::new() },
    }
}

/// The beginning of a body, for messages.
pub(crate) fn excerpt(body: &[u8]) -> String {
    let head = &body[..body.len().min(300)];
    String::from_utf8_lossy(head).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_bytes_can_be_an_answer(body in prop::collection::vec(any::<u8>(), 0..256)) {
            let _ = answer(&body, "id", Limits::default(), &mut View::default());
        }

        #[test]
        fn nearly_json_can_be_an_answer(body in r#"\{"(jsonrpc|id|result|error)":[\[\]{}":,a0-9]{0,40}\}"#) {
            let _ = answer(body.as_bytes(), "id", Limits::default(), &mut View::default());
        }
    }

    #[test]
    fn deep_nesting_is_refused_before_it_is_parsed() {
        let body = [b"[".repeat(100_000), b"]".repeat(100_000)].concat();
        let error = answer(&body, "id", Limits::default(), &mut View::default()).unwrap_err();
        assert!(error.to_string().contains("nested deeper than 100 levels"), "{error}");
    }

    #[test]
    fn an_error_is_an_error_whatever_else_is_there() {
        let body = br#"{"jsonrpc":"2.0","id":"x","error":{"code":-32601,"message":"Method not found"}}"#;
        let error = answer(body, "id", Limits::default(), &mut View::default()).unwrap_err();
        assert!(error.refuses_dialect());
    }
}
