//! Cancelling a task.

use futures_util::StreamExt as _;
use serde_json::{Value, json};

use crate::support::{Reply, Runtime, World, about, asked, in_background, new, old, prompt_text, text};

async fn slow_world() -> World {
    World::new(|prompt| match asked(prompt).as_str() {
        "slow" => Reply::Hang("tick"),
        _ => Reply::Text("ok".into()),
    })
    .await
}

#[tokio::test]
async fn a_canceled_task_stays_canceled_and_its_model_call_ends() {
    let world = slow_world().await;
    let runtime = Runtime::start(&world).await;
    runtime.say("c", "before").await;
    let mut events = runtime.events(old("message/stream", "c", text("slow"))).await;
    let id = events.next().await.unwrap()["id"].as_str().unwrap().to_owned();
    while events.next().await.unwrap()["kind"] != "artifact-update" {}
    let canceled = runtime.result(about("tasks/cancel", &id)).await;
    assert_eq!((&canceled["kind"], &canceled["status"]["state"]), (&json!("task"), &json!("canceled")));
    let rest: Vec<Value> = events.collect().await;
    assert_eq!(rest.len(), 1, "{rest:?}");
    assert_eq!((&rest[0]["status"]["state"], &rest[0]["final"]), (&json!("canceled"), &json!(true)));
    world.abandoned(1).await;
    assert_eq!(runtime.error_code(about("tasks/cancel", &id)).await, -32002);
    assert_eq!(runtime.error_code(about("tasks/resubscribe", &id)).await, -32004);

    assert_eq!(runtime.ask("c", "after").await, "ok");
    assert_eq!(runtime.result(about("tasks/get", &id)).await["status"]["state"], "canceled");
    assert!(runtime.sessions().await[0]["turns"][1]["agent"].is_null());
    let prompt = world.prompts().pop().unwrap();
    assert!(prompt_text(&prompt).contains("before") && !prompt_text(&prompt).contains("tick"));
}

#[tokio::test]
async fn a_blocking_client_hears_of_the_cancellation() {
    let world = slow_world().await;
    let runtime = Runtime::start(&world).await;
    let cancel = async {
        let listed = crate::support::until("the task", async || {
            let list = json!({ "jsonrpc": "2.0", "id": 1, "method": "ListTasks" });
            let tasks = runtime.result(list).await["tasks"].take();
            tasks[0]["id"].as_str().map(str::to_owned)
        });
        runtime.result(about("CancelTask", &listed.await)).await
    };
    let send = runtime.result(new("SendMessage", "c", json!([{ "text": "slow" }])));
    let (sent, canceled) = tokio::join!(send, cancel);
    assert_eq!(sent["task"]["status"]["state"], "TASK_STATE_CANCELED");
    assert_eq!(canceled["status"]["state"], "TASK_STATE_CANCELED");
    assert_eq!(canceled["id"], sent["task"]["id"]);
}

#[tokio::test]
async fn a_task_that_waits_for_its_turn_can_be_canceled() {
    let world = slow_world().await;
    let runtime = Runtime::start(&world).await;
    let background = |words| in_background(old("message/send", "c", text(words)));
    let first = runtime.result(background("slow")).await["id"].as_str().unwrap().to_owned();
    crate::support::until("the first turn to begin", async || world.prompts().pop()).await;
    let second = runtime.result(background("never")).await["id"].as_str().unwrap().to_owned();
    runtime.result(about("tasks/cancel", &second)).await;
    runtime.result(about("tasks/cancel", &first)).await;
    assert_eq!(runtime.ask("c", "third").await, "ok");
    assert!(!prompt_text(&world.prompts().pop().unwrap()).contains("never"));
}
