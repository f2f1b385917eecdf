//! The layer `prompt`.

use serde_json::json;

use crate::support::{Runtime, World, file, old, reply_text};

use super::{UNKNOWN, name_recall};

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
