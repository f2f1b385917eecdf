//! From received bytes to JSON-RPC results, within bounds.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use serde_json::Value;
use sse_stream::SseByteStream;
use tokio::time::{Instant, timeout_at};

use crate::{Dialect, Drift, Flow, Limits, State, View, WireError, client::Watch, scan};

/// How long a stream may stay open after the event that settled the turn.
const LINGER: Duration = Duration::from_secs(1);

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

/// Who takes in the events of a stream.
pub(crate) struct Listener<'a> {
    pub(crate) dialect: Dialect,
    /// Of the request.
    pub(crate) id: &'a str,
    pub(crate) limits: Limits,
    pub(crate) view: &'a mut View,
    pub(crate) watch: Watch<'a>,
}

/// Reads an event stream to its end, or until the listener hangs up. Once the turn is settled the end has [`LINGER`] to
/// come; whatever comes before it still counts.
pub(crate) async fn events<S>(body: S, listener: Listener<'_>) -> Result<Flow, WireError>
where
    S: Stream<Item = Result<Bytes, WireError>> + Unpin,
{
    let Listener { dialect, id, limits, view, watch } = listener;
    let mut stream = std::pin::pin!(SseByteStream::new(body));
    let mut leave: Option<Instant> = None;
    loop {
        let next = match leave {
            None => stream.next().await,
            // a stream that never pauses is left as well
            Some(by) if Instant::now() >= by => return Ok(left_open(view)),
            Some(by) => match timeout_at(by, stream.next()).await {
                Ok(next) => next,
                Err(_) => return Ok(left_open(view)),
            },
        };
        let event = match next {
            None => return Ok(Flow::GoOn),
            Some(Ok(event)) => event,
            Some(Err(error)) => match broken(error) {
                WireError::Lost(_) | WireError::Timeout { .. } if leave.is_some() => {
                    return Ok(left_open(view));
                }
                error => return Err(error),
            },
        };
        let Some(data) = event.data.filter(|data| !data.trim().is_empty()) else { continue };
        let result = answer(data.as_bytes(), id, limits, view)?;
        view.absorb(dialect, &result, true);
        if watch(view) == Flow::HangUp {
            return Ok(Flow::HangUp);
        }
        if leave.is_none() && view.is_settled() {
            leave = Some(Instant::now() + LINGER);
        }
    }
}

/// A task that waits for its client may keep its stream open (1.0 §3.1.2); one that is over may not.
fn left_open(view: &mut View) -> Flow {
    if view.is_message || view.state.is_some_and(State::is_terminal) {
        view.note(Drift::StreamNotClosed);
    }
    Flow::GoOn
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

/// The beginning of a body, for messages; of a page of HTML what a person would read.
pub(crate) fn excerpt(body: &[u8]) -> String {
    const SHOWN: usize = 300;
    const PAGE: usize = 64 << 10;
    if body.trim_ascii_start().starts_with(b"<") {
        let page = String::from_utf8_lossy(&body[..body.len().min(PAGE)]);
        let words = words_of_page(&page);
        if !words.is_empty() {
            return words.chars().take(SHOWN).collect();
        }
    }
    String::from_utf8_lossy(&body[..body.len().min(SHOWN)]).into_owned()
}

/// What stands between the tags of a page, but for its styles and scripts; entities stay as they are.
fn words_of_page(page: &str) -> String {
    let mut words: Vec<&str> = vec![];
    let mut hidden: Option<&str> = None;
    for piece in page.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').unwrap_or((piece, ""));
        let name = tag.split_ascii_whitespace().next().unwrap_or_default();
        match hidden {
            Some(end) if name.eq_ignore_ascii_case(end) => hidden = None,
            Some(_) => continue,
            None if name.eq_ignore_ascii_case("style") => hidden = Some("/style"),
            None if name.eq_ignore_ascii_case("script") => hidden = Some("/script"),
            None => {}
        }
        if hidden.is_none() {
            words.extend(text.split_whitespace());
        }
    }
    words.join(" ")
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
        fn any_page_has_a_beginning(page in "[ ]?<[<>/a-z! \n\u{e9}]{0,200}") {
            prop_assert!(excerpt(page.as_bytes()).chars().count() <= 300);
        }

        #[test]
        fn nearly_json_can_be_an_answer(body in r#"\{"(jsonrpc|id|result|error)":[\[\]{}":,a0-9]{0,40}\}"#) {
            let _ = answer(body.as_bytes(), "id", Limits::default(), &mut View::default());
        }
    }

    #[test]
    fn of_a_page_only_what_can_be_read_is_told() {
        let page = b" <!DOCTYPE html>\n<HTML><style>a { b: c }</STYLE><title>502</title>\n<p class=x>Bad\n gateway</p><script>1<2";
        assert_eq!(excerpt(page), "502 Bad gateway");
        assert_eq!(excerpt(b"<<<"), "<<<");
        assert_eq!(excerpt(b"{\"a\": \"<b>\"}"), "{\"a\": \"<b>\"}");
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
