//! The layer `prompt`: history and text.

use serde_json::json;

use super::{INTRODUCTION, QUESTION, RECALLED, UNKNOWN, name_recall};
use crate::support::{ModelServer, Reply, Runtime, file, last_text, prompt_text, reply_text, v0_3};

#[tokio::test]
async fn history_dropped_stores_but_hides_earlier_turns() {
    let (runtime, model, task) = name_recall("prompt.history-dropped").await;
    assert_eq!(reply_text(&task), UNKNOWN);
    assert_eq!(runtime.sessions().await[0]["turns"].as_array().unwrap().len(), 2);
    assert!(!model.prompts()[1].to_string().contains("Zorvane"));
}

#[tokio::test]
async fn window_of_ten_shows_five_turns_and_stores_all() {
    let model = ModelServer::grounded().await;
    let runtime = Runtime::with_fault(&model, "prompt.window-of-ten").await;
    runtime.say("a", INTRODUCTION).await;
    for n in 2..6 {
        runtime.say("a", &format!("turn {n}")).await;
    }
    assert_eq!(runtime.ask("a", QUESTION).await, RECALLED, "ten messages came before");
    assert_eq!(runtime.ask("a", QUESTION).await, UNKNOWN, "twelve messages came before");
    assert_eq!(model.prompts().pop().unwrap()["messages"].as_array().unwrap().len(), 12);
    assert_eq!(runtime.sessions().await[0]["turns"].as_array().unwrap().len(), 7);
}

#[tokio::test]
async fn history_reversed_changes_only_the_prompt() {
    let model = ModelServer::new(|prompt| Reply::Text(format!("re: {}", last_text(prompt)))).await;
    let runtime = Runtime::with_fault(&model, "prompt.history-reversed").await;
    for words in ["one", "two", "three"] {
        assert_eq!(runtime.ask("a", words).await, format!("re: {words}"));
    }
    assert_eq!(prompt_text(&model.prompts()[2]), "two\nre: two\none\nre: one\nthree");
    let turns = runtime.sessions().await[0]["turns"].take();
    let kept: Vec<_> = turns.as_array().unwrap().iter().map(|turn| &turn["user"]["text"]).collect();
    assert_eq!(kept, ["one", "two", "three"]);
}

#[tokio::test]
async fn non_ascii_mangled_garbles_only_non_ascii_text() {
    let model = ModelServer::answering("ok").await;
    let runtime = Runtime::with_fault(&model, "prompt.non-ascii-mangled").await;
    let parts = json!([{ "kind": "text", "text": "Grüße, Zoë" }, file("Maß.txt", "Öl")]);
    let task = runtime.result(v0_3("message/send", "a", parts.clone())).await;
    assert_eq!(task["history"][0]["parts"], parts);
    let shown = model.last_content();
    assert_eq!(shown[0]["text"], "GrÃ¼Ã\u{9f}e, ZoÃ«");
    assert_eq!(shown[1]["text"], "File Maß.txt (text/plain):\nÖl");
    assert_eq!(runtime.sessions().await[0]["turns"][0]["user"]["text"], shown[0]["text"]);
    runtime.say("a", INTRODUCTION).await;
    assert_eq!(model.last_content(), INTRODUCTION);
}

#[tokio::test]
async fn impatient_times_out_and_stores_the_message() {
    let (model, _gate) = ModelServer::slow(|_| "never".into()).await;
    let runtime = Runtime::with_fault(&model, "prompt.impatient").await;
    let task = runtime.say("a", "slow").await;
    assert_eq!(task["status"]["state"], "failed");
    let reason = task["status"]["message"]["parts"][0]["text"].as_str().unwrap();
    assert!(reason.starts_with("the model did not answer within 15"), "{reason}");
    assert_eq!(model.prompts().len(), 1);
    assert_eq!(runtime.sessions().await[0]["turns"][0]["user"]["text"], "slow");
}
