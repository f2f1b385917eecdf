//! A task that is not done when the send is answered is asked for until it is, or until time runs out.

use std::time::Duration;

use coalmine_a2a::{Dialect, Drift, Limits, State, WireError};
use serde_json::json;

use crate::support::{Server, answered, task};

const SHORT: Duration = Duration::from_millis(300);

#[tokio::test]
async fn until_it_is_done() {
    let results = vec![
        json!({ "task": task("SUBMITTED", "") }),
        task("WORKING", "half"),
        task("WORKING", "half a"),
        task("COMPLETED", "whole"),
    ];
    let server = Server::telling(results).await;
    let sent = server.say(Dialect::V1_0, Limits::default()).await;
    assert_eq!((sent.error, sent.view.state), (None, Some(State::Completed)));
    assert_eq!(sent.view.text(), "whole");
    assert_eq!(sent.exchanges.len(), 4);
    assert!(sent.view.drift.contains(&Drift::NotBlocking("submitted".into())), "{:?}", sent.view.drift);
    let asked = server.asked();
    assert!(asked[1..].iter().all(|asked| asked.body["params"] == json!({ "id": "t1" })), "{asked:?}");
    let mut ids: Vec<_> = asked.iter().map(|asked| asked.body["id"].to_string()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 4, "each request has an id of its own");
}

#[tokio::test]
async fn in_the_older_dialect_as_well() {
    let older =
        |state: &str| json!({ "kind": "task", "id": "t1", "contextId": "c1", "status": { "state": state } });
    let server = Server::telling(vec![older("working"), older("input-required")]).await;
    let sent = server.say(Dialect::V0_3, Limits::default()).await;
    assert_eq!((sent.error, sent.view.state), (None, Some(State::InputRequired)));
    assert_eq!(server.asked()[1].body["method"], "tasks/get");
}

#[tokio::test]
async fn a_task_that_needs_nothing_more_is_not_asked_for() {
    for state in ["COMPLETED", "FAILED", "REJECTED", "CANCELED", "INPUT_REQUIRED", "AUTH_REQUIRED"] {
        let server = Server::telling(vec![json!({ "task": task(state, "") })]).await;
        let sent = server.say(Dialect::V1_0, Limits::default()).await;
        assert_eq!((sent.error, server.asked().len()), (None, 1), "{state}");
    }
}

#[tokio::test]
async fn a_bare_message_is_an_answer() {
    let message = json!({ "message": { "messageId": "m", "role": "ROLE_AGENT", "contextId": "c1", "parts": [{ "text": "hi" }] } });
    let server = Server::telling(vec![message]).await;
    let sent = server.say(Dialect::V1_0, Limits::default()).await;
    assert_eq!((sent.error, sent.view.text().as_str(), server.asked().len()), (None, "hi", 1));
    assert_eq!(sent.view.drift, []);
}

#[tokio::test]
async fn the_bound_holds_for_all_looks_together() {
    let server = Server::telling(vec![json!({ "task": task("WORKING", "") }), task("WORKING", "")]).await;
    let began = std::time::Instant::now();
    let sent = server.say(Dialect::V1_0, Limits { time: SHORT, ..Limits::default() }).await;
    assert_eq!(sent.error, Some(WireError::NotFinished { state: "working".into(), within: SHORT }));
    assert!(began.elapsed() < SHORT * 10, "{:?}", began.elapsed());
    assert!(server.asked().len() > 1);
}

#[tokio::test]
async fn an_error_in_a_look_ends_the_turn_with_it() {
    let server = Server::new(|asked| match asked.number {
        0 => answered(asked, &json!({ "task": task("WORKING", "") })),
        _ => {
            let error = json!({ "jsonrpc": "2.0", "id": asked.body["id"], "error": { "code": -32001, "message": "gone" } });
            crate::support::of_type("application/json", error.to_string())
        }
    })
    .await;
    let sent = server.say(Dialect::V1_0, Limits::default()).await;
    assert_eq!(sent.error, Some(WireError::Rpc { code: -32001, message: "gone".into() }));
    assert_eq!(sent.exchanges.iter().filter(|exchange| exchange.error.is_some()).count(), 1);
}

#[tokio::test]
async fn a_task_without_an_id_cannot_be_asked_for_and_that_is_said() {
    let server =
        Server::telling(vec![json!({ "task": { "status": { "state": "TASK_STATE_WORKING" } } })]).await;
    let sent = server.say(Dialect::V1_0, Limits::default()).await;
    assert!(
        matches!(&sent.error, Some(WireError::Malformed { reason, .. }) if reason.contains("with an id")),
        "{:?}",
        sent.error
    );
    assert_eq!(server.asked().len(), 1);
}
