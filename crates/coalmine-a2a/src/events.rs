//! Reads a stream of events, in any binding: SSE frames it, and the binding reads the data of each event.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use sse_stream::SseByteStream;
use tokio::time::{Instant, timeout_at};

use crate::{Drift, Flow, State, View, WireError, binding::WireCall, time::after, watch::Watch};

/// How long a stream may stay open after the event that settled the turn. A busy server may need seconds to close it.
const LINGER: Duration = Duration::from_secs(3);

/// Where the events of a stream go.
pub(crate) struct Listener<'a> {
    /// The call that they answer.
    pub(crate) call: WireCall<'a>,
    pub(crate) view: &'a mut View,
    pub(crate) watch: Watch<'a>,
}

/// Reads an event stream to its end, or until the listener hangs up. Once the turn is settled, the stream has
/// [`LINGER`] to end; events that come before that still count.
pub(crate) async fn read_events<S>(body: S, listener: Listener<'_>) -> Result<Flow, WireError>
where
    S: Stream<Item = Result<Bytes, WireError>> + Unpin,
{
    let Listener { call, view, watch } = listener;
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
            Some(Err(error)) => match source_error(error) {
                WireError::Lost(_) | WireError::Timeout { .. } if leave.is_some() => {
                    return Ok(left_open(view));
                }
                error => return Err(error),
            },
        };
        let Some(data) = event.data.filter(|data| !data.trim().is_empty()) else { continue };
        call.endpoint.binding.read_event(&call, data.as_bytes(), view)?;
        if watch(view) == Flow::HangUp {
            return Ok(Flow::HangUp);
        }
        if leave.is_none() && view.is_settled() {
            leave = Some(after(Instant::now(), LINGER));
        }
    }
}

/// Notes that a stream stayed open. A task that waits for its client may keep its stream (1.0 §3.1.2); one
/// that is over may not.
fn left_open(view: &mut View) -> Flow {
    if view.is_message || view.state.is_some_and(State::is_terminal) {
        view.note(Drift::StreamNotClosed);
    }
    Flow::GoOn
}

/// Unpacks an error of the body from the box that the parser puts it in.
fn source_error(error: sse_stream::Error) -> WireError {
    let reason = format!("the event stream cannot be read ({error})");
    match error {
        sse_stream::Error::Body(inner) => match inner.downcast::<WireError>() {
            Ok(ours) => *ours,
            Err(_) => WireError::Malformed { reason, body: String::new() },
        },
        _ => WireError::Malformed { reason, body: String::new() },
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use proptest::prelude::*;

    use super::*;
    use crate::{Ask, Dialect, Endpoint, JSON_RPC, Limits};

    /// Reads a body that comes in these chunks.
    fn read(chunks: Vec<Vec<u8>>) -> (Result<Flow, WireError>, View) {
        let url = "http://127.0.0.1/".parse().unwrap();
        let endpoint = Endpoint { url, binding: JSON_RPC, dialect: Dialect::V1_0, tenant: None };
        let call =
            WireCall { endpoint: &endpoint, ask: Ask::Resubscribe("t"), id: "i", limits: Limits::default() };
        let mut view = View::default();
        let body = stream::iter(chunks.into_iter().map(|chunk| Ok(Bytes::from(chunk))));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let listener = Listener { call, view: &mut view, watch: &mut |_| Flow::GoOn };
        let flow = runtime.block_on(read_events(body, listener));
        (flow, view)
    }

    fn event(result: &str) -> Vec<u8> {
        format!(r#"data: {{"jsonrpc":"2.0","id":"i","result":{result}}}"#).into_bytes()
    }

    #[test]
    fn an_event_may_be_cut_anywhere() {
        let text =
            r#"{"artifactUpdate":{"taskId":"t","artifact":{"artifactId":"a","parts":[{"text":"Zorvane"}]}}}"#;
        let whole = [event(text), b"\n\n".to_vec()].concat();
        for at in 0..=whole.len() {
            let (flow, view) = read(vec![whole[..at].to_vec(), whole[at..].to_vec()]);
            assert_eq!((flow, view.text().as_str()), (Ok(Flow::GoOn), "Zorvane"));
        }
    }

    #[test]
    fn stops_at_the_first_event_that_is_not_an_answer() {
        let (flow, view) = read(vec![event(r#"{"task":{"id":"t"}}"#), b"\n\ndata: <html>\n\n".to_vec()]);
        assert!(matches!(flow, Err(WireError::Malformed { .. })), "{flow:?}");
        assert_eq!(view.state, None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(
            chunks in prop::collection::vec(
                prop_oneof![
                    prop::collection::vec(any::<u8>(), 0..32),
                    "(data: ?|:|id: 7|\r\n|\n\n|[{}\\[\\]\",:a0]){0,8}".prop_map(String::into_bytes),
                ],
                0..8,
            ),
        ) {
            let _ = read(chunks);
        }
    }
}
