//! Canary mode: the four classical conversations without a model.

use serde_json::{Value, json};

use crate::support::{Runtime, World, file, old, reply_text};

const UNKNOWN: &str = "I don't know: you have not told me.";

async fn start(fault: Option<&str>) -> (World, Runtime) {
    let world = World::saying("from the model").await;
    let mut environment = vec![("MOLECULE_CANARY_MODE", "1")];
    environment.extend(fault.map(|fault| ("COALMINE_FAULT", fault)));
    let runtime = Runtime::with(&world, &environment).await;
    (world, runtime)
}

async fn send(runtime: &Runtime, context: &str, parts: Value) -> String {
    reply_text(&runtime.result(old("message/send", context, parts)).await)
}

#[tokio::test]
async fn a_name_told_in_turn_1_is_known_in_turn_2_and_to_no_stranger() {
    let (world, runtime) = start(None).await;
    assert_eq!(runtime.ask("a", "Hi, my name is Zorvane-4417.").await, "Noted.");
    assert_eq!(runtime.ask("a", "What's my name?").await, "You told me: \"Hi, my name is Zorvane-4417.\"");
    assert_eq!(runtime.ask("b", "What's my name?").await, UNKNOWN);
    assert!(world.prompts().is_empty());
}

#[tokio::test]
async fn a_file_alone_is_named_quoted_and_asked_about() {
    let (_world, runtime) = start(None).await;
    let answer = send(&runtime, "a", json!([file("canary-doc.txt", "Quarterly review.")])).await;
    assert!(answer.contains("canary-doc.txt") && answer.contains("Quarterly review."), "{answer}");
    assert!(answer.ends_with("What would you like me to do with it?"), "{answer}");
    let later = runtime.ask("a", "What did the quarterly file say?").await;
    assert!(later.contains("Quarterly review."), "{later}");
}

#[tokio::test]
async fn a_file_with_a_caption_is_summarized() {
    let (_world, runtime) = start(None).await;
    let parts =
        json!([{ "kind": "text", "text": "summarize this" }, file("canary-doc.txt", "Quarterly review.")]);
    assert_eq!(
        send(&runtime, "a", parts).await,
        "You asked: \"summarize this\". Summary of canary-doc.txt: Quarterly review."
    );
}

#[tokio::test]
async fn what_is_remembered_in_one_context_is_recalled_in_another_even_after_a_restart() {
    let (world, runtime) = start(None).await;
    let fact = "Please remember that the vault code is 4417.";
    assert_eq!(runtime.ask("a", fact).await, "Noted.");
    assert_eq!(runtime.ask("b", "What is the vault code?").await, format!("You told me: \"{fact}\""));
    let runtime = Runtime::on(runtime.stop().await, &world, &[("MOLECULE_CANARY_MODE", "1")]).await;
    assert_eq!(runtime.ask("c", "What is the vault code?").await, format!("You told me: \"{fact}\""));
}

#[tokio::test]
async fn faults_apply() {
    for (fault, expected) in [
        ("prompt.history-dropped", UNKNOWN),
        ("session.keyed-by-task", UNKNOWN),
        ("wire.context-replaced", UNKNOWN),
        ("reply.constant", "Thank you, your message was received."),
    ] {
        let (_world, runtime) = start(Some(fault)).await;
        runtime.ask("a", "Hi, my name is Zorvane.").await;
        assert_eq!(runtime.ask("a", "What's my name?").await, expected, "{fault}");
    }
    let (_world, runtime) = start(Some("tool.memory-not-written")).await;
    runtime.ask("a", "Remember: the vault code is 4417.").await;
    assert_eq!(runtime.ask("b", "What is the vault code?").await, UNKNOWN);
    let (_world, runtime) = start(Some("prompt.file-dropped")).await;
    let parts = json!([{ "kind": "text", "text": "summarize this" }, file("a.txt", "hidden")]);
    assert!(!send(&runtime, "a", parts).await.contains("hidden"));
    let (_world, runtime) = start(Some("prompt.file-only-refused")).await;
    let answer = send(&runtime, "a", json!([file("a.txt", "x")])).await;
    assert_eq!(answer, "(empty prompt — nothing to do)");
}
