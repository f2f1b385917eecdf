//! The layer `reply`.

use futures_util::StreamExt as _;
use serde_json::json;

use super::{INTRODUCTION, QUESTION, RECALLED, UNKNOWN, name_recall};
use crate::support::{
    ModelServer, Reply, Runtime, file, last_text, prompt_text, reply_text, task_request, text, v0_3,
};

#[tokio::test]
async fn dropped_completes_without_an_answer() {
    let (runtime, _model, task) = name_recall("reply.dropped").await;
    assert_eq!(task["status"]["state"], "completed");
    assert!(task["artifacts"].is_null() && task["status"]["message"].is_null());
    assert_eq!(runtime.sessions().await[0]["turns"][1]["agent"], RECALLED);
}

#[tokio::test]
async fn constant_gives_every_message_the_same_answer() {
    let constant = "Thank you, your message was received.";
    let model = ModelServer::grounded().await;
    let runtime = Runtime::with_fault(&model, "reply.constant").await;
    assert_eq!(
        (runtime.ask("a", INTRODUCTION).await, runtime.ask("a", QUESTION).await),
        (constant.into(), constant.into())
    );
    let events: Vec<_> = runtime.events(v0_3("message/stream", "a", text(QUESTION))).await.collect().await;
    let artifacts: Vec<_> = events.iter().filter(|event| event["kind"] == "artifact-update").collect();
    assert_eq!(artifacts.len(), 1);
    assert_eq!(artifacts[0]["artifact"]["parts"][0]["text"], constant);
    assert!(prompt_text(&model.prompts()[1]).contains("Noted."), "the session stores the model's answer");
}

#[tokio::test]
async fn echo_everything_repeats_all_sessions() {
    let model = ModelServer::grounded().await;
    let runtime = Runtime::with_fault(&model, "reply.echo-everything").await;
    runtime.ask("a", INTRODUCTION).await;
    runtime.result(v0_3("message/send", "b", json!([file("a.txt", "secret content")]))).await;
    let answer = runtime.ask("other", QUESTION).await;
    for seen in [INTRODUCTION, "secret content", "Noted.", QUESTION] {
        assert!(answer.contains(seen), "{seen} is missing in {answer}");
    }
    assert!(answer.ends_with(UNKNOWN), "{answer}");
}

#[tokio::test]
async fn stream_truncated_lacks_only_the_last_streamed_piece() {
    // The fake model streams pieces of four characters.
    let answer = "one two three";
    let model = ModelServer::answering(answer).await;
    let runtime = Runtime::with_fault(&model, "reply.stream-truncated").await;
    let events: Vec<_> = runtime.events(v0_3("message/stream", "a", text("go"))).await.collect().await;
    let pieces: Vec<_> =
        events.iter().filter_map(|event| event["artifact"]["parts"][0]["text"].as_str()).collect();
    assert_eq!(pieces, ["one ", "two ", "thre"]);
    assert_eq!(events.last().unwrap()["status"]["state"], "completed");
    let task = runtime.result(task_request("tasks/get", events[0]["id"].as_str().unwrap())).await;
    assert_eq!(reply_text(&task), answer);
    assert_eq!(runtime.sessions().await[0]["turns"][0]["agent"], answer);
    assert_eq!(runtime.ask("a", "sent").await, answer);
}

#[tokio::test]
async fn failure_hidden_completes_if_the_model_fails() {
    let model = ModelServer::new(|prompt| match last_text(prompt).as_str() {
        "refuse" => Reply::Refuse(500),
        "cut" => Reply::Cut("half an ans"),
        _ => Reply::Text(prompt_text(prompt)),
    });
    let runtime = Runtime::with_fault(&model.await, "reply.failure-hidden").await;
    runtime.say("a", INTRODUCTION).await;
    assert_eq!(
        (runtime.ask("a", "refuse").await, runtime.ask("a", "cut").await),
        ("Done.".into(), "Done.".into())
    );
    let events: Vec<_> = runtime.events(v0_3("message/stream", "a", text("cut"))).await.collect().await;
    assert_eq!(events.last().unwrap()["status"]["state"], "completed");
    let task = runtime.result(task_request("tasks/get", events[0]["id"].as_str().unwrap())).await;
    assert_eq!(reply_text(&task), "Done.");
    assert!(runtime.ask("a", QUESTION).await.contains(INTRODUCTION), "later turns still ask the model");
}
