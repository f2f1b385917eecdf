//! The layer `wire`.

use std::sync::Arc;

use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::{INTRODUCTION, QUESTION, RECALLED, UNKNOWN, name_recall};
use crate::support::{
    ModelServer, Runtime, in_background, reply_text, task_request, text, v0_3, v1_0, with_id,
};

fn id(task: &Value) -> &str {
    task["id"].as_str().unwrap()
}

/// Returns a model that waits for a permit for `slow`, and a runtime with this fault.
async fn gated(fault: &str) -> (ModelServer, Runtime, Arc<Semaphore>) {
    let (model, gate) = ModelServer::slow(|_| "done".into()).await;
    let runtime = Runtime::with_fault(&model, fault).await;
    (model, runtime, gate)
}

#[tokio::test]
async fn context_replaced_opens_a_new_context_per_message() {
    let (runtime, _model, task) = name_recall("wire.context-replaced").await;
    assert_ne!(task["contextId"], "a");
    assert_eq!(reply_text(&task), UNKNOWN);
    let keys: Vec<_> = runtime.sessions().await.iter().map(|session| session["key"].clone()).collect();
    assert!(keys.len() == 2 && keys.contains(&task["contextId"]), "{keys:?}");
}

#[tokio::test]
async fn context_not_generated_keeps_given_contexts() {
    let (runtime, _model, task) = name_recall("wire.context-not-generated").await;
    assert_eq!((task["contextId"].as_str(), reply_text(&task).as_str()), (Some("a"), RECALLED));
    let nameless = runtime.say("", INTRODUCTION).await;
    assert_eq!(nameless["status"]["state"], "completed");
    assert!(!nameless.to_string().contains("contextId"), "{nameless}");
    let answer = runtime.result(v1_0("SendMessage", "", json!([{ "text": QUESTION }]))).await;
    assert!(!answer.to_string().contains("contextId"), "{answer}");
    assert_eq!(answer["task"]["artifacts"][0]["parts"][0]["text"], UNKNOWN, "the contexts share no session");
    let events: Vec<_> = runtime.events(v0_3("message/stream", "", text(QUESTION))).await.collect().await;
    assert!(!json!(events).to_string().contains("contextId"), "{events:?}");
    assert_eq!(runtime.sessions().await.len(), 4);
}

#[tokio::test]
async fn mismatch_accepted_runs_in_the_named_context() {
    let (runtime, _model, other) = name_recall("wire.mismatch-accepted").await;
    let send =
        |context: &str, task: &str| with_id(v0_3("message/send", context, text(QUESTION)), "taskId", task);
    let task = runtime.result(send("b", id(&other))).await;
    assert_eq!((task["contextId"].as_str(), reply_text(&task).as_str()), (Some("b"), UNKNOWN));
    assert_eq!(runtime.error_code(send("a", id(&other))).await, -32004);
    assert_eq!(runtime.error_code(send("a", "unknown")).await, -32001);
}

#[tokio::test]
async fn finished_task_accepted_runs_in_it_again() {
    let model = ModelServer::grounded().await;
    let runtime = Runtime::with_fault(&model, "wire.finished-task-accepted").await;
    let first = runtime.say("a", INTRODUCTION).await;
    for context in ["a", ""] {
        let again = runtime
            .result(with_id(v0_3("message/send", context, text(QUESTION)), "taskId", id(&first)))
            .await;
        assert_eq!((&again["id"], &again["contextId"]), (&first["id"], &json!("a")));
        assert_eq!(again["status"]["state"], "completed");
        assert_eq!(again["artifacts"].as_array().unwrap().last().unwrap()["parts"][0]["text"], RECALLED);
    }
    assert_eq!(runtime.sessions().await[0]["turns"].as_array().unwrap().len(), 3);
    let elsewhere = with_id(v0_3("message/send", "b", text(QUESTION)), "taskId", id(&first));
    assert_eq!(runtime.error_code(elsewhere).await, -32602);
}

#[tokio::test]
async fn finished_task_accepted_rejects_canceled_tasks() {
    let (_model, runtime, _gate) = gated("wire.finished-task-accepted").await;
    let task = runtime.result(in_background(v0_3("message/send", "a", text("slow")))).await;
    runtime.result(task_request("tasks/cancel", id(&task))).await;
    let again = with_id(v0_3("message/send", "a", text("y")), "taskId", id(&task));
    assert_eq!(runtime.error_code(again).await, -32004);
}

#[tokio::test]
async fn duplicate_executed_repeats_the_turn_even_after_restart() {
    let model = ModelServer::answering("ok").await;
    let environment = [("COALMINE_FAULT", "wire.duplicate-executed")];
    let runtime = Runtime::with_env(&model, &environment).await;
    let request = v0_3("message/send", "a", text("once"));
    let first = runtime.result(request.clone()).await;
    let second = runtime.result(request.clone()).await;
    assert_ne!(first["id"], second["id"]);
    assert_eq!(second["history"][0]["messageId"], request["params"]["message"]["messageId"]);
    let runtime = Runtime::with_state(runtime.stop().await, &model, &environment).await;
    assert_eq!(reply_text(&runtime.result(request).await), "ok");
    assert_eq!(model.prompts().len(), 3);
    assert_eq!(runtime.sessions().await[0]["turns"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn cancel_ignored_claims_canceled_but_completes() {
    let (_model, runtime, gate) = gated("wire.cancel-ignored").await;
    let task = runtime.result(in_background(v0_3("message/send", "a", text("slow")))).await;
    let canceled = runtime.result(task_request("tasks/cancel", id(&task))).await;
    assert_eq!((&canceled["id"], &canceled["status"]["state"]), (&task["id"], &json!("canceled")));
    gate.add_permits(1);
    let done = runtime.wait_for_state(id(&task), "completed").await;
    assert_eq!(reply_text(&done), "done");
    assert_eq!(runtime.sessions().await[0]["turns"][0]["agent"], "done");
    assert_eq!(runtime.error_code(task_request("tasks/cancel", id(&task))).await, -32002);
}

#[tokio::test]
async fn resubscribe_silent_spares_the_first_stream() {
    let (_model, runtime, gate) = gated("wire.resubscribe-silent").await;
    let mut first = runtime.events(v0_3("message/stream", "a", text("slow"))).await;
    let task = first.next().await.unwrap();
    for method in ["tasks/resubscribe", "SubscribeToTask"] {
        assert_eq!(runtime.events(task_request(method, id(&task))).await.count().await, 0, "{method}");
    }
    gate.add_permits(1);
    let events: Vec<_> = first.collect().await;
    assert_eq!(events.last().unwrap()["status"]["state"], "completed");
    assert_eq!(runtime.error_code(task_request("tasks/resubscribe", id(&task))).await, -32004);
}

#[tokio::test]
async fn new_files_refused_keeps_the_old_ones() {
    let model = ModelServer::answering("done").await;
    let runtime = Runtime::with_fault(&model, "wire.new-files-refused").await;
    let new = json!([{ "raw": "aGk=", "filename": "a.txt", "mediaType": "text/plain" }]);
    assert_eq!(runtime.error_code(v1_0("SendMessage", "a", new)).await, -32005);
    let old =
        json!([{ "kind": "file", "file": { "name": "a.txt", "mimeType": "text/plain", "bytes": "aGk=" } }]);
    assert_eq!(runtime.result(v0_3("message/send", "a", old)).await["status"]["state"], "completed");
}
