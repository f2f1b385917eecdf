//! A blocking send that is answered as an event stream is read as one.

use coalmine_a2a::{Dialect, Drift, Limits, Refusal, State};
use futures_util::{StreamExt as _, stream};
use serde_json::json;

use crate::{
    event_stream::{events, story},
    support::{Server, of_type, refused, task},
};

#[tokio::test]
async fn its_events_add_up_to_the_answer_with_drift() {
    let server =
        Server::new(|request| of_type("text/event-stream; charset=utf-8", events(request, &story()))).await;
    let sent = server.send_text(Dialect::V1_0, Limits::default()).await;
    assert_eq!((sent.error, sent.view.state), (None, Some(State::Completed)));
    assert_eq!(
        (sent.view.text().as_str(), sent.view.context_ids.as_slice()),
        ("Zorvane", &["c1".to_owned()][..])
    );
    assert_eq!(sent.view.drift, [Drift::StreamedSend]);
    let kept = String::from_utf8(sent.exchanges[0].response.to_vec()).unwrap();
    assert!(kept.contains("artifactUpdate"), "the evidence is what was on the wire: {kept}");
}

#[tokio::test]
async fn stops_reading_when_the_turn_is_settled() {
    let server = Server::new(|request| {
        let events_so_far = stream::iter([Ok::<_, std::io::Error>(events(request, &story()))]);
        of_type("text/event-stream", axum::body::Body::from_stream(events_so_far.chain(stream::pending())))
    })
    .await;
    let sent = server.send_text(Dialect::V1_0, Limits::default()).await;
    assert_eq!((sent.error, sent.view.text().as_str()), (None, "Zorvane"));
}

#[tokio::test]
async fn polls_the_task_if_the_stream_ends_early() {
    let server = Server::new(|request| match request.number {
        0 => of_type("text/event-stream", events(request, &story()[..3])),
        _ => crate::support::answered(request, &task("COMPLETED", "Zorvane")),
    })
    .await;
    let sent = server.send_text(Dialect::V1_0, Limits::default()).await;
    assert_eq!((sent.error, sent.view.text().as_str()), (None, "Zorvane"));
    assert_eq!(server.requests()[1].body["method"], "GetTask");
}

#[tokio::test]
async fn an_error_event_is_the_error_of_the_turn() {
    let server = Server::new(|request| {
        let error = json!({ "jsonrpc": "2.0", "id": request.body["id"], "error": { "code": -32603, "message": "broke" } });
        of_type("text/event-stream", events(request, &story()[..2]) + &format!("data: {error}\n\n"))
    })
    .await;
    let sent = server.send_text(Dialect::V1_0, Limits::default()).await;
    assert_eq!(sent.error, Some(refused(Refusal::Internal, -32603, "broke")));
}

#[tokio::test]
async fn reads_one_in_0_3() {
    let server = Server::new(|request| {
        let results = [
            json!({ "kind": "task", "id": "t1", "contextId": "c1", "status": { "state": "submitted" } }),
            json!({ "kind": "artifact-update", "taskId": "t1", "contextId": "c1", "lastChunk": true,
                    "artifact": { "artifactId": "a", "parts": [{ "kind": "text", "text": "Zorvane" }] } }),
            json!({ "kind": "status-update", "taskId": "t1", "contextId": "c1", "final": true, "status": { "state": "completed" } }),
        ];
        of_type("text/event-stream", events(request, &results))
    })
    .await;
    let sent = server.send_text(Dialect::V0_3, Limits::default()).await;
    assert_eq!((sent.error, sent.view.text().as_str()), (None, "Zorvane"));
    assert_eq!(sent.view.drift, [Drift::StreamedSend]);
}
