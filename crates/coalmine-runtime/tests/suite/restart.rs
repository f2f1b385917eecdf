//! The state that survives a restart.

use serde_json::json;

use crate::support::{ModelServer, Reply, Runtime, file, reply_text, text, v0_3, wait_until};

#[tokio::test]
async fn sessions_and_files_survive_a_restart() {
    let model = ModelServer::grounded().await;
    let runtime = Runtime::start(&model).await;
    runtime.say("c", "Hi, my name is Zorvane.").await;
    let with_file = json!([{ "kind": "text", "text": "keep this" }, file("a.txt", "the content")]);
    runtime.result(v0_3("message/send", "c", with_file)).await;
    let runtime = Runtime::with_state(runtime.stop().await, &model, &[]).await;
    assert_eq!(runtime.ask("c", "What's my name?").await, "Your name is Zorvane.");
    let prompt = model.prompts().pop().unwrap();
    assert_eq!(prompt["messages"][3]["content"][1]["text"], "File a.txt (text/plain):\nthe content");
}

#[tokio::test]
async fn repeated_message_after_restart_gets_the_stored_answer() {
    let model = ModelServer::answering("the first answer").await;
    let runtime = Runtime::start(&model).await;
    let request = v0_3("message/send", "c", text("x"));
    runtime.result(request.clone()).await;
    let runtime = Runtime::with_state(runtime.stop().await, &model, &[]).await;
    assert_eq!(reply_text(&runtime.result(request).await), "the first answer");
    assert_eq!(model.prompts().len(), 1);
    assert_eq!(runtime.sessions().await[0]["turns"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn shutdown_fails_the_turn_and_keeps_its_message() {
    let model = ModelServer::new(|prompt| match prompt["messages"].as_array().map(Vec::len) {
        Some(2) => Reply::Hang("tick"),
        _ => Reply::Text("ok".into()),
    });
    let model = model.await;
    let runtime = Runtime::start(&model).await;
    let request = runtime.http.post(&runtime.url).json(&v0_3("message/send", "c", text("slow")));
    let sending = tokio::spawn(async move { request.send().await?.json::<serde_json::Value>().await });
    wait_until("the turn to begin", async || model.prompts().pop()).await;
    let state = runtime.stop().await;
    let task = sending.await.unwrap().unwrap()["result"].take();
    assert_eq!(task["status"]["state"], "failed");
    assert_eq!(task["status"]["message"]["parts"][0]["text"], "the runtime is shutting down");
    let runtime = Runtime::with_state(state, &model, &[]).await;
    assert_eq!(runtime.ask("c", "again").await, "ok");
    assert_eq!(model.prompts().pop().unwrap()["messages"][1]["content"], "slow");
}
