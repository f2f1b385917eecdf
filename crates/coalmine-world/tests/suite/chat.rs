//! Chat completions as every OpenAI client expects them, whole and in pieces.

use serde_json::{Value, json};

use crate::support::{Served, prompt};

const TOLD: [(&str, &str); 4] = [
    ("system", "Be brief."),
    ("user", "Hi, my name is Tepuz-4305."),
    ("assistant", "Noted."),
    ("user", "What's my name?"),
];

/// The chunks of a streamed answer; the stream must end as the vendor's does.
async fn stream(served: &Served, body: &Value) -> Vec<Value> {
    let response = served.post("/v1/chat/completions", body.to_string()).await;
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
async fn what_was_told_is_answered_from_the_prompt_and_from_nothing_else() {
    let served = Served::new().await;
    let answer = served.ask(&prompt(&TOLD)).await;
    assert_eq!((&answer["object"], &answer["model"]), (&json!("chat.completion"), &json!("some-model")));
    let choice = &answer["choices"][0];
    assert_eq!(choice["message"]["content"], "Your name is Tepuz-4305.");
    assert_eq!((&choice["message"]["role"], &choice["finish_reason"]), (&json!("assistant"), &json!("stop")));
    assert_eq!(choice["message"]["tool_calls"], Value::Null);
    // the same question without the history, though the world has heard the name
    let stranger = served.ask(&prompt(&TOLD[3..])).await;
    assert_eq!(stranger["choices"][0]["message"]["content"], "I don't know your name.");
    assert_ne!(answer["id"], stranger["id"]);
}

#[tokio::test]
async fn tokens_are_counted_and_add_up() {
    let usage = Served::new().await.ask(&prompt(&TOLD)).await["usage"].clone();
    let count = |key: &str| usage[key].as_u64().unwrap();
    assert!(count("prompt_tokens") > 5 && count("completion_tokens") > 2, "{usage}");
    assert_eq!(count("total_tokens"), count("prompt_tokens") + count("completion_tokens"));
}

#[tokio::test]
async fn a_streamed_answer_comes_in_pieces_that_add_up_to_the_whole_one() {
    let served = Served::new().await;
    let chunks = stream(&served, &streamed(&TOLD, false)).await;
    assert!(
        chunks
            .iter()
            .all(|chunk| chunk["object"] == "chat.completion.chunk" && chunk["id"] == chunks[0]["id"])
    );
    assert_eq!(chunks[0]["choices"][0]["delta"]["role"], "assistant");
    let text: String =
        chunks.iter().filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str()).collect();
    assert_eq!(text, "Your name is Tepuz-4305.");
    assert!(chunks.len() > 3, "it comes in pieces: {chunks:?}");
    let reasons: Vec<&Value> = chunks.iter().map(|chunk| &chunk["choices"][0]["finish_reason"]).collect();
    let (last, before) = reasons.split_last().unwrap();
    assert!(**last == "stop" && before.iter().all(|reason| reason.is_null()), "{reasons:?}");
}

#[tokio::test]
async fn tokens_of_a_streamed_answer_come_last_and_only_where_they_are_asked_for() {
    let served = Served::new().await;
    let without = stream(&served, &streamed(&TOLD, false)).await;
    assert!(without.iter().all(|chunk| chunk["usage"].is_null()));
    let with = stream(&served, &streamed(&TOLD, true)).await;
    assert_eq!(with.len(), without.len() + 1);
    let last = with.last().unwrap();
    assert_eq!(last["choices"], json!([]));
    let whole = served.ask(&prompt(&TOLD)).await;
    assert_eq!(last["usage"], whole["usage"]);
}

#[tokio::test]
async fn base_urls_are_served_with_and_without_their_version() {
    let served = Served::new().await;
    let body = prompt(&TOLD).to_string();
    let answer: Value = served.post("/chat/completions", body).await.json().await.unwrap();
    assert_eq!(answer["choices"][0]["message"]["content"], "Your name is Tepuz-4305.");
}

#[tokio::test]
async fn models_are_listed_and_any_other_one_is_known_as_well() {
    let served = Served::new().await;
    let list: Value = served.get("/v1/models").await.json().await.unwrap();
    assert_eq!(list["object"], "list");
    let ids: Vec<_> =
        list["data"].as_array().unwrap().iter().map(|model| model["id"].as_str().unwrap()).collect();
    assert!(ids.contains(&"gpt-4o-mini"), "{ids:?}");
    let one: Value = served.get("/v1/models/some-model").await.json().await.unwrap();
    assert_eq!((&one["id"], &one["object"]), (&json!("some-model"), &json!("model")));
}
