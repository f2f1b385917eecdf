//! The memory tools.

use futures_util::StreamExt as _;
use serde_json::json;

use crate::support::{ModelServer, Reply, Runtime, last_text, prompt_text, text, v0_3};

/// Starts a model that commits what it is asked to remember, and recalls for everything else.
async fn scripted_model() -> ModelServer {
    ModelServer::new(|prompt| {
        let asked = last_text(prompt);
        let last = prompt["messages"].as_array().and_then(|messages| messages.last());
        if last.is_some_and(|message| message["role"] == "tool") {
            Reply::Text(format!("The tool says: {asked}"))
        } else if asked.starts_with("Remember") {
            Reply::Call("commit_memory", json!({ "content": asked }))
        } else {
            Reply::Call("recall_memory", json!({ "query": "vault code" }))
        }
    })
    .await
}

#[tokio::test]
async fn contexts_share_memories_across_a_restart() {
    let model = scripted_model().await;
    let runtime = Runtime::start(&model).await;
    assert_eq!(runtime.ask("a", "Remember: the vault code is 4417.").await, "The tool says: Saved.");
    let recalled = "The tool says: Remember: the vault code is 4417.";
    assert_eq!(runtime.ask("b", "What is the vault code?").await, recalled);
    let runtime = Runtime::with_state(runtime.stop().await, &model, &[]).await;
    assert_eq!(runtime.ask("c", "What is the vault code?").await, recalled);
    let runtime = Runtime::with_state(runtime.stop().await, &model, &[("WORKSPACE_ID", "other")]).await;
    assert_eq!(runtime.ask("d", "What is the vault code?").await, "The tool says: There are no memories.");
}

#[tokio::test]
async fn tools_work_in_streams() {
    let model = scripted_model().await;
    let runtime = Runtime::start(&model).await;
    let events: Vec<_> =
        runtime.events(v0_3("message/stream", "a", text("Remember: x"))).await.collect().await;
    assert_eq!(events.last().unwrap()["status"]["state"], "completed");
    assert_eq!(runtime.sessions().await[0]["turns"][0]["agent"], "The tool says: Saved.");
    let messages = model.prompts()[1]["messages"].clone();
    assert_eq!(messages[2]["tool_calls"][0]["function"]["name"], "commit_memory");
    assert_eq!(messages[3], json!({ "role": "tool", "tool_call_id": "call-1", "content": "Saved." }));
}

#[tokio::test]
async fn model_gets_errors_of_tool_calls() {
    let model = ModelServer::new(|prompt| match last_text(prompt).as_str() {
        "unknown" => Reply::Call("launch", json!({})),
        "wrong" => Reply::Call("commit_memory", json!({ "text": "x" })),
        _ => Reply::Text(prompt_text(prompt)),
    });
    let runtime = Runtime::start(&model.await).await;
    assert!(runtime.ask("a", "unknown").await.contains("error: unknown tool `launch`"));
    assert!(runtime.ask("b", "wrong").await.contains("error: the argument `content` is missing"));
}

#[tokio::test]
async fn endless_tool_calls_fail_the_turn() {
    let model = ModelServer::new(|_| Reply::Call("recall_memory", json!({ "query": "x" }))).await;
    let runtime = Runtime::start(&model).await;
    let task = runtime.say("c", "x").await;
    assert_eq!(task["status"]["state"], "failed");
    assert_eq!(model.prompts().len(), 9);
}
