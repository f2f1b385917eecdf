//! The layer `wire`.

use std::sync::Arc;

use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::{KNOWN, NAME, UNKNOWN, WHO, name_recall};
use crate::support::{Runtime, World, about, in_background, new, old, reply_text, text, with_id};

fn id(task: &Value) -> &str {
    task["id"].as_str().unwrap()
}

/// A model that answers `slow` when there is a permit, and a runtime with this fault.
async fn gated(fault: &str) -> (World, Runtime, Arc<Semaphore>) {
    let (world, gate) = World::slow(|_| "done".into()).await;
    let runtime = Runtime::with_fault(&world, fault).await;
    (world, runtime, gate)
}

#[tokio::test]
async fn context_replaced_opens_a_new_context_each_time() {
    let (runtime, _world, task) = name_recall("wire.context-replaced").await;
    assert_ne!(task["contextId"], "a");
    assert_eq!(reply_text(&task), UNKNOWN);
    let keys: Vec<_> = runtime.sessions().await.iter().map(|session| session["key"].clone()).collect();
    assert!(keys.len() == 2 && keys.contains(&task["contextId"]), "{keys:?}");
}

#[tokio::test]
async fn context_not_generated_names_none_and_keeps_those_that_were_named() {
    let (runtime, _world, task) = name_recall("wire.context-not-generated").await;
    assert_eq!((task["contextId"].as_str(), reply_text(&task).as_str()), (Some("a"), KNOWN));
    let nameless = runtime.say("", NAME).await;
    assert_eq!(nameless["status"]["state"], "completed");
    assert!(!nameless.to_string().contains("contextId"), "{nameless}");
    let answer = runtime.result(new("SendMessage", "", json!([{ "text": WHO }]))).await;
    assert!(!answer.to_string().contains("contextId"), "{answer}");
    assert_eq!(answer["task"]["artifacts"][0]["parts"][0]["text"], UNKNOWN, "they share no session");
    let events: Vec<_> = runtime.events(old("message/stream", "", text(WHO))).await.collect().await;
    assert!(!json!(events).to_string().contains("contextId"), "{events:?}");
    assert_eq!(runtime.sessions().await.len(), 4);
}

#[tokio::test]
async fn mismatch_accepted_runs_in_the_context_that_was_named() {
    let (runtime, _world, other) = name_recall("wire.mismatch-accepted").await;
    let send = |context: &str, task: &str| with_id(old("message/send", context, text(WHO)), "taskId", task);
    let task = runtime.result(send("b", id(&other))).await;
    assert_eq!((task["contextId"].as_str(), reply_text(&task).as_str()), (Some("b"), UNKNOWN));
    assert_eq!(runtime.error_code(send("a", id(&other))).await, -32004);
    assert_eq!(runtime.error_code(send("a", "unknown")).await, -32001);
}

#[tokio::test]
async fn finished_task_accepted_runs_in_it_again() {
    let world = World::honest().await;
    let runtime = Runtime::with_fault(&world, "wire.finished-task-accepted").await;
    let first = runtime.say("a", NAME).await;
    for context in ["a", ""] {
        let again =
            runtime.result(with_id(old("message/send", context, text(WHO)), "taskId", id(&first))).await;
        assert_eq!((&again["id"], &again["contextId"]), (&first["id"], &json!("a")));
        assert_eq!(again["status"]["state"], "completed");
        assert_eq!(again["artifacts"].as_array().unwrap().last().unwrap()["parts"][0]["text"], KNOWN);
    }
    assert_eq!(runtime.sessions().await[0]["turns"].as_array().unwrap().len(), 3);
    let elsewhere = with_id(old("message/send", "b", text(WHO)), "taskId", id(&first));
    assert_eq!(runtime.error_code(elsewhere).await, -32602);
}

#[tokio::test]
async fn finished_task_accepted_opens_no_canceled_task() {
    let (_world, runtime, _gate) = gated("wire.finished-task-accepted").await;
    let task = runtime.result(in_background(old("message/send", "a", text("slow")))).await;
    runtime.result(about("tasks/cancel", id(&task))).await;
    let again = with_id(old("message/send", "a", text("y")), "taskId", id(&task));
    assert_eq!(runtime.error_code(again).await, -32004);
}

#[tokio::test]
async fn duplicate_executed_takes_the_turn_again_also_after_a_restart() {
    let world = World::saying("ok").await;
    let environment = [("COALMINE_FAULT", "wire.duplicate-executed")];
    let runtime = Runtime::with(&world, &environment).await;
    let request = old("message/send", "a", text("once"));
    let first = runtime.result(request.clone()).await;
    let second = runtime.result(request.clone()).await;
    assert_ne!(first["id"], second["id"]);
    assert_eq!(second["history"][0]["messageId"], request["params"]["message"]["messageId"]);
    let runtime = Runtime::on(runtime.stop().await, &world, &environment).await;
    assert_eq!(reply_text(&runtime.result(request).await), "ok");
    assert_eq!(world.prompts().len(), 3);
    assert_eq!(runtime.sessions().await[0]["turns"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn cancel_ignored_says_canceled_and_completes() {
    let (_world, runtime, gate) = gated("wire.cancel-ignored").await;
    let task = runtime.result(in_background(old("message/send", "a", text("slow")))).await;
    let canceled = runtime.result(about("tasks/cancel", id(&task))).await;
    assert_eq!((&canceled["id"], &canceled["status"]["state"]), (&task["id"], &json!("canceled")));
    gate.add_permits(1);
    let done = runtime.task_in(id(&task), "completed").await;
    assert_eq!(reply_text(&done), "done");
    assert_eq!(runtime.sessions().await[0]["turns"][0]["agent"], "done");
    assert_eq!(runtime.error_code(about("tasks/cancel", id(&task))).await, -32002);
}

#[tokio::test]
async fn resubscribe_silent_ends_at_once_and_the_first_stream_does_not() {
    let (_world, runtime, gate) = gated("wire.resubscribe-silent").await;
    let mut first = runtime.events(old("message/stream", "a", text("slow"))).await;
    let task = first.next().await.unwrap();
    for method in ["tasks/resubscribe", "SubscribeToTask"] {
        assert_eq!(runtime.events(about(method, id(&task))).await.count().await, 0, "{method}");
    }
    gate.add_permits(1);
    let events: Vec<_> = first.collect().await;
    assert_eq!(events.last().unwrap()["status"]["state"], "completed");
    assert_eq!(runtime.error_code(about("tasks/resubscribe", id(&task))).await, -32004);
}
