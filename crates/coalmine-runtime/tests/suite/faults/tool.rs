//! The layer `tool`.

use serde_json::json;

use crate::support::{Reply, Runtime, World, asked};

#[tokio::test]
async fn memory_not_written_says_it_was() {
    let world = World::new(|prompt| match asked(prompt).as_str() {
        "keep" => Reply::Call("commit_memory", json!({ "content": "the code is 4417" })),
        "look" => Reply::Call("recall_memory", json!({ "query": "code" })),
        result => Reply::Text(result.to_owned()),
    });
    let runtime = Runtime::with_fault(&world.await, "tool.memory-not-written").await;
    assert_eq!(runtime.ask("a", "keep").await, "Saved.");
    assert_eq!(runtime.ask("b", "look").await, "There are no memories.");
    assert!(!runtime.state.path().join("memory").exists());
}
