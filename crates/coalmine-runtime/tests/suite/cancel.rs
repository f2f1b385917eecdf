//! Canceled tasks.

use futures_util::StreamExt as _;
use serde_json::{Value, json};

use crate::support::{
    ModelServer, Reply, Runtime, in_background, last_text, prompt_text, task_request, text, v0_3, v1_0,
    wait_until,
};

async fn slow_model() -> ModelServer {
    ModelServer::new(|prompt| match last_text(prompt).as_str() {
        "slow" => Reply::Hang("tick"),
        _ => Reply::Text("ok".into()),
    })
    .await
}

#[tokio::test]
async fn canceled_task_stays_canceled_and_ends_its_model_call() {
    let model = slow_model().await;
    let runtime = Runtime::start(&model).await;
    runtime.say("c", "before").await;
    let mut events = runtime.events(v0_3("message/stream", "c", text("slow"))).await;
    let id = events.next().await.unwrap()["id"].as_str().unwrap().to_owned();
    while events.next().await.unwrap()["kind"] != "artifact-update" {}
    let canceled = runtime.result(task_request("tasks/cancel", &id)).await;
    assert_eq!((&canceled["kind"], &canceled["status"]["state"]), (&json!("task"), &json!("canceled")));
    let rest: Vec<Value> = events.collect().await;
    assert_eq!(rest.len(), 1, "{rest:?}");
    assert_eq!((&rest[0]["status"]["state"], &rest[0]["final"]), (&json!("canceled"), &json!(true)));
    model.wait_for_hangups(1).await;
    assert_eq!(runtime.error_code(task_request("tasks/cancel", &id)).await, -32002);
    assert_eq!(runtime.error_code(task_request("tasks/resubscribe", &id)).await, -32004);

    assert_eq!(runtime.ask("c", "after").await, "ok");
    assert_eq!(runtime.result(task_request("tasks/get", &id)).await["status"]["state"], "canceled");
    assert!(runtime.sessions().await[0]["turns"][1]["agent"].is_null());
    let prompt = model.prompts().pop().unwrap();
    assert!(prompt_text(&prompt).contains("before") && !prompt_text(&prompt).contains("tick"));
}

#[tokio::test]
async fn blocking_client_gets_the_canceled_task() {
    let model = slow_model().await;
    let runtime = Runtime::start(&model).await;
    let cancel = async {
        let listed = wait_until("the task", async || {
            let list = json!({ "jsonrpc": "2.0", "id": 1, "method": "ListTasks" });
            let tasks = runtime.result(list).await["tasks"].take();
            tasks[0]["id"].as_str().map(str::to_owned)
        });
        runtime.result(task_request("CancelTask", &listed.await)).await
    };
    let send = runtime.result(v1_0("SendMessage", "c", json!([{ "text": "slow" }])));
    let (sent, canceled) = tokio::join!(send, cancel);
    assert_eq!(sent["task"]["status"]["state"], "TASK_STATE_CANCELED");
    assert_eq!(canceled["status"]["state"], "TASK_STATE_CANCELED");
    assert_eq!(canceled["id"], sent["task"]["id"]);
}

#[tokio::test]
async fn cancels_a_queued_task() {
    let model = slow_model().await;
    let runtime = Runtime::start(&model).await;
    let background = |words| in_background(v0_3("message/send", "c", text(words)));
    let first = runtime.result(background("slow")).await["id"].as_str().unwrap().to_owned();
    wait_until("the first turn to begin", async || model.prompts().pop()).await;
    let second = runtime.result(background("never")).await["id"].as_str().unwrap().to_owned();
    runtime.result(task_request("tasks/cancel", &second)).await;
    runtime.result(task_request("tasks/cancel", &first)).await;
    assert_eq!(runtime.ask("c", "third").await, "ok");
    assert!(!prompt_text(&model.prompts().pop().unwrap()).contains("never"));
}
