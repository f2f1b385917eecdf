//! Streams in both dialects.

use futures_util::StreamExt as _;
use serde_json::{Value, json};

use crate::support::{ModelServer, Reply, Runtime, last_text, task_request, text, v0_3, v1_0};

const ANSWER: &str = "An answer in pieces.";

fn joined(events: &[Value], artifact: impl Fn(&Value) -> Value) -> String {
    let pieces = events.iter().map(artifact).filter(|piece| !piece.is_null());
    pieces.map(|piece| piece["parts"][0]["text"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn stream_of_0_3_ends_with_its_final_event() {
    let model = ModelServer::answering(ANSWER).await;
    let runtime = Runtime::start(&model).await;
    let events: Vec<_> = runtime.events(v0_3("message/stream", "c", text("go"))).await.collect().await;
    assert_eq!((&events[0]["kind"], &events[0]["status"]["state"]), (&json!("task"), &json!("submitted")));
    assert_eq!(
        (&events[1]["kind"], &events[1]["status"]["state"]),
        (&json!("status-update"), &json!("working"))
    );
    assert_eq!(events[1]["final"], false);
    assert_eq!((&events[2]["kind"], &events[2]["append"]), (&json!("artifact-update"), &json!(false)));
    assert_eq!((&events[3]["kind"], &events[3]["append"]), (&json!("artifact-update"), &json!(true)));
    let last = events.last().unwrap();
    assert_eq!((&last["status"]["state"], &last["final"]), (&json!("completed"), &json!(true)));
    assert_eq!(joined(&events, |event| event["artifact"].clone()), ANSWER);
    assert!(events.iter().all(|event| event["contextId"] == "c"));
    assert_eq!(model.prompts()[0]["stream"], true);
    let task = runtime.result(task_request("tasks/get", events[0]["id"].as_str().unwrap())).await;
    assert_eq!(task["artifacts"][0]["parts"][0]["text"], ANSWER);
    assert_eq!(runtime.sessions().await[0]["turns"][0]["agent"], ANSWER);
}

#[tokio::test]
async fn stream_of_1_0_ends_with_a_terminal_state() {
    let runtime = Runtime::start(&ModelServer::answering(ANSWER).await).await;
    let request = v1_0("SendStreamingMessage", "c", json!([{ "text": "go" }]));
    let events: Vec<_> = runtime.events(request).await.collect().await;
    assert_eq!(events[0]["task"]["status"]["state"], "TASK_STATE_SUBMITTED");
    assert_eq!(events[1]["statusUpdate"]["status"]["state"], "TASK_STATE_WORKING");
    let last = events.last().unwrap();
    assert_eq!(last["statusUpdate"]["status"]["state"], "TASK_STATE_COMPLETED");
    assert_eq!(joined(&events, |event| event["artifactUpdate"]["artifact"].clone()), ANSWER);
    assert!(
        !json!(events).to_string().contains("\"final\"") && !json!(events).to_string().contains("\"kind\"")
    );
}

#[tokio::test]
async fn answer_replaces_the_text_before_a_tool_call() {
    let model = ModelServer::new(|prompt| match last_text(prompt).as_str() {
        "Saved." => Reply::Text("Done.".into()),
        _ => Reply::TextAndCall("One moment", "commit_memory", json!({ "content": "x" })),
    });
    let runtime = Runtime::start(&model.await).await;
    let events: Vec<_> = runtime.events(v0_3("message/stream", "c", text("go"))).await.collect().await;
    let replaced = events.iter().rposition(|event| event["append"] == false).unwrap();
    assert_eq!(joined(&events[replaced..], |event| event["artifact"].clone()), "Done.");
    assert!(events.iter().all(|event| event["lastChunk"] != true), "the pieces add up to the answer");
    let task = runtime.result(task_request("tasks/get", events[0]["id"].as_str().unwrap())).await;
    assert_eq!(task["artifacts"][0]["parts"][0]["text"], "Done.");
}

#[tokio::test]
async fn resubscribes_to_a_running_task() {
    let (model, gate) = ModelServer::slow(|_| ANSWER.into()).await;
    let runtime = Runtime::start(&model).await;
    let mut first = runtime.events(v0_3("message/stream", "c", text("slow"))).await;
    let id = first.next().await.unwrap()["id"].as_str().unwrap().to_owned();
    let again = runtime.events(task_request("tasks/resubscribe", &id)).await;
    let new_dialect = runtime.events(task_request("SubscribeToTask", &id)).await;
    gate.add_permits(1);
    let again: Vec<_> = again.collect().await;
    assert_eq!((&again[0]["kind"], &again[0]["id"]), (&json!("task"), &json!(id)));
    assert_eq!(joined(&again, |event| event["artifact"].clone()), ANSWER);
    assert_eq!(again.last().unwrap()["final"], true);
    let new_dialect: Vec<_> = new_dialect.collect().await;
    assert_eq!(new_dialect[0]["task"]["id"], json!(id));
    assert_eq!(joined(&new_dialect, |event| event["artifactUpdate"]["artifact"].clone()), ANSWER);
    assert_eq!(runtime.error_code(task_request("SubscribeToTask", &id)).await, -32004);
    assert_eq!(runtime.error_code(task_request("SubscribeToTask", "unknown")).await, -32001);
}
