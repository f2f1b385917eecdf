//! The protocol of older canaries against a runtime in canary mode: they read `/agent-card` and post to
//! `/a2a`.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::Client;
use serde_json::{Value, json};

use crate::support::{Child, Sandbox, within};

/// An older canary's view of a runtime in canary mode.
struct Platform {
    sandbox: Sandbox,
    runtime: Child,
    url: String,
    http: Client,
}

impl Platform {
    async fn new() -> Self {
        // fails if another test of this process has installed it
        let _ = rustls::crypto::ring::default_provider().install_default();
        let sandbox = Sandbox::new();
        let (runtime, url) = sandbox.serve_runtime(&[("MOLECULE_CANARY_MODE", "1")]).await;
        Self { sandbox, runtime, url, http: Client::builder().no_proxy().build().unwrap() }
    }

    /// Restarts the runtime on the same state.
    async fn restarted(self) -> Self {
        let Self { sandbox, runtime, http, .. } = self;
        runtime.signal(nix::sys::signal::Signal::SIGTERM);
        runtime.done().await.code(0);
        let (runtime, url) = sandbox.serve_runtime(&[("MOLECULE_CANARY_MODE", "1")]).await;
        Self { sandbox, runtime, url, http }
    }

    async fn get(&self, path: &str) -> Value {
        let response = within(path, self.http.get(format!("{}{path}", self.url)).send()).await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        response.json().await.unwrap()
    }

    /// Posts the platform's message format to `/a2a`, and returns all text of the answer.
    async fn say(&self, context: &str, parts: Value) -> String {
        let id = format!("canary-{}", &uuid::Uuid::new_v4().simple().to_string()[..12]);
        let envelope = json!({
            "jsonrpc": "2.0", "id": id, "method": "message/send",
            "params": {
                "message": { "role": "user", "messageId": id, "kind": "message", "contextId": context, "parts": parts },
                "configuration": { "acceptedOutputModes": ["text/plain"], "blocking": true },
            },
        });
        let request = self.http.post(format!("{}/a2a", self.url)).body(envelope.to_string());
        let response =
            within("an answer", request.header("content-type", "application/json").send()).await.unwrap();
        assert_eq!(response.status(), 200);
        let answer: Value = response.json().await.unwrap();
        assert_eq!((&answer["id"], answer.get("error")), (&json!(id), None), "{answer}");
        let result = &answer["result"];
        assert_eq!(result["contextId"], context);
        let artifacts = result["artifacts"].as_array().into_iter().flatten();
        let places = artifacts.chain([&result["status"]["message"], result]);
        let parts = places.filter_map(|place| place["parts"].as_array()).flatten();
        let texts: Vec<_> =
            parts.filter(|part| part["kind"] == "text").filter_map(|part| part["text"].as_str()).collect();
        texts.join("\n")
    }
}

fn text(words: &str) -> Value {
    json!({ "kind": "text", "text": words })
}

fn file(name: &str, content: &str) -> Value {
    json!({ "kind": "file", "file": { "name": name, "mimeType": "text/plain", "bytes": STANDARD.encode(content) } })
}

#[track_caller]
fn assert_mentions(answer: &str, any_of: &[&str]) {
    let lower = answer.to_lowercase();
    assert!(
        any_of.iter().any(|word| lower.contains(&word.to_lowercase())),
        "none of {any_of:?} in: {answer}"
    );
    assert!(!lower.contains("empty prompt") && !lower.contains("nothing to do"), "{answer}");
}

#[tokio::test]
async fn card_is_at_the_legacy_path() {
    let platform = Platform::new().await;
    let card = platform.get("/agent-card").await;
    assert!(
        card["name"].is_string() && card["url"].is_string() && card["capabilities"].is_object(),
        "{card}"
    );
    assert_eq!(card, platform.get("/.well-known/agent-card.json").await);
}

#[tokio::test]
async fn name_is_recalled_only_in_its_context() {
    let platform = Platform::new().await;
    platform.say("c1", json!([text("Hi, my name is Hongming.")])).await;
    assert_mentions(&platform.say("c1", json!([text("What's my name?")])).await, &["Hongming"]);
    let stranger = platform.say("c2", json!([text("What's my name?")])).await;
    assert!(!stranger.contains("Hongming"), "{stranger}");
}

#[tokio::test]
async fn file_alone_is_acknowledged() {
    let platform = Platform::new().await;
    let answer = platform.say("c1", json!([file("canary-doc.txt", "Quarterly review.")])).await;
    assert_mentions(&answer, &["canary-doc.txt", "file", "document", "attachment"]);
}

#[tokio::test]
async fn file_and_caption_are_both_acknowledged() {
    let platform = Platform::new().await;
    let document = file("canary-doc.txt", "Quarterly review. Revenue is 4417.");
    for (context, parts) in [
        ("text-first", json!([text("summarize this"), document])),
        ("file-first", json!([document, text("summarize this")])),
    ] {
        let answer = platform.say(context, parts).await;
        assert_mentions(&answer, &["summar"]);
        assert_mentions(&answer, &["canary-doc.txt", "4417", "document"]);
    }
}

#[tokio::test]
async fn memory_survives_contexts_and_restarts() {
    let platform = Platform::new().await;
    platform.say("c1", json!([text("Please remember that my favourite colour is teal.")])).await;
    assert_mentions(&platform.say("c2", json!([text("What is my favourite colour?")])).await, &["teal"]);
    let platform = platform.restarted().await;
    assert_mentions(&platform.say("c3", json!([text("What is my favourite colour?")])).await, &["teal"]);
}

#[tokio::test]
async fn session_store_contains_each_context_once() {
    let platform = Platform::new().await;
    for (context, words) in
        [("c1", "The first checkpoint is one."), ("c2", "Elsewhere."), ("c1", "The second is two.")]
    {
        platform.say(context, json!([text(words)])).await;
    }
    let store = platform.get("/admin/session-store").await;
    let sessions = store["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 2, "{store}");
    let first = sessions.iter().find(|session| session["key"] == "c1").unwrap().to_string();
    assert!(
        first.contains("The first checkpoint is one.") && first.contains("The second is two."),
        "{first}"
    );
    assert!(!first.contains("Elsewhere."), "{first}");
}
