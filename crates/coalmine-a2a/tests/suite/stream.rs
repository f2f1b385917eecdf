//! A send that is answered as a stream of events is read as one.

use coalmine_a2a::{Dialect, Drift, Limits, State, WireError};
use futures_util::{StreamExt as _, stream};
use serde_json::json;

use crate::{
    support::{Server, of_type, task},
    told::{events, story},
};

#[tokio::test]
async fn its_events_add_up_to_the_answer_and_the_departure_is_told() {
    let server =
        Server::new(|asked| of_type("text/event-stream; charset=utf-8", events(asked, &story()))).await;
    let sent = server.say(Dialect::V1_0, Limits::default()).await;
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
async fn it_is_read_no_further_than_the_event_that_settles_the_turn() {
    let server = Server::new(|asked| {
        let told = stream::iter([Ok::<_, std::io::Error>(events(asked, &story()))]);
        of_type("text/event-stream", axum::body::Body::from_stream(told.chain(stream::pending())))
    })
    .await;
    let sent = server.say(Dialect::V1_0, Limits::default()).await;
    assert_eq!((sent.error, sent.view.text().as_str()), (None, "Zorvane"));
}

#[tokio::test]
async fn one_that_ends_too_early_is_taken_up_by_asking_for_the_task() {
    let server = Server::new(|asked| match asked.number {
        0 => of_type("text/event-stream", events(asked, &story()[..3])),
        _ => crate::support::answered(asked, &task("COMPLETED", "Zorvane")),
    })
    .await;
    let sent = server.say(Dialect::V1_0, Limits::default()).await;
    assert_eq!((sent.error, sent.view.text().as_str()), (None, "Zorvane"));
    assert_eq!(server.asked()[1].body["method"], "GetTask");
}

#[tokio::test]
async fn an_error_in_it_is_the_error_of_the_turn() {
    let server = Server::new(|asked| {
        let error = json!({ "jsonrpc": "2.0", "id": asked.body["id"], "error": { "code": -32603, "message": "broke" } });
        of_type("text/event-stream", events(asked, &story()[..2]) + &format!("data: {error}\n\n"))
    })
    .await;
    let sent = server.say(Dialect::V1_0, Limits::default()).await;
    assert_eq!(sent.error, Some(WireError::Rpc { code: -32603, message: "broke".into() }));
}

#[tokio::test]
async fn one_in_the_older_dialect_is_read_as_well() {
    let server = Server::new(|asked| {
        let results = [
            json!({ "kind": "task", "id": "t1", "contextId": "c1", "status": { "state": "submitted" } }),
            json!({ "kind": "artifact-update", "taskId": "t1", "contextId": "c1", "lastChunk": true,
                    "artifact": { "artifactId": "a", "parts": [{ "kind": "text", "text": "Zorvane" }] } }),
            json!({ "kind": "status-update", "taskId": "t1", "contextId": "c1", "final": true, "status": { "state": "completed" } }),
        ];
        of_type("text/event-stream", events(asked, &results))
    })
    .await;
    let sent = server.say(Dialect::V0_3, Limits::default()).await;
    assert_eq!((sent.error, sent.view.text().as_str()), (None, "Zorvane"));
    assert_eq!(sent.view.drift, [Drift::StreamedSend]);
}
