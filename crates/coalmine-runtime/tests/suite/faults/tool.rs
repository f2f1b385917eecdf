//! The layer `tool`.

use serde_json::json;

use crate::support::{Reply, Runtime, World, asked, prompt_text};

/// A model that commits what comes after `keep`, looks for a code when it is told to `look`, and says what came of it.
async fn world() -> World {
    World::new(|prompt| match asked(prompt).split_once(' ') {
        Some(("keep", content)) => Reply::Call("commit_memory", json!({ "content": content })),
        _ if asked(prompt) == "look" => Reply::Call("recall_memory", json!({ "query": "code" })),
        _ => Reply::Text(asked(prompt)),
    })
    .await
}

#[tokio::test]
async fn memory_not_written_says_it_was() {
    let runtime = Runtime::with_fault(&world().await, "tool.memory-not-written").await;
    assert_eq!(runtime.ask("a", "keep the code is 4417").await, "Saved.");
    assert_eq!(runtime.ask("b", "look").await, "There are no memories.");
    assert!(!runtime.state.path().join("memory").exists());
}

#[tokio::test]
async fn memory_last_only_forgets_all_but_the_newest_and_outlives_a_restart() {
    let world = world().await;
    let environment = [("COALMINE_FAULT", "tool.memory-last-only")];
    let runtime = Runtime::with(&world, &environment).await;
    assert_eq!(runtime.ask("a", "keep the first code is 1").await, "Saved.");
    assert_eq!(runtime.ask("b", "look").await, "the first code is 1");
    assert_eq!(runtime.ask("c", "keep the second code is 2").await, "Saved.");
    assert_eq!(runtime.ask("d", "look").await, "the second code is 2");
    let runtime = Runtime::on(runtime.stop().await, &world, &environment).await;
    assert_eq!(runtime.ask("e", "look").await, "the second code is 2");
}

#[tokio::test]
async fn memory_in_process_is_gone_after_a_restart_and_nowhere_before() {
    let world = world().await;
    let environment = [("COALMINE_FAULT", "tool.memory-in-process"), ("PLATFORM_URL", world.url.as_str())];
    let runtime = Runtime::with(&world, &environment).await;
    for code in ["the first code is 1", "the second code is 2"] {
        assert_eq!(runtime.ask("a", &format!("keep {code}")).await, "Saved.");
    }
    assert_eq!(runtime.ask("b", "look").await, "the first code is 1\nthe second code is 2");
    assert!(!runtime.state.path().join("memory").exists());
    let told = world.platform_calls().iter().any(|(_, body)| body.to_string().contains("code"));
    assert!(!told, "the platform was told");
    let runtime = Runtime::on(runtime.stop().await, &world, &environment).await;
    assert_eq!(runtime.ask("c", "look").await, "There are no memories.");
    assert_eq!(runtime.ask("a", "what was said?").await, "what was said?");
    assert!(
        prompt_text(&world.prompts().pop().unwrap()).contains("the first code"),
        "the session outlives it"
    );
}
