//! Chat completions as every OpenAI client expects them, as one body and as a stream.

use serde_json::{Value, json};

use crate::support::{TestWorld, prompt};

const CONVERSATION: [(&str, &str); 4] = [
    ("system", "Be brief."),
    ("user", "Hi, my name is Tepuz-4305."),
    ("assistant", "Noted."),
    ("user", "What's my name?"),
];

/// Returns the chunks of a streamed answer, and checks that the stream ends as the vendor's does.
async fn stream(world: &TestWorld, body: &Value) -> Vec<Value> {
    let response = world.post("/v1/chat/completions", body.to_string()).await;
    assert_eq!(response.status(), 200);
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/event-stream"));
    let text = response.text().await.unwrap();
    assert!(text.ends_with("\n\n"), "{text:?}");
    let mut events: Vec<&str> =
        text.trim_end().split("\n\n").map(|event| event.strip_prefix("data: ").unwrap()).collect();
    assert_eq!(events.pop(), Some("[DONE]"), "{text}");
    events.into_iter().map(|event| serde_json::from_str(event).unwrap()).collect()
}

fn streamed(messages: &[(&str, &str)], usage: bool) -> Value {
    let mut body = prompt(messages);
    body["stream"] = json!(true);
    if usage {
        body["stream_options"] = json!({ "include_usage": true });
    }
    body
}

#[tokio::test]
async fn answers_from_the_prompt_alone() {
    let world = TestWorld::start().await;
    let answer = world.ask(&prompt(&CONVERSATION)).await;
    assert_eq!((&answer["object"], &answer["model"]), (&json!("chat.completion"), &json!("some-model")));
    let choice = &answer["choices"][0];
    assert_eq!(choice["message"]["content"], "Your name is Tepuz-4305.");
    assert_eq!((&choice["message"]["role"], &choice["finish_reason"]), (&json!("assistant"), &json!("stop")));
    assert_eq!(choice["message"]["tool_calls"], Value::Null);
    // the same question without the history: the world has seen the name, but the prompt has not
    let unrelated = world.ask(&prompt(&CONVERSATION[3..])).await;
    assert_eq!(unrelated["choices"][0]["message"]["content"], "I don't know your name.");
    assert_ne!(answer["id"], unrelated["id"]);
}

#[tokio::test]
async fn counts_tokens() {
    let usage = TestWorld::start().await.ask(&prompt(&CONVERSATION)).await["usage"].clone();
    let count = |key: &str| usage[key].as_u64().unwrap();
    assert!(count("prompt_tokens") > 5 && count("completion_tokens") > 2, "{usage}");
    assert_eq!(count("total_tokens"), count("prompt_tokens") + count("completion_tokens"));
}

#[tokio::test]
async fn stream_adds_up_to_the_answer() {
    let world = TestWorld::start().await;
    let chunks = stream(&world, &streamed(&CONVERSATION, false)).await;
    assert!(
        chunks
            .iter()
            .all(|chunk| chunk["object"] == "chat.completion.chunk" && chunk["id"] == chunks[0]["id"])
    );
    assert_eq!(chunks[0]["choices"][0]["delta"]["role"], "assistant");
    let text: String =
        chunks.iter().filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str()).collect();
    assert_eq!(text, "Your name is Tepuz-4305.");
    assert!(chunks.len() > 3, "the answer is streamed in pieces: {chunks:?}");
    let reasons: Vec<&Value> = chunks.iter().map(|chunk| &chunk["choices"][0]["finish_reason"]).collect();
    let (last, before) = reasons.split_last().unwrap();
    assert!(**last == "stop" && before.iter().all(|reason| reason.is_null()), "{reasons:?}");
}

#[tokio::test]
async fn stream_ends_with_usage_only_on_request() {
    let world = TestWorld::start().await;
    let without = stream(&world, &streamed(&CONVERSATION, false)).await;
    assert!(without.iter().all(|chunk| chunk["usage"].is_null()));
    let with = stream(&world, &streamed(&CONVERSATION, true)).await;
    assert_eq!(with.len(), without.len() + 1);
    let last = with.last().unwrap();
    assert_eq!(last["choices"], json!([]));
    let whole = world.ask(&prompt(&CONVERSATION)).await;
    assert_eq!(last["usage"], whole["usage"]);
}

#[tokio::test]
async fn serves_base_urls_with_and_without_version() {
    let world = TestWorld::start().await;
    let body = prompt(&CONVERSATION).to_string();
    let answer: Value = world.post("/chat/completions", body).await.json().await.unwrap();
    assert_eq!(answer["choices"][0]["message"]["content"], "Your name is Tepuz-4305.");
}

#[tokio::test]
async fn lists_models_and_knows_any_other() {
    let world = TestWorld::start().await;
    let list: Value = world.get("/v1/models").await.json().await.unwrap();
    assert_eq!(list["object"], "list");
    let ids: Vec<_> =
        list["data"].as_array().unwrap().iter().map(|model| model["id"].as_str().unwrap()).collect();
    assert!(ids.contains(&"gpt-4o-mini"), "{ids:?}");
    let one: Value = world.get("/v1/models/some-model").await.json().await.unwrap();
    assert_eq!((&one["id"], &one["object"]), (&json!("some-model"), &json!("model")));
}
