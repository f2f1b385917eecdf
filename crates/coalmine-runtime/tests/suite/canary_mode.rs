//! Canary mode: the four basic conversations without a model.

use serde_json::{Value, json};

use crate::support::{ModelServer, Runtime, file, reply_text, v0_3};

const UNKNOWN: &str = "I don't know: you have not told me.";

async fn start(fault: Option<&str>) -> (ModelServer, Runtime) {
    let model = ModelServer::answering("from the model").await;
    let mut environment = vec![("MOLECULE_CANARY_MODE", "1")];
    environment.extend(fault.map(|fault| ("COALMINE_FAULT", fault)));
    let runtime = Runtime::with_env(&model, &environment).await;
    (model, runtime)
}

async fn send(runtime: &Runtime, context: &str, parts: Value) -> String {
    reply_text(&runtime.result(v0_3("message/send", context, parts)).await)
}

#[tokio::test]
async fn recalls_a_name_only_in_its_context() {
    let (model, runtime) = start(None).await;
    assert_eq!(runtime.ask("a", "Hi, my name is Zorvane-4417.").await, "Noted.");
    assert_eq!(runtime.ask("a", "What's my name?").await, "You told me: \"Hi, my name is Zorvane-4417.\"");
    assert_eq!(runtime.ask("b", "What's my name?").await, UNKNOWN);
    assert!(model.prompts().is_empty());
}

#[tokio::test]
async fn quotes_a_lone_file_and_asks_what_to_do() {
    let (_model, runtime) = start(None).await;
    let answer = send(&runtime, "a", json!([file("canary-doc.txt", "Quarterly review.")])).await;
    assert!(answer.contains("canary-doc.txt") && answer.contains("Quarterly review."), "{answer}");
    assert!(answer.ends_with("What would you like me to do with it?"), "{answer}");
    let later = runtime.ask("a", "What did the quarterly file say?").await;
    assert!(later.contains("Quarterly review."), "{later}");
}

#[tokio::test]
async fn summarizes_a_file_with_a_caption() {
    let (_model, runtime) = start(None).await;
    let parts =
        json!([{ "kind": "text", "text": "summarize this" }, file("canary-doc.txt", "Quarterly review.")]);
    assert_eq!(
        send(&runtime, "a", parts).await,
        "You asked: \"summarize this\". Summary of canary-doc.txt: Quarterly review."
    );
}

#[tokio::test]
async fn recalls_memories_in_other_contexts_after_restart() {
    let (model, runtime) = start(None).await;
    let fact = "Please remember that the vault code is 4417.";
    assert_eq!(runtime.ask("a", fact).await, "Noted.");
    assert_eq!(runtime.ask("b", "What is the vault code?").await, format!("You told me: \"{fact}\""));
    let runtime = Runtime::with_state(runtime.stop().await, &model, &[("MOLECULE_CANARY_MODE", "1")]).await;
    assert_eq!(runtime.ask("c", "What is the vault code?").await, format!("You told me: \"{fact}\""));
}

#[tokio::test]
async fn faults_apply_in_canary_mode() {
    for (fault, expected) in [
        ("prompt.history-dropped", UNKNOWN),
        ("session.keyed-by-task", UNKNOWN),
        ("wire.context-replaced", UNKNOWN),
        ("reply.constant", "Thank you, your message was received."),
    ] {
        let (_model, runtime) = start(Some(fault)).await;
        runtime.ask("a", "Hi, my name is Zorvane.").await;
        assert_eq!(runtime.ask("a", "What's my name?").await, expected, "{fault}");
    }
    let (_model, runtime) = start(Some("tool.memory-not-written")).await;
    runtime.ask("a", "Remember: the vault code is 4417.").await;
    assert_eq!(runtime.ask("b", "What is the vault code?").await, UNKNOWN);
    let (_model, runtime) = start(Some("prompt.file-dropped")).await;
    let parts = json!([{ "kind": "text", "text": "summarize this" }, file("a.txt", "hidden")]);
    assert!(!send(&runtime, "a", parts).await.contains("hidden"));
    let (_model, runtime) = start(Some("prompt.file-only-refused")).await;
    let answer = send(&runtime, "a", json!([file("a.txt", "x")])).await;
    assert_eq!(answer, "(empty prompt — nothing to do)");
}
