//! The layer `reply`.

use futures_util::StreamExt as _;
use serde_json::json;

use super::{KNOWN, NAME, UNKNOWN, WHO, name_recall};
use crate::support::{Reply, Runtime, World, about, asked, file, old, prompt_text, reply_text, text};

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

#[tokio::test]
async fn stream_truncated_lacks_its_last_piece_and_the_task_does_not() {
    // The model of these tests speaks in pieces of four characters.
    let answer = "one two three";
    let world = World::saying(answer).await;
    let runtime = Runtime::with_fault(&world, "reply.stream-truncated").await;
    let events: Vec<_> = runtime.events(old("message/stream", "a", text("go"))).await.collect().await;
    let pieces: Vec<_> =
        events.iter().filter_map(|event| event["artifact"]["parts"][0]["text"].as_str()).collect();
    assert_eq!(pieces, ["one ", "two ", "thre"]);
    assert_eq!(events.last().unwrap()["status"]["state"], "completed");
    let task = runtime.result(about("tasks/get", events[0]["id"].as_str().unwrap())).await;
    assert_eq!(reply_text(&task), answer);
    assert_eq!(runtime.sessions().await[0]["turns"][0]["agent"], answer);
    assert_eq!(runtime.ask("a", "sent").await, answer);
}

#[tokio::test]
async fn failure_hidden_completes_when_the_model_fails_and_keeps_what_came_before() {
    let world = World::new(|prompt| match asked(prompt).as_str() {
        "refuse" => Reply::Refuse(500),
        "cut" => Reply::Cut("half an ans"),
        _ => Reply::Text(prompt_text(prompt)),
    });
    let runtime = Runtime::with_fault(&world.await, "reply.failure-hidden").await;
    runtime.say("a", NAME).await;
    assert_eq!(
        (runtime.ask("a", "refuse").await, runtime.ask("a", "cut").await),
        ("Done.".into(), "Done.".into())
    );
    let events: Vec<_> = runtime.events(old("message/stream", "a", text("cut"))).await.collect().await;
    assert_eq!(events.last().unwrap()["status"]["state"], "completed");
    let task = runtime.result(about("tasks/get", events[0]["id"].as_str().unwrap())).await;
    assert_eq!(reply_text(&task), "Done.");
    assert!(runtime.ask("a", WHO).await.contains(NAME), "the model is asked as ever");
}
