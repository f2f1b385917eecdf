//! The layer `tool`.

use serde_json::json;

use crate::support::{ModelServer, Reply, Runtime, last_text, prompt_text};

/// Starts a model that commits the text after `keep`, recalls a code for `look`, and repeats the result.
async fn scripted_model() -> ModelServer {
    ModelServer::new(|prompt| match last_text(prompt).split_once(' ') {
        Some(("keep", content)) => Reply::Call("commit_memory", json!({ "content": content })),
        _ if last_text(prompt) == "look" => Reply::Call("recall_memory", json!({ "query": "code" })),
        _ => Reply::Text(last_text(prompt)),
    })
    .await
}

#[tokio::test]
async fn memory_not_written_claims_success() {
    let runtime = Runtime::with_fault(&scripted_model().await, "tool.memory-not-written").await;
    assert_eq!(runtime.ask("a", "keep the code is 4417").await, "Saved.");
    assert_eq!(runtime.ask("b", "look").await, "There are no memories.");
    assert!(!runtime.state.path().join("memory").exists());
}

#[tokio::test]
async fn memory_last_only_keeps_only_the_newest() {
    let model = scripted_model().await;
    let environment = [("COALMINE_FAULT", "tool.memory-last-only")];
    let runtime = Runtime::with_env(&model, &environment).await;
    assert_eq!(runtime.ask("a", "keep the first code is 1").await, "Saved.");
    assert_eq!(runtime.ask("b", "look").await, "the first code is 1");
    assert_eq!(runtime.ask("c", "keep the second code is 2").await, "Saved.");
    assert_eq!(runtime.ask("d", "look").await, "the second code is 2");
    let runtime = Runtime::with_state(runtime.stop().await, &model, &environment).await;
    assert_eq!(runtime.ask("e", "look").await, "the second code is 2");
}

#[tokio::test]
async fn memory_in_process_is_gone_after_restart() {
    let model = scripted_model().await;
    let environment = [("COALMINE_FAULT", "tool.memory-in-process"), ("PLATFORM_URL", model.url.as_str())];
    let runtime = Runtime::with_env(&model, &environment).await;
    for code in ["the first code is 1", "the second code is 2"] {
        assert_eq!(runtime.ask("a", &format!("keep {code}")).await, "Saved.");
    }
    assert_eq!(runtime.ask("b", "look").await, "the first code is 1\nthe second code is 2");
    assert!(!runtime.state.path().join("memory").exists());
    let leaked = model.registry_calls().iter().any(|call| call.body.to_string().contains("code"));
    assert!(!leaked, "the platform must not get memories");
    let runtime = Runtime::with_state(runtime.stop().await, &model, &environment).await;
    assert_eq!(runtime.ask("c", "look").await, "There are no memories.");
    assert_eq!(runtime.ask("a", "what was said?").await, "what was said?");
    assert!(
        prompt_text(&model.prompts().pop().unwrap()).contains("the first code"),
        "the session survives the restart"
    );
}
