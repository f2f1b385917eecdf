//! Streams in 0.3, and the operations on a task while it lives.

use std::sync::{Arc, Mutex};

use axum::body::Body;
use coalmine_a2a::{Dialect, Drift, Flow, Limits, Outgoing, Part, Refusal, State, WireError, WireOutcome};
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::support::{ReceivedRequest, Server, answered, client, message, of_type, refused, task};

const EVENTS: &str = "text/event-stream";

/// 0.3 events, each answering the request.
fn events(request: &ReceivedRequest, results: &[Value]) -> String {
    let event = |result| json!({ "jsonrpc": "2.0", "id": request.body["id"], "result": result });
    results.iter().map(|result| format!("data: {}\n\n", event(result))).collect()
}

fn began() -> Value {
    json!({ "kind": "task", "id": "t1", "contextId": "c1", "status": { "state": "working" } })
}

fn piece(text: &str) -> Value {
    let artifact = json!({ "artifactId": "a", "parts": [{ "kind": "text", "text": text }] });
    json!({ "kind": "artifact-update", "taskId": "t1", "contextId": "c1", "artifact": artifact, "append": true })
}

fn ended(state: &str) -> Value {
    json!({ "kind": "status-update", "taskId": "t1", "contextId": "c1", "status": { "state": state }, "final": true })
}

async fn stream_from(server: &Server) -> WireOutcome {
    let endpoint = server.endpoint(Dialect::V0_3, None);
    client(Limits::default()).stream(&endpoint, &hello(), |_| Flow::GoOn).await
}

fn hello() -> Outgoing {
    message(vec![Part::Text("hello".into())])
}

#[tokio::test]
async fn follows_a_stream_to_the_end_of_the_turn() {
    let story = [began(), piece("Zor"), piece("vane"), ended("completed")];
    let server = Server::new(move |request| of_type(EVENTS, events(request, &story))).await;
    let sent = stream_from(&server).await;
    assert_eq!((sent.error, sent.view.state, sent.hung_up), (None, Some(State::Completed), false));
    assert_eq!((sent.view.text().as_str(), sent.view.drift.as_slice()), ("Zorvane", &[][..]));
    let body = &server.requests()[0].body;
    assert_eq!(body["method"], "message/stream");
    assert!(body["params"]["configuration"]["blocking"].is_null(), "a stream does not block");
}

#[tokio::test]
async fn hanging_up_closes_the_connection() {
    let (open, closed) = oneshot::channel::<()>();
    let open = Arc::new(Mutex::new(Some(open)));
    let server = Server::new(move |request| {
        // dropped with the body: when the client is gone
        let guard = open.lock().unwrap().take();
        let first = stream::iter([Ok::<_, std::io::Error>(events(request, &[began(), piece("Zor")]))]);
        let endless = first.chain(stream::pending()).inspect(move |_| {
            let _ = &guard;
        });
        of_type(EVENTS, Body::from_stream(endless))
    })
    .await;
    let endpoint = server.endpoint(Dialect::V0_3, None);
    let sent = client(Limits::default())
        .stream(&endpoint, &hello(), |view| if view.text().is_empty() { Flow::GoOn } else { Flow::HangUp })
        .await;
    assert_eq!((sent.error, sent.hung_up, sent.view.text().as_str()), (None, true, "Zor"));
    assert_eq!(sent.view.task_id.as_deref(), Some("t1"));
    closed.await.unwrap_err();
}

#[tokio::test]
async fn a_stream_that_ends_before_the_turn_is_an_error() {
    let server = Server::new(|request| of_type(EVENTS, events(request, &[began(), piece("Zor")]))).await;
    let sent = stream_from(&server).await;
    assert_eq!(sent.error, Some(WireError::StreamEnded("working".into())));
}

#[tokio::test]
async fn a_single_response_is_read_with_drift() {
    let whole = json!({
        "kind": "task", "id": "t1", "contextId": "c1", "status": { "state": "completed" },
        "artifacts": [{ "artifactId": "a", "parts": [{ "kind": "text", "text": "Zorvane" }] }],
    });
    let server = Server::new(move |request| answered(request, &whole)).await;
    let sent = stream_from(&server).await;
    assert_eq!((sent.error, sent.view.text().as_str()), (None, "Zorvane"));
    assert_eq!(sent.view.drift, [Drift::NotStreamed]);
}

#[tokio::test]
async fn an_error_instead_of_a_stream_is_the_servers_error() {
    let server = Server::new(|request| {
        let error = json!({ "code": -32004, "message": "This operation is not supported" });
        let body = json!({ "jsonrpc": "2.0", "id": request.body["id"], "error": error });
        of_type("application/json", body.to_string())
    })
    .await;
    let error = stream_from(&server).await.error.unwrap();
    assert_eq!(error, refused(Refusal::Unsupported, -32004, "This operation is not supported"));
}

#[tokio::test]
async fn names_a_task_by_its_id_in_both_dialects() {
    let server = Server::new(|request| match request.body["method"].as_str() {
        Some("tasks/resubscribe" | "SubscribeToTask") => {
            of_type(EVENTS, events(request, &[began(), ended("completed")]))
        }
        _ => answered(request, &task("CANCELED", "so far")),
    })
    .await;
    let client = client(Limits::default());
    for dialect in [Dialect::V0_3, Dialect::V1_0] {
        let endpoint = server.endpoint(dialect, None);
        assert_eq!(client.cancel(&endpoint, "t1").await.view.state, Some(State::Canceled));
        assert_eq!(client.task(&endpoint, "t1").await.view.text(), "so far");
        assert_eq!(client.resubscribe(&endpoint, "t1", |_| Flow::GoOn).await.error, None);
    }
    let requests = server.requests();
    let methods: Vec<_> = requests.iter().map(|request| request.body["method"].as_str().unwrap()).collect();
    let old = ["tasks/cancel", "tasks/get", "tasks/resubscribe"];
    assert_eq!(methods, [old, ["CancelTask", "GetTask", "SubscribeToTask"]].concat());
    assert!(requests.iter().all(|request| request.body["params"] == json!({ "id": "t1" })));
}
