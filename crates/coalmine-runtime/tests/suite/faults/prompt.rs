//! The layer `prompt`: the history and the words.

use serde_json::json;

use super::{KNOWN, NAME, UNKNOWN, WHO, name_recall};
use crate::support::{Reply, Runtime, World, asked, file, old, prompt_text, reply_text};

#[tokio::test]
async fn history_dropped_stores_and_does_not_show() {
    let (runtime, world, task) = name_recall("prompt.history-dropped").await;
    assert_eq!(reply_text(&task), UNKNOWN);
    assert_eq!(runtime.sessions().await[0]["turns"].as_array().unwrap().len(), 2);
    assert!(!world.prompts()[1].to_string().contains("Zorvane"));
}

#[tokio::test]
async fn window_of_ten_shows_five_turns_and_keeps_all() {
    let world = World::honest().await;
    let runtime = Runtime::with_fault(&world, "prompt.window-of-ten").await;
    runtime.say("a", NAME).await;
    for n in 2..6 {
        runtime.say("a", &format!("turn {n}")).await;
    }
    assert_eq!(runtime.ask("a", WHO).await, KNOWN, "ten messages came before");
    assert_eq!(runtime.ask("a", WHO).await, UNKNOWN, "twelve messages came before");
    assert_eq!(world.prompts().pop().unwrap()["messages"].as_array().unwrap().len(), 12);
    assert_eq!(runtime.sessions().await[0]["turns"].as_array().unwrap().len(), 7);
}

#[tokio::test]
async fn history_reversed_shows_the_newest_turn_first_and_keeps_the_order() {
    let world = World::new(|prompt| Reply::Text(format!("re: {}", asked(prompt)))).await;
    let runtime = Runtime::with_fault(&world, "prompt.history-reversed").await;
    for words in ["one", "two", "three"] {
        assert_eq!(runtime.ask("a", words).await, format!("re: {words}"));
    }
    assert_eq!(prompt_text(&world.prompts()[2]), "two\nre: two\none\nre: one\nthree");
    let turns = runtime.sessions().await[0]["turns"].take();
    let kept: Vec<_> = turns.as_array().unwrap().iter().map(|turn| &turn["user"]["text"]).collect();
    assert_eq!(kept, ["one", "two", "three"]);
}

#[tokio::test]
async fn non_ascii_mangled_reads_words_as_latin_1_and_leaves_ascii_alone() {
    let world = World::saying("ok").await;
    let runtime = Runtime::with_fault(&world, "prompt.non-ascii-mangled").await;
    let parts = json!([{ "kind": "text", "text": "Grüße, Zoë" }, file("Maß.txt", "Öl")]);
    let task = runtime.result(old("message/send", "a", parts.clone())).await;
    assert_eq!(task["history"][0]["parts"], parts);
    let shown = world.shown();
    assert_eq!(shown[0]["text"], "GrÃ¼Ã\u{9f}e, ZoÃ«");
    assert_eq!(shown[1]["text"], "File Maß.txt (text/plain):\nÖl");
    assert_eq!(runtime.sessions().await[0]["turns"][0]["user"]["text"], shown[0]["text"]);
    runtime.say("a", NAME).await;
    assert_eq!(world.shown(), NAME);
}

#[tokio::test]
async fn impatient_gives_a_slow_model_up_and_keeps_what_was_said() {
    let (world, _gate) = World::slow(|_| "never".into()).await;
    let runtime = Runtime::with_fault(&world, "prompt.impatient").await;
    let task = runtime.say("a", "slow").await;
    assert_eq!(task["status"]["state"], "failed");
    let reason = task["status"]["message"]["parts"][0]["text"].as_str().unwrap();
    assert!(reason.starts_with("the model did not answer within 15"), "{reason}");
    assert_eq!(world.prompts().len(), 1);
    assert_eq!(runtime.sessions().await[0]["turns"][0]["user"]["text"], "slow");
}
