//! Event streams of a server in 1.0.

use axum::{body::Body, http::Response};
use futures_util::{Stream, StreamExt as _, stream};
use serde_json::{Value, json};

use crate::support::{ReceivedRequest, of_type};

/// A stream of these results, followed by raw text.
pub(crate) fn event_stream(
    request: &ReceivedRequest,
    results: &[Value],
    then: impl Stream<Item = String> + Send + 'static,
) -> Response<Body> {
    let all = stream::iter([events(request, results)]).chain(then).map(Ok::<_, std::io::Error>);
    of_type("text/event-stream", Body::from_stream(all))
}

pub(crate) fn events(request: &ReceivedRequest, results: &[Value]) -> String {
    let event = |result| json!({ "jsonrpc": "2.0", "id": request.body["id"], "result": result });
    results.iter().map(|result| format!(": a comment\nid: 7\ndata: {}\r\n\r\n", event(result))).collect()
}

pub(crate) fn piece(text: &str, append: bool) -> Value {
    let artifact = json!({ "artifactId": "a", "parts": [{ "text": text }] });
    json!({ "artifactUpdate": { "taskId": "t1", "contextId": "c1", "artifact": artifact, "append": append } })
}

pub(crate) fn status(state: &str) -> Value {
    json!({ "statusUpdate": { "taskId": "t1", "contextId": "c1", "status": { "state": format!("TASK_STATE_{state}") } } })
}

pub(crate) fn story() -> Vec<Value> {
    let begin =
        json!({ "task": { "id": "t1", "contextId": "c1", "status": { "state": "TASK_STATE_SUBMITTED" } } });
    vec![begin, status("WORKING"), piece("Zor", false), piece("vane", true), status("COMPLETED")]
}
