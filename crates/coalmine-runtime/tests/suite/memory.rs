//! The memory tools.

use futures_util::StreamExt as _;
use serde_json::json;

use crate::support::{Reply, Runtime, World, asked, old, prompt_text, text};

/// A model that commits what it is asked to remember and recalls when it is asked.
async fn world() -> World {
    World::new(|prompt| {
        let asked = asked(prompt);
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
async fn a_memory_is_shared_by_contexts_and_survives_a_restart() {
    let world = world().await;
    let runtime = Runtime::start(&world).await;
    assert_eq!(runtime.ask("a", "Remember: the vault code is 4417.").await, "The tool says: Saved.");
    let recalled = "The tool says: Remember: the vault code is 4417.";
    assert_eq!(runtime.ask("b", "What is the vault code?").await, recalled);
    let runtime = Runtime::on(runtime.stop().await, &world, &[]).await;
    assert_eq!(runtime.ask("c", "What is the vault code?").await, recalled);
    let runtime = Runtime::on(runtime.stop().await, &world, &[("WORKSPACE_ID", "other")]).await;
    assert_eq!(runtime.ask("d", "What is the vault code?").await, "The tool says: There are no memories.");
}

#[tokio::test]
async fn tools_work_in_a_stream_too() {
    let world = world().await;
    let runtime = Runtime::start(&world).await;
    let events: Vec<_> =
        runtime.events(old("message/stream", "a", text("Remember: x"))).await.collect().await;
    assert_eq!(events.last().unwrap()["status"]["state"], "completed");
    assert_eq!(runtime.sessions().await[0]["turns"][0]["agent"], "The tool says: Saved.");
    let messages = world.prompts()[1]["messages"].clone();
    assert_eq!(messages[2]["tool_calls"][0]["function"]["name"], "commit_memory");
    assert_eq!(messages[3], json!({ "role": "tool", "tool_call_id": "call-1", "content": "Saved." }));
}

#[tokio::test]
async fn a_call_that_cannot_be_done_is_told_to_the_model() {
    let world = World::new(|prompt| match asked(prompt).as_str() {
        "unknown" => Reply::Call("launch", json!({})),
        "wrong" => Reply::Call("commit_memory", json!({ "text": "x" })),
        _ => Reply::Text(prompt_text(prompt)),
    });
    let runtime = Runtime::start(&world.await).await;
    assert!(runtime.ask("a", "unknown").await.contains("error: there is no tool `launch`"));
    assert!(runtime.ask("b", "wrong").await.contains("error: the argument `content` is missing"));
}

#[tokio::test]
async fn a_model_that_only_calls_tools_fails_the_turn() {
    let world = World::new(|_| Reply::Call("recall_memory", json!({ "query": "x" }))).await;
    let runtime = Runtime::start(&world).await;
    let task = runtime.say("c", "x").await;
    assert_eq!(task["status"]["state"], "failed");
    assert_eq!(world.prompts().len(), 9);
}
