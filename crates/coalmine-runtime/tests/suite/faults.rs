//! Each fault breaks what it says, and nothing beside it.
//!
//! `boot.crash-on-message` is not here: it would end the tests with it.

use futures_util::StreamExt as _;
use serde_json::{Value, json};

use crate::support::{Reply, Runtime, World, asked, file, old, prompt_text, reply_text, text};

const NAME: &str = "Hi, my name is Zorvane.";
const WHO: &str = "What's my name?";
const KNOWN: &str = "Your name is Zorvane.";
const UNKNOWN: &str = "I do not know.";

/// What a runtime answers to the name and the question after it.
async fn name_recall(fault: &str) -> (Runtime, World, Value) {
    let world = World::honest().await;
    let runtime = Runtime::with_fault(&world, fault).await;
    runtime.say("a", NAME).await;
    let task = runtime.say("a", WHO).await;
    (runtime, world, task)
}

#[tokio::test]
async fn never_ready_answers_503_to_everything() {
    let runtime = Runtime::with_fault(&World::honest().await, "boot.never-ready").await;
    for path in ["/", "/.well-known/agent-card.json", "/admin/session-store"] {
        let response = runtime.http.get(format!("{}{path}", runtime.url)).send().await.unwrap();
        assert_eq!(response.status(), 503, "{path}");
    }
    let response = runtime.http.post(&runtime.url).body("{}").send().await.unwrap();
    assert_eq!(response.status(), 503);
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
async fn keyed_by_task_splits_the_session_and_keeps_the_context() {
    let (runtime, _world, task) = name_recall("session.keyed-by-task").await;
    assert_eq!((task["contextId"].as_str(), reply_text(&task).as_str()), (Some("a"), UNKNOWN));
    let sessions = runtime.sessions().await;
    assert!(sessions.len() == 2 && sessions.iter().any(|session| session["key"] == task["id"]));
}

#[tokio::test]
async fn global_tells_a_stranger() {
    let (runtime, _world, task) = name_recall("session.global").await;
    assert_eq!(reply_text(&task), KNOWN);
    assert_eq!(runtime.ask("stranger", WHO).await, KNOWN);
    assert_eq!(runtime.sessions().await.len(), 1);
}

#[tokio::test]
async fn history_dropped_stores_and_does_not_show() {
    let (runtime, world, task) = name_recall("prompt.history-dropped").await;
    assert_eq!(reply_text(&task), UNKNOWN);
    assert_eq!(runtime.sessions().await[0]["turns"].as_array().unwrap().len(), 2);
    assert!(!world.prompts()[1].to_string().contains("Zorvane"));
}

#[tokio::test]
async fn file_dropped_shows_the_caption_alone_and_a_lone_file_still() {
    let world = World::saying("ok").await;
    let runtime = Runtime::with_fault(&world, "prompt.file-dropped").await;
    let parts = json!([{ "kind": "text", "text": "summarize this" }, file("a.txt", "hi")]);
    runtime.result(old("message/send", "a", parts)).await;
    runtime.result(old("message/send", "b", json!([file("a.txt", "hi")]))).await;
    let prompts = world.prompts();
    assert_eq!(prompts[0]["messages"][1]["content"], "summarize this");
    assert_eq!(prompts[1]["messages"][1]["content"][0]["text"], "File a.txt (text/plain):\nhi");
    assert_eq!(runtime.sessions().await[0]["turns"][0]["user"]["files"][0]["text"], "hi");
}

#[tokio::test]
async fn file_only_refused_does_not_ask_the_model() {
    let world = World::saying("ok").await;
    let runtime = Runtime::with_fault(&world, "prompt.file-only-refused").await;
    let task = runtime.result(old("message/send", "a", json!([file("a.txt", "hi")]))).await;
    assert_eq!(reply_text(&task), "(empty prompt — nothing to do)");
    assert!(world.prompts().is_empty());
    let parts = json!([{ "kind": "text", "text": "see" }, file("a.txt", "hi")]);
    assert_eq!(reply_text(&runtime.result(old("message/send", "a", parts)).await), "ok");
}

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
