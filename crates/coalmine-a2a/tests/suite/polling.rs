//! A task that is not done when the send is answered is polled until it is, or until time runs out.

use std::time::Duration;

use coalmine_a2a::{Dialect, Drift, Limits, Refusal, State, WireError};
use serde_json::json;

use crate::support::{Server, answered, refused, task};

const SHORT: Duration = Duration::from_millis(300);

#[tokio::test]
async fn polls_until_the_task_is_done() {
    let results = vec![
        json!({ "task": task("SUBMITTED", "") }),
        task("WORKING", "half"),
        task("WORKING", "half a"),
        task("COMPLETED", "whole"),
    ];
    let server = Server::answering(results).await;
    let sent = server.send_text(Dialect::V1_0, Limits::default()).await;
    assert_eq!((sent.error, sent.view.state), (None, Some(State::Completed)));
    assert_eq!(sent.view.text(), "whole");
    assert_eq!(sent.exchanges.len(), 4);
    assert!(sent.view.drift.contains(&Drift::NotBlocking("submitted".into())), "{:?}", sent.view.drift);
    let requests = server.requests();
    assert!(
        requests[1..].iter().all(|request| request.body["params"] == json!({ "id": "t1" })),
        "{requests:?}"
    );
    let mut ids: Vec<_> = requests.iter().map(|request| request.body["id"].to_string()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 4, "each request has an id of its own");
}

#[tokio::test]
async fn works_in_0_3() {
    let older =
        |state: &str| json!({ "kind": "task", "id": "t1", "contextId": "c1", "status": { "state": state } });
    let server = Server::answering(vec![older("working"), older("input-required")]).await;
    let sent = server.send_text(Dialect::V0_3, Limits::default()).await;
    assert_eq!((sent.error, sent.view.state), (None, Some(State::InputRequired)));
    assert_eq!(server.requests()[1].body["method"], "tasks/get");
}

#[tokio::test]
async fn a_settled_task_is_not_polled() {
    for state in ["COMPLETED", "FAILED", "REJECTED", "CANCELED", "INPUT_REQUIRED", "AUTH_REQUIRED"] {
        let server = Server::answering(vec![json!({ "task": task(state, "") })]).await;
        let sent = server.send_text(Dialect::V1_0, Limits::default()).await;
        assert_eq!((sent.error, server.requests().len()), (None, 1), "{state}");
    }
}

#[tokio::test]
async fn a_bare_message_is_an_answer() {
    let message = json!({ "message": { "messageId": "m", "role": "ROLE_AGENT", "contextId": "c1", "parts": [{ "text": "hi" }] } });
    let server = Server::answering(vec![message]).await;
    let sent = server.send_text(Dialect::V1_0, Limits::default()).await;
    assert_eq!((sent.error, sent.view.text().as_str(), server.requests().len()), (None, "hi", 1));
    assert_eq!(sent.view.drift, []);
}

#[tokio::test]
async fn the_time_limit_covers_all_polls() {
    let server = Server::answering(vec![json!({ "task": task("WORKING", "") }), task("WORKING", "")]).await;
    let began = std::time::Instant::now();
    let sent = server.send_text(Dialect::V1_0, Limits { time: SHORT, ..Limits::default() }).await;
    assert_eq!(sent.error, Some(WireError::NotFinished { state: "working".into(), within: SHORT }));
    assert!(began.elapsed() < SHORT * 10, "{:?}", began.elapsed());
    assert!(server.requests().len() > 1);
}

#[tokio::test]
async fn an_error_while_polling_ends_the_turn() {
    let server = Server::new(|request| match request.number {
        0 => answered(request, &json!({ "task": task("WORKING", "") })),
        _ => {
            let error = json!({ "jsonrpc": "2.0", "id": request.body["id"], "error": { "code": -32001, "message": "gone" } });
            crate::support::of_type("application/json", error.to_string())
        }
    })
    .await;
    let sent = server.send_text(Dialect::V1_0, Limits::default()).await;
    assert_eq!(sent.error, Some(refused(Refusal::NotFound, -32001, "gone")));
    assert_eq!(sent.exchanges.iter().filter(|exchange| exchange.error.is_some()).count(), 1);
}

#[tokio::test]
async fn a_task_without_an_id_cannot_be_polled() {
    let server =
        Server::answering(vec![json!({ "task": { "status": { "state": "TASK_STATE_WORKING" } } })]).await;
    let sent = server.send_text(Dialect::V1_0, Limits::default()).await;
    assert!(
        matches!(&sent.error, Some(WireError::Malformed { reason, .. }) if reason.contains("with an id")),
        "{:?}",
        sent.error
    );
    assert_eq!(server.requests().len(), 1);
}
