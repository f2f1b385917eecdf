//! What an independent implementation of 1.0 writes is read without drift; hybrids are read with it.

use a2a::{Artifact, Message, Part, Role, SendMessageResponse, Task, TaskState, TaskStatus};
use coalmine_a2a::{Dialect, Drift, Limits, Refusal, State, WireError};
use serde_json::{Value, json};

use crate::support::{Server, of_type, refused};

fn task(state: TaskState, parts: Vec<Part>) -> Task {
    let artifact = Artifact {
        artifact_id: "a".into(),
        name: None,
        description: None,
        parts,
        metadata: None,
        extensions: None,
    };
    let mut question = Message::new(Role::User, vec![Part::text("the question")]);
    question.context_id = Some("c1".into());
    Task {
        id: "t1".into(),
        context_id: "c1".into(),
        status: TaskStatus { state, message: None, timestamp: None },
        artifacts: Some(vec![artifact]),
        history: Some(vec![question]),
        metadata: None,
    }
}

async fn read(response: &SendMessageResponse) -> coalmine_a2a::WireOutcome {
    let server = Server::answering(vec![serde_json::to_value(response).unwrap()]).await;
    server.send_text(Dialect::V1_0, Limits::default()).await
}

#[tokio::test]
async fn reads_a_task_in_each_state() {
    for (theirs, ours) in [
        (TaskState::Completed, State::Completed),
        (TaskState::Failed, State::Failed),
        (TaskState::Canceled, State::Canceled),
        (TaskState::Rejected, State::Rejected),
        (TaskState::InputRequired, State::InputRequired),
        (TaskState::AuthRequired, State::AuthRequired),
    ] {
        let parts = vec![Part::text("half "), Part::text("a sentence")];
        let sent = read(&SendMessageResponse::Task(task(theirs, parts))).await;
        assert_eq!((sent.error, sent.view.state), (None, Some(ours)));
        assert_eq!(sent.view.text(), "half a sentence");
        assert_eq!((sent.view.context_ids, sent.view.drift), (vec!["c1".to_owned()], vec![]));
    }
}

#[tokio::test]
async fn reads_a_message() {
    let mut message =
        Message::new(Role::Agent, vec![Part::text("hi"), Part::data(json!({ "text": "not words" }))]);
    message.context_id = Some("c1".into());
    let sent = read(&SendMessageResponse::Message(message)).await;
    assert_eq!((sent.error, sent.view.text().as_str(), sent.view.drift), (None, "hi", vec![]));
}

#[tokio::test]
async fn reads_a_hybrid_and_notes_each_departure() {
    let hybrid = json!({ "kind": "task", "id": "t1", "contextId": "c1", "status": { "state": "completed" },
        "artifacts": [{ "artifactId": "a", "parts": [{ "kind": "text", "text": "hi" }] }] });
    let server = Server::answering(vec![hybrid]).await;
    let sent = server.send_text(Dialect::V1_0, Limits::default()).await;
    assert_eq!((sent.error, sent.view.text().as_str()), (None, "hi"));
    let expected = [Drift::Wrapping, Drift::Kind, Drift::StateNames("completed".into()), Drift::PartShape];
    assert_eq!(sent.view.drift, expected);
}

#[tokio::test]
async fn reads_errors_of_every_kind() {
    let error = |status: u16, body: &'static str| async move {
        let server = Server::new(move |_| {
            let mut response = of_type("application/json", body);
            *response.status_mut() = axum::http::StatusCode::from_u16(status).unwrap();
            response
        });
        server.await.send_text(Dialect::V1_0, Limits::default()).await.error.unwrap()
    };
    let rpc = r#"{"jsonrpc":"2.0","id":"m1","error":{"code":-32009,"message":"no","data":[]}}"#;
    for status in [200, 400, 500] {
        let error = error(status, rpc).await;
        assert_eq!(error, refused(Refusal::VersionNotSupported, -32009, "no"));
        assert!(error.refuses_dialect());
    }
    assert!(error(404, "<html>").await.is_wrong_address());
    assert!(
        matches!(error(502, "bad gateway").await, WireError::Http { status: 502, body } if body == "bad gateway")
    );
    for body in ["", "  \n", "<html>", "null", "[]", "{}", r#"{"jsonrpc":"2.0","id":"m1","result":"words"}"#]
    {
        assert!(matches!(error(200, body).await, WireError::Malformed { .. }), "{body}");
    }
}

#[tokio::test]
async fn notes_a_foreign_id_and_differing_contexts() {
    let server = Server::new(|_| {
        let task = json!({ "id": "t1", "contextId": "c1", "status": { "state": "TASK_STATE_COMPLETED",
            "message": { "messageId": "m", "role": "ROLE_AGENT", "contextId": "c2", "parts": [] } } });
        let body: Value = json!({ "jsonrpc": "2.0", "id": 7, "result": { "task": task } });
        of_type("application/json", body.to_string())
    })
    .await;
    let sent = server.send_text(Dialect::V1_0, Limits::default()).await;
    assert_eq!(sent.error, None);
    assert_eq!(sent.view.drift, [Drift::ResponseId, Drift::ContextIdsDiffer(vec!["c1".into(), "c2".into()])]);
}
