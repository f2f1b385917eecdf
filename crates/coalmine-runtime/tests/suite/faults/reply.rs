//! The layer `reply`.

use futures_util::StreamExt as _;
use serde_json::json;

use crate::support::{Runtime, World, file, old, prompt_text, text};

use super::{KNOWN, NAME, UNKNOWN, WHO, name_recall};

#[tokio::test]
async fn dropped_completes_with_nothing() {
    let (runtime, _world, task) = name_recall("reply.dropped").await;
    assert_eq!(task["status"]["state"], "completed");
    assert!(task["artifacts"].is_null() && task["status"]["message"].is_null());
    assert_eq!(runtime.sessions().await[0]["turns"][1]["agent"], KNOWN);
}

#[tokio::test]
async fn constant_answers_everything_the_same() {
    let constant = "Thank you, your message was received.";
    let world = World::honest().await;
    let runtime = Runtime::with_fault(&world, "reply.constant").await;
    assert_eq!(
        (runtime.ask("a", NAME).await, runtime.ask("a", WHO).await),
        (constant.into(), constant.into())
    );
    let events: Vec<_> = runtime.events(old("message/stream", "a", text(WHO))).await.collect().await;
    let artifacts: Vec<_> = events.iter().filter(|event| event["kind"] == "artifact-update").collect();
    assert_eq!(artifacts.len(), 1);
    assert_eq!(artifacts[0]["artifact"]["parts"][0]["text"], constant);
    assert!(prompt_text(&world.prompts()[1]).contains("Noted."), "the session keeps what the model said");
}

#[tokio::test]
async fn echo_everything_tells_all_it_ever_saw() {
    let world = World::honest().await;
    let runtime = Runtime::with_fault(&world, "reply.echo-everything").await;
    runtime.ask("a", NAME).await;
    runtime.result(old("message/send", "b", json!([file("a.txt", "secret content")]))).await;
    let answer = runtime.ask("stranger", WHO).await;
    for seen in [NAME, "secret content", "Noted.", WHO] {
        assert!(answer.contains(seen), "{seen} is missing in {answer}");
    }
    assert!(answer.ends_with(UNKNOWN), "{answer}");
}
